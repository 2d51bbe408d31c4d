import canonicalize from "canonicalize";
import { z } from "zod";

import { ELEMENT_BITS, ELEMENT_KINDS, type ElementKind } from "../../format/tensor.ts";
import { CompileError } from "../compile-error.ts";
import { LARGEST_SHIFT } from "../passes/check-exact.ts";
import { findInconsistencies } from "./find-inconsistencies.ts";
import type { IntegerGraph } from "./graph.ts";
import type { Layer } from "./layer.ts";
import { problemsIn } from "../../format/problems.ts";

const integer = z.int();
const count = z.int().positive();
const value = z.int().nonnegative();
const inputs = z.tuple([value]);
const shift = z.int().min(0).max(LARGEST_SHIFT);

const row = z
  .strictObject({ at: z.array(value), weights: z.array(integer.refine((weight) => weight !== 0)) })
  .refine(({ at, weights }) => at.length === weights.length, "needs one weight for each column");
const linear = z.strictObject({
  kind: z.literal("linear"),
  inputs: z.array(value).min(1),
  columns: count,
  /** One for each row: columns, ascending, and their weights. */
  rows: z.array(row),
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
  if (!parsed.success) throw invalid(problemsIn(parsed.error));
  const { name, inputs, outputs, origins, results } = parsed.data;
  const layers = parsed.data.layers.map(decodeLayer);
  const graph: IntegerGraph = Object.freeze({ name, inputs, outputs, layers, origins, results });
  const problems = findInconsistencies(graph);
  if (problems.length > 0) throw invalid(problems);
  return graph;
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
