import type { FloatGraph } from "../graph/graph.ts";
import { groupsOf } from "../graph/groups.ts";
import type { MaxLayer, ValueId } from "../graph/layer.ts";
import type { ExpandedLayer } from "./expand-softmax.ts";

/** Maxima of maxima, as pooling along one axis after another has them. */
export interface MaxChain {
  /** From the first one computed to the last. */
  readonly chain: readonly MaxLayer[];
  /** What the first one takes; undefined for a graph input. */
  readonly source: ExpandedLayer | undefined;
  /** For each result, the elements of the source that it is the largest of. */
  readonly groups: readonly (readonly number[])[];
}

export function maxChain(last: MaxLayer, find: (id: ValueId) => ExpandedLayer | undefined): MaxChain {
  const source = find(last.inputs[0]);
  if (source?.kind !== "max") return { chain: [last], source, groups: groupsOf(last) };
  const before = maxChain(source, find);
  return {
    chain: [...before.chain, last],
    source: before.source,
    groups: groupsOf(last).map((group) => group.flatMap((at) => before.groups[at] ?? [])),
  };
}

/** The maxima that nothing takes but what quantizes them, and other such maxima. */
export function quantizedMaxima(graph: FloatGraph<ExpandedLayer>): ReadonlySet<ValueId> {
  const first = graph.inputs.length;
  const found = new Set<ValueId>();
  const needed = new Set(graph.outputs.map(({ value }) => value));
  graph.layers.toReversed().forEach((layer, back) => {
    const id = first + graph.layers.length - 1 - back;
    if (layer.kind === "max" && !needed.has(id)) found.add(id);
    if (layer.kind !== "quantize" && !found.has(id)) layer.inputs.forEach((input) => needed.add(input));
  });
  return found;
}
