import type { NamedTensorSpec } from "../../format/manifest.ts";
import { elementCount, elementRange } from "../../format/tensor.ts";
import type { FloatGraph } from "../graph/graph.ts";
import type { FloatLayer, LinearLayer, Origin, TreesLayer, ValueId } from "../graph/layer.ts";
import { buildMatrix, forEachEntry } from "../graph/matrix.ts";
import { columnOwners } from "../layers/linear.ts";
import { layerSize } from "../layers/table.ts";
import { withoutPairs } from "./place-trees.ts";
import { rewire } from "./rewire.ts";

/** What a tree compares, as a function of an integer of one input element, in the float32 steps of the model. */
interface Reading {
  readonly input: number;
  readonly element: number;
  readonly rises: boolean;
  readonly of: (integer: number) => number;
}

const LARGEST = Number.MAX_SAFE_INTEGER;

/**
 * Lets trees look through whatever scales the inputs in front of them, each element on its own: their edges become the
 * integers at which a float32 comparison changes, found by bisection because every step is monotone. So a path is the
 * one that ONNX Runtime takes for integer / 10^decimals as a float32, ties and rounding included. Trees on anything
 * else stay as they are. `graph` has its decimals folded.
 */
export function absorbScaling(graph: FloatGraph, specs: readonly NamedTensorSpec[]): FloatGraph {
  if (graph.layers.every(({ kind }) => kind !== "trees")) return graph;
  const first = graph.inputs.length;
  const layers: FloatLayer[] = [];
  const origins: Origin[] = [];
  const moved = new Map<ValueId, ValueId>(graph.inputs.map((_, id) => [id, id]));
  const append = (layer: FloatLayer, origin: Origin): ValueId => {
    layers.push(Object.freeze(layer));
    origins.push(origin);
    return first + layers.length - 1;
  };
  graph.layers.forEach((layer, index) => {
    const origin = graph.origins[index] ?? { nodes: [], ops: [], shape: [] };
    const bare = layer.kind === "trees" ? absorb(layer, graph, specs) : undefined;
    if (bare === undefined) {
      moved.set(
        first + index,
        append(
          rewire(layer, (id) => moved.get(id) ?? id),
          origin,
        ),
      );
      return;
    }
    const chosen = append(bare.chosen, { ...origin, shape: [bare.chosen.matrix.rows] });
    moved.set(first + index, append({ ...bare.trees, inputs: [chosen] }, origin));
  });
  const outputs = graph.outputs.map((output) =>
    Object.freeze({ ...output, value: moved.get(output.value) ?? output.value }),
  );
  return Object.freeze({ inputs: graph.inputs, layers, origins, outputs });
}

/** The elements that the trees test, straight from the inputs, and the trees over their integers. */
function absorb(
  layer: TreesLayer & { readonly kind: "trees" },
  graph: FloatGraph,
  specs: readonly NamedTensorSpec[],
):
  | {
      readonly chosen: LinearLayer & { readonly kind: "linear" };
      readonly trees: TreesLayer & { readonly kind: "trees" };
    }
  | undefined {
  const tested = [...new Set(layer.tests.map(({ element }) => element))].sort((a, b) => a - b);
  const readings = tested.map((element) => trace(layer.inputs[0], element, graph, specs));
  const found = readings.flatMap((reading) => reading ?? []);
  if (found.length < tested.length || found.length === 0) return undefined;
  const starts: number[] = [];
  const columns = specs.reduce((start, spec) => {
    starts.push(start);
    return start + elementCount(spec);
  }, 0);
  const matrix = buildMatrix(found.length, columns, (row, add) => {
    const { input, element } = found[row] ?? { input: 0, element: 0 };
    add((starts[input] ?? 0) + element, 1);
  });
  const negated = new Set<number>();
  const tests = layer.tests.map(({ element, edges }, at) => {
    const place = tested.indexOf(element);
    const reading = found[place];
    const spec = specs[reading?.input ?? -1];
    if (reading === undefined || spec === undefined) throw new RangeError(`element ${element} is not read`);
    if (!reading.rises && edges.length % 2 === 1) negated.add(at);
    const { min, max } = elementRange(spec);
    const [lo, hi] = [Math.max(Number(min), -LARGEST), Math.min(Number(max), LARGEST)];
    const integers = edges.map((edge) => turningPoint((z) => reading.of(z) >= edge === reading.rises, lo, hi));
    const ascending = integers.filter((z) => z <= hi).sort((a, b) => a - b);
    return { element: place, edges: withoutPairs(ascending) };
  });
  const nodes = layer.nodes.map((node) =>
    negated.has(node.test) ? { test: node.test, low: node.high, high: node.low } : node,
  );
  const inputs = specs.map((_, id) => id);
  return {
    chosen: { kind: "linear", inputs, matrix, bias: new Float64Array(found.length) },
    trees: { ...layer, size: found.length, tests, nodes },
  };
}

/** The least integer in [lo, hi] for which `holds`, which holds from some point on; hi + 1 if for none. */
function turningPoint(holds: (z: number) => boolean, lo: number, hi: number): number {
  let [low, high] = [lo, hi + 1];
  while (low < high) {
    const middle = low + Math.floor((high - low) / 2);
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Undefined if an element is made of several, or of none, or by more than scaling. */
function trace(
  value: ValueId,
  element: number,
  graph: FloatGraph,
  specs: readonly NamedTensorSpec[],
): Reading | undefined {
  if (value < graph.inputs.length) return { input: value, element, rises: true, of: Math.fround };
  const layer = graph.layers[value - graph.inputs.length];
  if (layer?.kind !== "linear") return undefined;
  const entries: (readonly [column: number, weight: number])[] = [];
  forEachEntry(layer.matrix, element, (column, weight) => entries.push([column, weight]));
  const [only] = entries;
  if (only === undefined || entries.length > 1) return undefined;
  const [column, weight] = only;
  const bias = layer.bias[element] ?? 0;
  const sizes = layer.inputs.map((id) => sizeOf(id, graph, specs));
  const from = columnOwners(sizes)(column);
  const source = layer.inputs[from.input] ?? 0;
  const decimals = specs[source]?.decimals ?? 0;
  if (source < graph.inputs.length && decimals > 0 && bias === 0 && weight === 10 ** -decimals)
    return { input: source, element: from.element, rises: true, of: (z) => Math.fround(z / 10 ** decimals) };
  const before = trace(source, from.element, graph, specs);
  if (before === undefined) return undefined;
  const step = float32Step(weight, bias);
  return { ...before, rises: before.rises === weight > 0, of: (z) => step(before.of(z)) };
}

/** One operation of the model on a float32: a layer that is not fused yet holds a single one. */
function float32Step(weight: number, bias: number): (x: number) => number {
  if (weight === 1 && bias === 0) return (x) => x;
  if (weight === 1) return (x) => Math.fround(x + Math.fround(bias));
  if (bias !== 0) return (x) => Math.fround(Math.fround(x * Math.fround(weight)) + Math.fround(bias));
  const divisor = Math.fround(1 / weight);
  if (Math.fround(weight) !== weight && 1 / divisor === weight) return (x) => Math.fround(x / divisor);
  return (x) => Math.fround(x * Math.fround(weight));
}

function sizeOf(id: ValueId, graph: FloatGraph, specs: readonly NamedTensorSpec[]): number {
  const layer = graph.layers[id - graph.inputs.length];
  if (layer !== undefined) return layerSize(layer);
  const spec = specs[id];
  return spec === undefined ? 0 : elementCount(spec);
}
