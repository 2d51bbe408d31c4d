import { groupCount, groupedSize, groupsOf } from "../graph/groups.ts";
import type { FloatGraph } from "../graph/graph.ts";
import type { Curve, FloatLayer, FloatOnlyLayer, Origin, SoftmaxLayer, ValueId } from "../graph/layer.ts";
import { buildMatrix } from "../graph/matrix.ts";
import { rewire } from "./rewire.ts";

/** A graph without macro layers. */
export type ExpandedLayer = Exclude<FloatLayer, FloatOnlyLayer<"softmax">>;

/** The largest is taken off first, so nothing is above 0; what the integers cannot tell from 0 is clamped. */
const EXPONENTIAL: Curve = { name: "Exp(min(x, 0))", of: (x) => Math.exp(Math.min(x, 0)) };
/** The largest element contributes 1, so no sum is below it. */
const RECIPROCAL: Curve = { name: "1 / max(x, 1)", of: (x) => 1 / Math.max(x, 1) };
const LOGARITHM: Curve = { name: "Log(max(x, 1))", of: (x) => Math.log(Math.max(x, 1)) };

/**
 * Writes each softmax in layers that have circuits: exp(x - largest), their sum, its reciprocal and a product for each
 * element; its logarithm as x - largest - log(sum).
 */
export function expandSoftmax(graph: FloatGraph): FloatGraph<ExpandedLayer> {
  const first = graph.inputs.length;
  const layers: ExpandedLayer[] = [];
  const origins: Origin[] = [];
  const moved = new Map<ValueId, ValueId>(graph.inputs.map((_, id) => [id, id]));
  const move = (id: ValueId): ValueId => moved.get(id) ?? id;
  graph.layers.forEach((layer, index) => {
    const origin = graph.origins[index] ?? { nodes: [], ops: [], shape: [] };
    const append = (part: ExpandedLayer): ValueId => {
      layers.push(Object.freeze(part));
      origins.push(origin);
      return first + layers.length - 1;
    };
    const placed =
      layer.kind === "softmax" ? expand(layer, move(layer.inputs[0]), append) : append(rewire(layer, move));
    moved.set(first + index, placed);
  });
  const outputs = graph.outputs.map((output) => Object.freeze({ ...output, value: move(output.value) }));
  return Object.freeze({ inputs: graph.inputs, layers, origins, outputs });
}

function expand(layer: SoftmaxLayer, input: ValueId, append: (part: ExpandedLayer) => ValueId): ValueId {
  const { outer, classes, inner, log } = layer;
  const [size, groups] = [groupedSize(layer), groupCount(layer)];
  const groupOf = new Int32Array(size);
  groupsOf(layer).forEach((elements, group) => {
    for (const at of elements) groupOf[at] = group;
  });
  /** Each element of `value` less its group's of `shared`. */
  const less = (value: ValueId, shared: ValueId): ValueId => {
    const matrix = buildMatrix(size, size + groups, (row, add) => {
      add(row, 1);
      add(size + (groupOf[row] ?? 0), -1);
    });
    return append({ kind: "linear", inputs: [value, shared], matrix, bias: new Float64Array(size) });
  };
  const largest = append({ kind: "max", inputs: [input], outer, classes, inner });
  const distance = less(input, largest);
  const exponentials = append({ kind: "curve", inputs: [distance], size, curve: EXPONENTIAL });
  const members = groupsOf(layer);
  const matrix = buildMatrix(groups, size, (row, add) => {
    for (const at of members[row] ?? []) add(at, 1);
  });
  const sum = append({ kind: "linear", inputs: [exponentials], matrix, bias: new Float64Array(groups) });
  if (log) return less(distance, append({ kind: "curve", inputs: [sum], size: groups, curve: LOGARITHM }));
  const share = append({ kind: "curve", inputs: [sum], size: groups, curve: RECIPROCAL });
  const left = Int32Array.from({ length: size }, (_, at) => at);
  return append({ kind: "product", inputs: [exponentials, share], left, right: groupOf });
}
