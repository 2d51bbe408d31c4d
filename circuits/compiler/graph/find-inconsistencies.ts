import { assertTensorSpec, elementCount, elementRange, TensorError } from "../../format/tensor.ts";
import { CompileError } from "../compile-error.ts";
import { inferRanges } from "../passes/infer-ranges.ts";
import { layerProblems, layerSize } from "../layers/table.ts";
import type { IntegerGraph } from "./graph.ts";
import { groupedSize } from "./groups.ts";
import type { Layer } from "./layer.ts";

/** A graph comes from whoever published it: this bounds the elements that its layers take and give, all together. */
const MOST_ELEMENTS = 2 ** 24;
/** Elements of a group are compared in pairs. */
const MOST_PAIRS = 2 ** 26;

/**
 * What a schema cannot say: sizes that fit, values that exist before they are used, intervals that fit the field and
 * the outputs. A graph without any of these problems lowers, unless a decomposition or a hash of its circuit is one that
 * no circuit has: then `lower` throws `MODEL_UNSUPPORTED`. Reading takes time and memory in proportion to the bytes and to
 * the bounds above.
 */
export function findInconsistencies(graph: IntegerGraph): string[] {
  for (const find of [findBadTensors, findBadLayers, findExcess, findBadResults, findBadWeights, findBadRanges]) {
    const problems = find(graph);
    if (problems.length > 0) return problems;
  }
  return [];
}

function findBadTensors({ inputs, outputs }: IntegerGraph): string[] {
  return [...inputs, ...outputs].flatMap((spec) => {
    try {
      assertTensorSpec(spec);
    } catch (error) {
      if (!(error instanceof TensorError)) throw error;
      return [`tensor "${spec.name}": ${error.message}`];
    }
    if (spec.kind === "text") return [`tensor "${spec.name}": text is no number`];
    return elementCount(spec) > MOST_ELEMENTS ? [`tensor "${spec.name}": has more than ${MOST_ELEMENTS} elements`] : [];
  });
}

function findBadLayers({ inputs, layers, origins }: IntegerGraph): string[] {
  const problems: string[] = [];
  const sizes = inputs.map(elementCount);
  if (origins.length !== layers.length) problems.push("origins: one for each layer is needed");
  layers.forEach((layer, index) => {
    const given = layer.inputs.map((id) => sizes[id] ?? -1);
    if (given.includes(-1)) problems.push(`layers.${index}: takes a value that is not computed before it`);
    problems.push(...layerProblems(layer, given).map((problem) => `layers.${index}: ${problem}`));
    sizes.push(layerSize(layer));
  });
  return problems;
}

/** A few bytes can name large sizes. */
function findExcess({ inputs, layers, committedWeights = [] }: IntegerGraph): string[] {
  const sizes = [...inputs.map(elementCount), ...layers.map(layerSize)];
  const taken = layers.flatMap((layer) => layer.inputs.map((id) => sizes[id] ?? 0));
  const weights = committedWeights.map(({ layer: index }) => {
    const layer = layers[index];
    return layer?.kind === "linear" ? layer.matrix.rows * layer.matrix.columns : 0;
  });
  const elements = [...sizes, ...taken, ...weights].reduce((sum, size) => sum + size, 0);
  const pairs = layers.reduce((sum, layer) => sum + pairCount(layer), 0);
  return [
    ...(elements > MOST_ELEMENTS ? [`layers: take and give ${elements} elements, more than ${MOST_ELEMENTS}`] : []),
    ...(pairs > MOST_PAIRS ? [`layers: compare ${pairs} pairs of elements, more than ${MOST_PAIRS}`] : []),
  ];
}

function pairCount(layer: Layer): number {
  if (layer.kind !== "argmax" && layer.kind !== "ranking") return 0;
  return groupedSize(layer) * layer.classes * (layer.kind === "ranking" ? layer.count : 1);
}

function findBadResults({ inputs, outputs, layers, results }: IntegerGraph): string[] {
  const sizes = [...inputs.map(elementCount), ...layers.map(layerSize)];
  const problems = results.length === outputs.length ? [] : ["results: one for each output is needed"];
  outputs.forEach((output, index) => {
    const wanted = elementCount(output);
    const id = results[index] ?? -1;
    if (sizes[id] !== wanted) problems.push(`results.${index}: value ${id} does not have the ${wanted} elements`);
  });
  return problems;
}

/** Weights that do not fit the widths have no witness. */
function findBadWeights({ layers, visibility, committedWeights = [] }: IntegerGraph): string[] {
  const problems =
    (visibility?.weights === "committed") === committedWeights.length > 0
      ? []
      : ["committedWeights: must be there if and only if weights are committed"];
  committedWeights.forEach(({ layer: index, bits, biasBits }, position) => {
    const layer = layers[index];
    const fits = (values: Float64Array, width: number): boolean =>
      values.every((value) => value >= -(2 ** (width - 1)) && value < 2 ** (width - 1));
    if (layer?.kind !== "linear") problems.push(`committedWeights.${position}: layer ${index} is not linear`);
    else if (!fits(layer.matrix.weight, bits) || !fits(layer.bias, biasBits))
      problems.push(`committedWeights.${position}: a weight or bias of layer ${index} does not fit its bits`);
  });
  return problems;
}

/** The circuit places outputs in their words by these intervals, so they must not overlap there. */
function findBadRanges(graph: IntegerGraph): string[] {
  try {
    const ranges = inferRanges(graph);
    return graph.outputs.flatMap((spec, index) => {
      const { min, max } = elementRange(spec);
      const outside = (ranges[graph.results[index] ?? 0] ?? []).some(({ lo, hi }) => lo < min || hi > max);
      return outside ? [`results.${index}: can lie outside [${min}, ${max}], the range of "${spec.name}"`] : [];
    });
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
    return error.diagnostics.map(({ message }) => message);
  }
}
