import canonicalize from "canonicalize";
import { z } from "zod";

import { ELEMENT_BITS, ELEMENT_KINDS, type ElementKind } from "../../format/tensor.ts";
import { CompileError } from "../compile-error.ts";
import type { IntegerGraph } from "./graph.ts";
import { layerSize } from "./graph.ts";
import type { Layer } from "./layer.ts";

const integer = z.int();
const count = z.int().positive();
const value = z.int().nonnegative();
const inputs = z.tuple([value]);
const shift = z.int().min(0).max(250);

const linear = z.strictObject({
  kind: z.literal("linear"),
  inputs: z.array(value).min(1),
  columns: count,
  /** One for each row: columns, ascending, and their weights. */
  rows: z.array(z.strictObject({ at: z.array(value), weights: z.array(integer.refine((weight) => weight !== 0)) })),
  bias: z.array(integer),
});
const layer = z.discriminatedUnion("kind", [
  linear,
  z.strictObject({ kind: z.literal("rescale"), inputs, size: count, shift }),
  z.strictObject({ kind: z.literal("relu"), inputs, size: count, shift }),
  z.strictObject({
    kind: z.literal("clip"),
    inputs,
    size: count,
    shift,
    min: integer.nullable(),
    max: integer.nullable(),
  }),
  z.strictObject({ kind: z.literal("argmax"), inputs, outer: count, classes: count, inner: count }),
]);
type EncodedLayer = z.infer<typeof layer>;

const tensor = z.strictObject({
  name: z.string(),
  kind: z.enum(ELEMENT_KINDS as [ElementKind, ...ElementKind[]]),
  bits: z.int().refine((bits) => ELEMENT_BITS.includes(bits)),
  decimals: z.int().min(0).max(18),
  shape: z.array(count),
});

const encodedGraph = z.strictObject({
  format: z.literal("assay-integer-graph-1"),
  name: z.string(),
  inputs: z.array(tensor).min(1),
  outputs: z.array(tensor).min(1),
  layers: z.array(layer),
  origins: z.array(
    z.strictObject({ nodes: z.array(z.string()), ops: z.array(z.string()), shape: z.array(z.int().nonnegative()) }),
  ),
  results: z.array(value),
});
type EncodedGraph = z.infer<typeof encodedGraph>;

/** Canonical JSON (RFC 8785): the same graph is the same bytes everywhere. */
export function encodeGraph(graph: IntegerGraph): Uint8Array {
  const encoded = { format: "assay-integer-graph-1", ...graph, layers: graph.layers.map(encodeLayer) };
  const text = canonicalize(encodedGraph.parse(encoded));
  if (text === undefined) throw invalid(["the graph has no JSON form"]);
  return new TextEncoder().encode(text);
}

/** The inverse. Throws `CompileError` `GRAPH_INVALID` for bytes that are no consistent graph. */
export function decodeGraph(bytes: Uint8Array): IntegerGraph {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw invalid(["the integer graph is not JSON"], cause);
  }
  const parsed = encodedGraph.safeParse(json);
  if (!parsed.success)
    throw invalid(parsed.error.issues.map((issue) => `${issue.path.join(".") || "(root)"}: ${issue.message}`));
  const problems = findInconsistencies(parsed.data);
  if (problems.length > 0) throw invalid(problems);
  const { name, inputs, outputs, layers, origins, results } = parsed.data;
  return Object.freeze({ name, inputs, outputs, layers: layers.map(decodeLayer), origins, results });
}

function invalid(problems: readonly string[], cause?: unknown): CompileError {
  return new CompileError(
    "GRAPH_INVALID",
    problems.map((message) => ({ code: "GRAPH_INVALID" as const, node: "", op: "", message })),
    cause,
  );
}

function encodeLayer(layer: Layer): EncodedLayer {
  if (layer.kind !== "linear") return { ...layer, inputs: [layer.inputs[0]] };
  const { inputs, matrix, bias } = layer;
  const rows = Array.from({ length: matrix.rows }, (_, row) => {
    const [from, to] = [matrix.start[row], matrix.start[row + 1]];
    return { at: [...matrix.column.subarray(from, to)], weights: [...matrix.weight.subarray(from, to)] };
  });
  return { kind: "linear", inputs: [...inputs], columns: matrix.columns, rows, bias: [...bias] };
}

function decodeLayer(layer: EncodedLayer): Layer {
  if (layer.kind !== "linear") return Object.freeze(layer);
  const start = new Int32Array(layer.rows.length + 1);
  layer.rows.forEach((row, index) => (start[index + 1] = (start[index] ?? 0) + row.at.length));
  return Object.freeze({
    kind: "linear",
    inputs: layer.inputs,
    matrix: {
      rows: layer.rows.length,
      columns: layer.columns,
      start,
      column: Int32Array.from(layer.rows.flatMap((row) => row.at)),
      weight: Float64Array.from(layer.rows.flatMap((row) => row.weights)),
    },
    bias: Float64Array.from(layer.bias),
  });
}

/** What a schema cannot say: sizes that fit, values that exist before they are used. */
function findInconsistencies(graph: EncodedGraph): string[] {
  const problems: string[] = [];
  const sizes = graph.inputs.map(({ shape }) => shape.reduce((product, size) => product * size, 1));
  if (graph.origins.length !== graph.layers.length) problems.push("origins: one for each layer is needed");
  graph.layers.forEach((layer, index) => {
    const where = `layers.${index}`;
    const given = layer.inputs.map((id) => sizes[id]);
    if (given.includes(undefined)) problems.push(`${where}: takes a value that is not computed before it`);
    const size = given.reduce<number>((sum, part) => sum + (part ?? 0), 0);
    if (layer.kind === "linear") {
      if (layer.columns !== size) problems.push(`${where}: ${layer.columns} columns for ${size} elements`);
      if (layer.bias.length !== layer.rows.length) problems.push(`${where}: bias and rows differ in number`);
      for (const { at, weights } of layer.rows) {
        const ascending = at.every((column, position) => column > (at[position - 1] ?? -1) && column < layer.columns);
        if (!ascending || at.length !== weights.length)
          problems.push(`${where}: columns must ascend within the inputs`);
      }
      sizes.push(layer.rows.length);
      return;
    }
    const wanted = layer.kind === "argmax" ? layer.outer * layer.classes * layer.inner : layer.size;
    if (wanted !== size) problems.push(`${where}: is made for ${wanted} elements, gets ${size}`);
    if (layer.kind === "clip" && layer.min !== null && layer.max !== null && layer.min > layer.max)
      problems.push(`${where}: min is above max`);
    sizes.push(layerSize(layer));
  });
  if (graph.results.length !== graph.outputs.length) problems.push("results: one for each output is needed");
  graph.results.forEach((id, index) => {
    const wanted = graph.outputs[index]?.shape.reduce((product, size) => product * size, 1);
    if (sizes[id] !== wanted) problems.push(`results.${index}: value ${id} does not have the ${wanted} elements`);
  });
  return problems;
}
