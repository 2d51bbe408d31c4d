import canonicalize from "canonicalize";
import { z } from "zod";

import { ELEMENT_BITS, ELEMENT_KINDS, type ElementKind } from "../../format/tensor.ts";
import { CompileError } from "../compile-error.ts";
import { encodeLayer, layerSchemas } from "../layers/table.ts";
import { findInconsistencies } from "./find-inconsistencies.ts";
import type { IntegerGraph } from "./graph.ts";
import { problemsIn } from "../../format/problems.ts";
import { visibilitySchema } from "../../format/visibility.ts";

const count = z.int().positive();
const value = z.int().nonnegative();

/** A record of any kind of layer; the kind says which. */
const layer = z.union(layerSchemas());

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
  visibility: visibilitySchema.optional(),
  committedWeights: z
    .array(
      z.strictObject({
        layer: value,
        bits: count.max(64),
        biasBits: count.max(64),
        scales: z.array(z.int()),
        biasScale: z.int(),
      }),
    )
    .min(1)
    .optional(),
});

/** Canonical JSON (RFC 8785): the same graph is the same bytes everywhere. */
export function encodeGraph(graph: IntegerGraph): Uint8Array {
  const encoded = {
    format: "assay-integer-graph-1",
    ...graph,
    layers: graph.layers.map((layer) => encodeLayer(layer)),
  };
  const text = canonicalize(encoded);
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
  const { name, inputs, outputs, layers, origins, results, visibility, committedWeights } = parsed.data;
  const graph: IntegerGraph = Object.freeze({
    name,
    inputs,
    outputs,
    layers,
    origins,
    results,
    ...(visibility && { visibility }),
    ...(committedWeights && { committedWeights }),
  });
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
