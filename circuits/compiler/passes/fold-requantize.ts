import type { FloatGraph } from "../graph/graph.ts";
import { groupsOf } from "../graph/groups.ts";
import type { FloatOnlyLayer, LinearLayer, Origin, ValueId } from "../graph/layer.ts";
import { buildMatrix, identityMatrix, mapEntries } from "../graph/matrix.ts";
import type { ExpandedLayer } from "./expand-softmax.ts";
import { fuse } from "./fuse.ts";
import { rewire } from "./rewire.ts";

type QuantizeOnly = FloatOnlyLayer<"quantize">;

interface Made {
  readonly layer: ExpandedLayer;
  readonly origin: Origin;
}

/**
 * What quantizers write for the sake of form costs nothing: numbers that lie on the levels already are not quantized
 * again, and a ReLU in front is a lower bound. Quantizing never falls as its operand rises, so the largest of some quantized
 * numbers is the largest number quantized: once a group instead of once an element. The results stay the same integers.
 * Runs when chains of linear layers are merged.
 */
export function foldRequantize(graph: FloatGraph<ExpandedLayer>): FloatGraph<ExpandedLayer> {
  if (!graph.layers.some(({ kind }) => kind === "quantize")) return graph;
  return fuse(rewrite(fuse(rewrite(graph, foldLayers())), swapMax));
}

type Find = (id: ValueId) => ExpandedLayer | undefined;
type Emit = (layer: ExpandedLayer) => ValueId;
type Rule = (layer: ExpandedLayer, find: Find, emit: Emit, isShared: (id: ValueId) => boolean) => ExpandedLayer;

/** Puts another layer in place of each, before which others may be added. All that rules see has its new number. */
function rewrite(graph: FloatGraph<ExpandedLayer>, rule: Rule): FloatGraph<ExpandedLayer> {
  const first = graph.inputs.length;
  const made: Made[] = [];
  const moved = new Map<ValueId, ValueId>(graph.inputs.map((_, id) => [id, id]));
  const sharedBefore = sharedValues(graph);
  const shared = new Set<ValueId>();
  const move = (id: ValueId): ValueId => moved.get(id) ?? id;
  graph.layers.forEach((layer, index) => {
    const origin = graph.origins[index] ?? { nodes: [], ops: [], shape: [] };
    const emit = (added: ExpandedLayer): ValueId => first + made.push({ layer: Object.freeze(added), origin }) - 1;
    const find = (id: ValueId): ExpandedLayer | undefined => made[id - first]?.layer;
    const id = emit(rule(rewire(layer, move), find, emit, (value) => shared.has(value)));
    moved.set(first + index, id);
    if (sharedBefore.has(first + index)) shared.add(id);
  });
  return Object.freeze({
    inputs: graph.inputs,
    layers: made.map(({ layer }) => layer),
    origins: made.map(({ origin }) => origin),
    outputs: graph.outputs.map((output) => ({ ...output, value: move(output.value) })),
  });
}

/** Those that more than one layer or an output takes. */
function sharedValues(graph: FloatGraph<ExpandedLayer>): ReadonlySet<ValueId> {
  const shared = new Set(graph.outputs.map(({ value }) => value));
  const seen = new Set<ValueId>();
  for (const { inputs } of graph.layers)
    for (const id of new Set(inputs)) {
      if (seen.has(id)) shared.add(id);
      seen.add(id);
    }
  return shared;
}

/** The integers behind a dequantized value, and the levels they count. */
interface Levels {
  readonly integers: ValueId;
  readonly scale: Float64Array;
  readonly zero: Float64Array;
  readonly min: number;
  readonly max: number;
}

/** Puts the integers themselves in place of quantizing them again. */
function foldLayers(): Rule {
  const known = new WeakMap<ExpandedLayer, Levels>();
  return (layer, find, emit) => {
    if (layer.kind === "quantize") {
      const bounded = withoutRelu(layer, find);
      const before = find(bounded.inputs[0]);
      const levels = before && known.get(before);
      if (levels === undefined || !isOnLevels(bounded, levels)) return bounded;
      const integers = identity(levels.integers, layer.size);
      known.set(integers, { ...levels, ...plainLevels(layer.size) });
      return integers;
    }
    const [source = -1] = layer.inputs;
    const before = find(source);
    if (before === undefined || layer.inputs.length !== 1) return layer;
    const given =
      before.kind === "quantize" ? { ...before, ...plainLevels(before.size), integers: source } : known.get(before);
    const levels = given && keptLevels(layer, given, emit);
    if (levels !== undefined) known.set(layer, levels);
    return layer;
  };
}

function plainLevels(size: number): Pick<Levels, "scale" | "zero"> {
  return { scale: new Float64Array(size).fill(1), zero: new Float64Array(size) };
}

/** What the integers behind a layer's results are, if each is one of those it was given, moved, scaled or the largest. */
function keptLevels(layer: ExpandedLayer, given: Levels, emit: Emit): Levels | undefined {
  const { integers, scale, zero } = given;
  if (layer.kind === "max") {
    const groups = groupsOf(layer);
    if (!isUniform(groups, given)) return undefined;
    return { ...given, ...levelsOfGroups(groups, given), integers: emit({ ...layer, inputs: [integers] }) };
  }
  if (layer.kind !== "linear") return undefined;
  const { matrix, bias } = layer;
  if (!matrix.start.every((start, row) => start === row) || !matrix.weight.every((weight) => weight > 0))
    return undefined;
  const moved = mapEntries(matrix, () => 1);
  const factors = Float64Array.from(matrix.column, (from, row) => (scale[from] ?? 1) * (matrix.weight[row] ?? 1));
  // (q - z) * s * w + b = (q - (z - b / (s * w))) * (s * w)
  const zeros = Float64Array.from(
    matrix.column,
    (from, row) => (zero[from] ?? 0) - (bias[row] ?? 0) / (factors[row] ?? 1),
  );
  const id = emit({ kind: "linear", inputs: [integers], matrix: moved, bias: new Float64Array(bias.length) });
  return { ...given, integers: id, scale: factors, zero: zeros };
}

function identity(input: ValueId, size: number): ExpandedLayer {
  return { kind: "linear", inputs: [input], matrix: identityMatrix(size), bias: new Float64Array(size) };
}

function withoutRelu(layer: QuantizeOnly, find: Find): QuantizeOnly {
  const before = find(layer.inputs[0]);
  const [zero = 0] = layer.zero;
  if (before?.kind !== "relu" || zero < layer.min || !layer.zero.every((other) => other === zero)) return layer;
  return withoutRelu({ ...layer, inputs: before.inputs, min: Math.max(layer.min, zero) }, find);
}

function isOnLevels({ min, max, scale, zero }: QuantizeOnly, levels: Levels): boolean {
  return (
    levels.min >= min &&
    levels.max <= max &&
    scale.every(
      (factor, at) => factor === levels.scale[at] && Math.abs((zero[at] ?? 0) - (levels.zero[at] ?? 0)) < 1e-9,
    )
  );
}

type Groups = readonly (readonly number[])[];
type Scales = Pick<Levels, "scale" | "zero">;

function isUniform(groups: Groups, { scale, zero }: Scales): boolean {
  return groups.every(([one = 0, ...others]) =>
    others.every((other) => scale[other] === scale[one] && zero[other] === zero[one]),
  );
}

/** One for each group, all of whose elements have the same. */
function levelsOfGroups(groups: Groups, { scale, zero }: Scales): Scales {
  return {
    scale: Float64Array.from(groups, ([one = 0]) => scale[one] ?? 1),
    zero: Float64Array.from(groups, ([one = 0]) => zero[one] ?? 0),
  };
}

/** max(quantize(x)) to quantize(max(x)), if nothing else takes the quantized numbers. */
function swapMax(layer: ExpandedLayer, find: Find, emit: Emit, isShared: (id: ValueId) => boolean): ExpandedLayer {
  if (layer.kind !== "max" || isShared(layer.inputs[0])) return layer;
  const { from, moves } = moverOf(layer.inputs[0], find);
  const quantized = find(from);
  if (quantized?.kind !== "quantize" || isShared(from) || !isOfSums(quantized.inputs[0], find)) return layer;
  const { size } = quantized;
  const sources = moves ?? Int32Array.from({ length: size }, (_, at) => at);
  // Windows that overlap would repeat sums of products.
  if (sources.length > size) return layer;
  const groups = groupsOf(layer).map((group) => group.map((at) => sources[at] ?? 0));
  if (!isUniform(groups, quantized)) return layer;
  const moved = moves === undefined ? quantized.inputs[0] : emit(moving(quantized.inputs[0], moves, size));
  return {
    ...quantized,
    inputs: [emit({ ...layer, inputs: [moved] })],
    size: groups.length,
    ...levelsOfGroups(groups, quantized),
  };
}

function moving(input: ValueId, sources: Int32Array, size: number): ExpandedLayer {
  const matrix = buildMatrix(sources.length, size, (row, add) => {
    add(sources[row] ?? 0, 1);
  });
  return { kind: "linear", inputs: [input], matrix, bias: new Float64Array(sources.length) };
}

/** Sums of products, or the largest of some. */
function isOfSums(id: ValueId, find: Find): boolean {
  const layer = find(id);
  return layer?.kind === "linear" || (layer?.kind === "max" && isOfSums(layer.inputs[0], find));
}

/** Looks through a layer that only moves elements. */
function moverOf(id: ValueId, find: Find): { readonly from: ValueId; readonly moves: Int32Array | undefined } {
  const before = find(id);
  const moves = before?.kind === "linear" ? sourcesOf(before) : undefined;
  return { from: moves === undefined ? id : (before?.inputs[0] ?? id), moves };
}

/** For each element the one that is moved there; undefined for a layer that does more. */
function sourcesOf({ inputs, matrix, bias }: LinearLayer): Int32Array | undefined {
  const moves =
    inputs.length === 1 &&
    matrix.weight.every((weight) => weight === 1) &&
    bias.every((offset) => offset === 0) &&
    matrix.start.every((start, row) => start === row);
  return moves ? matrix.column : undefined;
}
