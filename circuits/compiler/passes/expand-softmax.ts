import { groupedSize, groupsOf } from "../graph/groups.ts";
import type { FloatGraph } from "../graph/graph.ts";
import type { Curve, FloatLayer, FloatOnlyLayer, LinearLayer, Origin, SoftmaxLayer, ValueId } from "../graph/layer.ts";
import { buildMatrix, forEachEntry } from "../graph/matrix.ts";
import { sizeOf } from "../build/tensor.ts";
import { columnOwners } from "../layers/linear.ts";
import { layerSize } from "../layers/table.ts";
import { rewire } from "./rewire.ts";

/** A graph without macro layers. */
export type ExpandedLayer = Exclude<FloatLayer, FloatOnlyLayer<"softmax">>;

/** The largest is taken off first, so nothing is above 0; what the integers cannot tell from 0 is clamped. */
const EXPONENTIAL: Curve = { name: "Exp(min(x, 0))", of: (x) => Math.exp(Math.min(x, 0)) };
/** The largest element contributes 1, so no sum is below it. */
const RECIPROCAL: Curve = { name: "1 / max(x, 1)", of: (x) => 1 / Math.max(x, 1) };
const LOGARITHM: Curve = { name: "Log(max(x, 1))", of: (x) => Math.log(Math.max(x, 1)) };

/** How far below another element of its group a constant puts what a mask hides: more than any scores differ. */
const MASKED = 9000;

/**
 * Writes each softmax in layers that have circuits: exp(x - largest), their sum, its reciprocal and a product for each
 * element; its logarithm as x - largest - log(sum). What a known mask hides is left out of its group and costs nothing.
 */
export function expandSoftmax(graph: FloatGraph): FloatGraph<ExpandedLayer> {
  const first = graph.inputs.length;
  const layers: ExpandedLayer[] = [];
  const origins: Origin[] = [];
  const moved = new Map<ValueId, ValueId>(graph.inputs.map((_, id) => [id, id]));
  const move = (id: ValueId): ValueId => moved.get(id) ?? id;
  const offsets = new KnownOffsets(graph);
  graph.layers.forEach((layer, index) => {
    const origin = graph.origins[index] ?? { nodes: [], ops: [], shape: [] };
    const append = (part: ExpandedLayer): ValueId => {
      layers.push(Object.freeze(part));
      origins.push(origin);
      return first + layers.length - 1;
    };
    const placed =
      layer.kind === "softmax"
        ? expand(layer, move(layer.inputs[0]), offsets.of(layer.inputs[0]), append)
        : append(rewire(layer, move));
    moved.set(first + index, placed);
  });
  const outputs = graph.outputs.map((output) => Object.freeze({ ...output, value: move(output.value) }));
  return Object.freeze({ inputs: graph.inputs, layers, origins, outputs });
}

/** What linear layers add to each element of a value, whatever the inputs; undefined if no linear layer makes it. */
class KnownOffsets {
  readonly #graph: FloatGraph;
  readonly #found = new Map<ValueId, Float64Array | undefined>();

  constructor(graph: FloatGraph) {
    this.#graph = graph;
  }

  of(id: ValueId): Float64Array | undefined {
    if (!this.#found.has(id)) this.#found.set(id, this.#find(id));
    return this.#found.get(id);
  }

  #find(id: ValueId): Float64Array | undefined {
    const layer = this.#layer(id);
    if (layer?.kind !== "linear") return undefined;
    const offsets = Float64Array.from(layer.bias);
    const parts = layer.inputs.map((input) => this.of(input));
    if (parts.every((part) => part === undefined)) return offsets;
    const owner = columnOwners(layer.inputs.map((input) => this.#size(input)));
    for (let row = 0; row < layer.matrix.rows; row++)
      forEachEntry(layer.matrix, row, (column, weight) => {
        const { input, element } = owner(column);
        // A computed mask: the input itself makes up for what its offset would hide.
        if (Math.abs(weight) >= MASKED / 2) return;
        offsets[row] = (offsets[row] ?? 0) + weight * (parts[input]?.[element] ?? 0);
      });
    return offsets;
  }

  #size(id: ValueId): number {
    const layer = this.#layer(id);
    return layer === undefined ? sizeOf(this.#graph.inputs[id]?.shape ?? []) : layerSize(layer);
  }

  #layer(id: ValueId): FloatLayer | undefined {
    return this.#graph.layers[id - this.#graph.inputs.length];
  }
}

function visibleOf(group: readonly number[], offsets: Float64Array | undefined): readonly number[] {
  if (offsets === undefined) return group;
  const highest = group.reduce((most, at) => Math.max(most, offsets[at] ?? 0), -Infinity);
  return group.filter((at) => highest - (offsets[at] ?? 0) < MASKED);
}

function expand(
  layer: SoftmaxLayer,
  input: ValueId,
  offsets: Float64Array | undefined,
  append: (part: ExpandedLayer) => ValueId,
): ValueId {
  const size = groupedSize(layer);
  const visible = groupsOf(layer).map((group) => visibleOf(group, offsets));
  /** Of the elements that nothing hides, side by side: where they come from, and their groups. */
  const from = visible.flat();
  const groupOf = Int32Array.from(visible.flatMap((group, index) => group.map(() => index)));
  const [count, groups] = [from.length, visible.length];
  const starts = visible.map((_, index) => groupOf.indexOf(index));
  const pick = (value: ValueId, elements: readonly number[]): ValueId =>
    append(lineOf([value], elements.length, size, (row, add) => add(elements[row] ?? 0, 1)));
  /** Each element less its group's. */
  const less = (value: ValueId, shared: ValueId): ValueId =>
    append(
      lineOf([value, shared], count, count + groups, (row, add) => {
        add(row, 1);
        add(count + (groupOf[row] ?? 0), -1);
      }),
    );
  const packed = from.every((at, index) => at === index) && count === size ? input : pick(input, from);
  const longest = Math.max(...visible.map((group) => group.length));
  // Elements that are there twice change no maximum and cost nothing.
  const filled = visible.flatMap((group) => Array.from({ length: longest }, (_, at) => group[at] ?? group[0] ?? 0));
  const compared = filled.length === count ? packed : pick(input, filled);
  const largest = append({ kind: "max", inputs: [compared], outer: groups, classes: longest, inner: 1 });
  const distance = less(packed, largest);
  const exponentials = append({ kind: "curve", inputs: [distance], size: count, curve: EXPONENTIAL });
  const sum = append(
    lineOf([exponentials], groups, count, (row, add) => {
      for (let at = starts[row] ?? 0; at < (starts[row + 1] ?? count); at++) add(at, 1);
    }),
  );
  const own = Int32Array.from({ length: count }, (_, at) => at);
  const result = layer.log
    ? less(distance, append({ kind: "curve", inputs: [sum], size: groups, curve: LOGARITHM }))
    : append({
        kind: "product",
        inputs: [exponentials, append({ kind: "curve", inputs: [sum], size: groups, curve: RECIPROCAL })],
        left: own,
        right: groupOf,
      });
  if (packed === input) return result;
  const place = new Map(from.map((at, index) => [at, index]));
  const hidden = layer.log ? -MASKED : 0;
  const bias = Float64Array.from({ length: size }, (_, at) => (place.has(at) ? 0 : hidden));
  const back = lineOf([result], size, count, (row, add) => {
    const at = place.get(row);
    if (at !== undefined) add(at, 1);
  });
  return append({ ...back, bias });
}

function lineOf(
  inputs: readonly ValueId[],
  rows: number,
  columns: number,
  fill: (row: number, add: (column: number, weight: number) => void) => void,
): LinearLayer {
  return { kind: "linear", inputs, matrix: buildMatrix(rows, columns, fill), bias: new Float64Array(rows) };
}
