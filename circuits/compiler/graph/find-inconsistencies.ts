import { assertTensorSpec, elementCount, elementRange, TensorError } from "../../format/tensor.ts";
import { CompileError } from "../compile-error.ts";
import { inferRanges } from "../passes/infer-ranges.ts";
import { type IntegerGraph, layerSize } from "./graph.ts";
import type { Layer, LinearLayer } from "./layer.ts";
import type { Matrix } from "./matrix.ts";

/** A graph comes from whoever published it: this bounds what reading it can cost. */
const MOST_ELEMENTS = 2 ** 24;

/**
 * What a schema cannot say: sizes that fit, values that exist before they are used, intervals that fit the field and
 * the outputs. A graph without any of these problems lowers.
 */
export function findInconsistencies(graph: IntegerGraph): string[] {
  for (const find of [findBadTensors, findBadLayers, findBadResults, findBadRanges]) {
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
    const given = layer.inputs.map((id) => sizes[id]);
    if (given.includes(undefined)) problems.push(`layers.${index}: takes a value that is not computed before it`);
    const size = given.reduce<number>((sum, part) => sum + (part ?? 0), 0);
    problems.push(...findBadSizes(layer, size).map((problem) => `layers.${index}: ${problem}`));
    sizes.push(layerSize(layer));
  });
  return problems;
}

function findBadSizes(layer: Layer, size: number): string[] {
  if (layer.kind === "linear") return findBadMatrix(layer, size);
  const wanted = layer.kind === "argmax" ? layer.outer * layer.classes * layer.inner : layer.size;
  const problems = wanted === size ? [] : [`is made for ${wanted} elements, gets ${size}`];
  if (layer.kind === "clip" && layer.min !== null && layer.max !== null && layer.min > layer.max)
    problems.push("min is above max");
  return problems;
}

function findBadMatrix({ matrix, bias }: LinearLayer, size: number): string[] {
  const problems: string[] = [];
  if (matrix.columns !== size) problems.push(`${matrix.columns} columns for ${size} elements`);
  if (bias.length !== matrix.rows) problems.push("bias and rows differ in number");
  if (matrix.rows === 0) problems.push("has no rows");
  if (!columnsAscend(matrix)) problems.push("columns must ascend within the inputs");
  return problems;
}

function columnsAscend({ rows, columns, start, column }: Matrix): boolean {
  for (let row = 0; row < rows; row++) {
    const end = start[row + 1] ?? 0;
    let before = -1;
    for (let at = start[row] ?? 0; at < end; at++) {
      const current = column[at] ?? 0;
      if (current <= before || current >= columns) return false;
      before = current;
    }
  }
  return true;
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
