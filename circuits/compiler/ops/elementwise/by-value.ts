import { broadcastPositions } from "../../build/broadcast.ts";
import type { GraphBuilder } from "../../build/graph-builder.ts";
import { sizeOf, type Tensor } from "../../build/tensor.ts";

/**
 * Elements that share a known number are worked on together: `apply` gets those of `tensor` where `key` has a value, as
 * one dimension. The result has the given shape, over which both are broadcast.
 */
export function byValue(
  graph: GraphBuilder,
  tensor: Tensor,
  key: Tensor & { readonly known: Float64Array },
  shape: readonly number[],
  apply: (elements: Tensor, value: number) => Tensor,
): Tensor {
  const [from, keys] = [broadcastPositions(tensor.shape, shape), broadcastPositions(key.shape, shape)];
  const members = new Map<number, number[]>();
  keys.forEach((at, element) => {
    const value = key.known[at] ?? 0;
    const group = members.get(value);
    if (group === undefined) members.set(value, [element]);
    else group.push(element);
  });
  const back = new Int32Array(sizeOf(shape));
  let placed = 0;
  const parts = [...members].map(([value, elements]) => {
    elements.forEach((element) => {
      back[element] = placed++;
    });
    return apply(
      graph.take(
        [tensor],
        [elements.length],
        elements.map((element) => from[element] ?? 0),
      ),
      value,
    );
  });
  return graph.take(parts, shape, back);
}
