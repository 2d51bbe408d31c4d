import { CompileError } from "../compile-error.ts";
import { findInconsistencies } from "../graph/find-inconsistencies.ts";
import type { CommittedWeights, FloatGraph, IntegerGraph } from "../graph/graph.ts";
import type { Layer, LinearLayer } from "../graph/layer.ts";
import { forEachEntry, mapEntries, type Matrix } from "../graph/matrix.ts";
import { layerSize } from "../layers/table.ts";
import type { ExpandedLayer } from "./expand-softmax.ts";
import { nearest } from "./fractions.ts";
import { endsOf } from "./scales.ts";

/** A product for each weight, and a row for each of its bits: beyond this the circuit is not worth proving. */
const MOST_WEIGHTS = 2 ** 16;

/**
 * Says of each linear layer how wide its weights may be and how they follow from the real ones, so that other weights of
 * the same shape make the same circuit. A bit more than the present weights need leaves retrained ones twice the room.
 * Throws `OPTION_INVALID` unless the graph's linear layers are those of the float graph, scaled by powers of two.
 */
export function commitWeights(graph: IntegerGraph, float: FloatGraph<ExpandedLayer>): IntegerGraph {
  const real = realLayers(float);
  const placed = linearLayers(graph.layers);
  if (real.length !== placed.length || real.length === 0)
    throw unsupported("they need a model of dense layers with Relu, Clip, Max and ArgMax between them");
  const total = placed.reduce((sum, { layer: { matrix } }) => sum + matrix.rows * matrix.columns, 0);
  if (total > MOST_WEIGHTS) throw unsupported(`${total} weights are too many, at most ${MOST_WEIGHTS} are provable`);
  const committedWeights = placed.map(({ layer, index }, at): CommittedWeights => {
    const source = real[at];
    const sizes = layer.inputs.map((id) => sizeOf(graph, id));
    if (source === undefined) throw new RangeError(`layer ${index} has no real weights`);
    const scales = scalesOf(source, layer, endsOf(sizes));
    const biasScale = exponentBetween(source.bias, layer.bias) ?? 0;
    const weights = {
      layer: index,
      bits: bitsFor(layer.matrix.weight),
      biasBits: bitsFor(layer.bias),
      scales,
      biasScale,
    };
    if (!isEqual(scaleLayer(source, weights, endsOf(sizes)), layer))
      throw unsupported("its weights are not scaled by powers of two alone");
    return weights;
  });
  return Object.freeze({ ...graph, committedWeights });
}

/**
 * The reference with the weights of another float graph of the same shape, under the same scales. Throws
 * `OPTION_INVALID` if the shapes differ or a weight does not fit its width.
 */
export function replaceWeights(reference: IntegerGraph, float: FloatGraph<ExpandedLayer>): IntegerGraph {
  const real = realLayers(float);
  const { committedWeights = [] } = reference;
  if (real.length !== committedWeights.length) throw otherShape();
  const layers = [...reference.layers];
  committedWeights.forEach((weights, at) => {
    const [source, layer] = [real[at], layers[weights.layer]];
    if (source === undefined || layer?.kind !== "linear") throw otherShape();
    const { rows, columns } = layer.matrix;
    if (source.matrix.rows !== rows || source.matrix.columns !== columns) throw otherShape();
    const ends = endsOf(layer.inputs.map((id) => sizeOf(reference, id)));
    requireScales(source, layer, ends);
    layers[weights.layer] = { ...layer, ...scaleLayer(source, weights, ends) };
  });
  const graph = Object.freeze({ ...reference, layers });
  const problems = findInconsistencies(graph);
  if (problems.length > 0)
    throw unsupported(`the retrained model does not fit the circuit of the reference: ${problems.join("; ")}`);
  return graph;
}

function realLayers({ layers }: FloatGraph<ExpandedLayer>): LinearLayer[] {
  return layers.flatMap((layer) => (layer.kind === "linear" ? [layer] : []));
}

function linearLayers(layers: readonly Layer[]): { readonly layer: LinearLayer; readonly index: number }[] {
  return layers.flatMap((layer, index) => (layer.kind === "linear" ? [{ layer, index }] : []));
}

function sizeOf({ inputs, layers }: IntegerGraph, id: number): number {
  const layer = layers[id - inputs.length];
  if (layer !== undefined && id >= inputs.length) return layerSize(layer);
  return (inputs[id]?.shape ?? []).reduce((product, size) => product * size, 1);
}

function scaleLayer(
  { matrix, bias }: LinearLayer,
  { scales, biasScale }: CommittedWeights,
  ends: readonly number[],
): Pick<LinearLayer, "matrix" | "bias"> {
  const scaleOf = (column: number): number => 2 ** (scales[inputOf(column, ends)] ?? 0);
  return {
    matrix: mapEntries(matrix, (weight, column) => nearest(weight * scaleOf(column))),
    bias: bias.map((value) => nearest(value * 2 ** biasScale)),
  };
}

/** For each input, the power of two between its largest real weight and the integer of it; 0 if all of them are 0. */
function scalesOf(source: LinearLayer, placed: LinearLayer, ends: readonly number[]): number[] {
  const [from, to] = [largestOf(source.matrix, ends), largestOf(placed.matrix, ends)];
  return ends.map((_, input) => exponentBetween([from[input] ?? 0], [to[input] ?? 0]) ?? 0);
}

function largestOf(matrix: Matrix, ends: readonly number[]): number[] {
  const largest = ends.map(() => 0);
  for (let row = 0; row < matrix.rows; row++)
    forEachEntry(matrix, row, (column, weight) => {
      const input = inputOf(column, ends);
      largest[input] = Math.max(largest[input] ?? 0, Math.abs(weight));
    });
  return largest;
}

function inputOf(column: number, ends: readonly number[]): number {
  return ends.findIndex((end) => column < end);
}

function exponentBetween(real: ArrayLike<number>, integers: ArrayLike<number>): number | undefined {
  const size = (values: ArrayLike<number>): number =>
    Array.from(values).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const [from, to] = [size(real), size(integers)];
  return from === 0 || to === 0 ? undefined : Math.round(Math.log2(to / from));
}

/** Where the reference has nothing but zeros there is no scale for anything else. */
function requireScales(source: LinearLayer, placed: LinearLayer, ends: readonly number[]): void {
  const [from, to] = [largestOf(source.matrix, ends), largestOf(placed.matrix, ends)];
  const isLost = from.some((size, input) => size !== 0 && to[input] === 0);
  const isBiasLost = source.bias.some((value) => value !== 0) && placed.bias.every((value) => value === 0);
  if (isLost || isBiasLost)
    throw unsupported("the reference has only zeros where the retrained model has weights: compile it anew");
}

function bitsFor(values: Float64Array): number {
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return Math.min(64, Math.floor(Math.log2(Math.max(1, largest))) + 3);
}

function isEqual(one: Pick<LinearLayer, "matrix" | "bias">, other: LinearLayer): boolean {
  const same = (left: ArrayLike<number>, right: ArrayLike<number>): boolean =>
    left.length === right.length && Array.from(left).every((value, index) => value === right[index]);
  return (
    same(one.bias, other.bias) &&
    same(one.matrix.start, other.matrix.start) &&
    same(one.matrix.column, other.matrix.column) &&
    same(one.matrix.weight, other.matrix.weight)
  );
}

function otherShape(): CompileError {
  return unsupported("the retrained model has other layers than the reference");
}

function unsupported(why: string): CompileError {
  return new CompileError("OPTIONS_INVALID", [
    { code: "OPTION_INVALID", node: "", op: "", message: `committed weights: ${why}` },
  ]);
}
