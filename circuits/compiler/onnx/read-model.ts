import onnxProto, { type onnx } from "onnx-proto";

import { CompileError, Diagnostics } from "../compile-error.ts";
import { readFunctionDefaults } from "./function-defaults.ts";
import { inlineFunctions } from "./inline-functions.ts";
import type { OnnxInput, OnnxModel } from "./model.ts";
import { opsetOf } from "./opset.ts";
import { namesRead } from "./order-nodes.ts";
import { type GraphBody, readGraph } from "./read-graph.ts";
import { readInput } from "./read-input.ts";

/** Every writer puts the IR version, field 1, first. */
const FIRST_BYTE = 0x08;

/** What the file holds, with everything that is wrong in it: not to be used before `problems` are thrown. */
export interface ParsedModel {
  readonly model: OnnxModel;
  readonly problems: Diagnostics;
}

/** Reads a model file and throws a `CompileError`, as `parseModel` does, or with all problems of the model. */
export function readModel(bytes: Uint8Array): OnnxModel {
  const { model, problems } = parseModel(bytes);
  problems.throwIfAny();
  return model;
}

/**
 * Reads a model file: calls of model-local functions are replaced by their bodies and nodes are sorted. Throws
 * `CompileError` `MODEL_UNREADABLE` when nothing can be said of its parts (`FILE_NOT_ONNX`, `FILE_TRUNCATED`); problems
 * with parts are collected.
 */
export function parseModel(bytes: Uint8Array): ParsedModel {
  const proto = decode(bytes);
  const problems = new Diagnostics();
  const graph = inlineFunctions(proto, readFunctionDefaults(bytes, proto), problems);
  assertWhole(graph, bytes);
  const body = readGraph(graph, problems);
  const outputs = (graph.output ?? []).map(({ name }) => name ?? "");
  const inputs = readInputs(graph.input ?? [], { body, outputs }, problems);
  checkNames(outputs, body, problems);
  const model = Object.freeze({
    name: graph.name ?? "",
    opset: opsetOf(proto.opsetImport, "") ?? 1,
    mlOpset: opsetOf(proto.opsetImport, "ai.onnx.ml") ?? 1,
    inputs: Object.freeze(inputs),
    outputs: Object.freeze(outputs),
    constants: body.constants,
    nodes: body.nodes,
  });
  return { model, problems };
}

function decode(bytes: Uint8Array): onnx.IModelProto {
  try {
    return onnxProto.onnx.ModelProto.decode(bytes);
  } catch (cause) {
    const truncated = bytes[0] === FIRST_BYTE && cause instanceof RangeError;
    throw unreadable(
      truncated ? "FILE_TRUNCATED" : "FILE_NOT_ONNX",
      truncated
        ? `the file ends in the middle of a field, after ${bytes.length} bytes; fetch or export it again`
        : "this is not an ONNX file; pass the .onnx file that the training framework exported",
      cause,
    );
  }
}

/** A file that ends between two fields decodes, as less than it was. */
function assertWhole({ node, input, output }: onnx.IGraphProto, bytes: Uint8Array): void {
  if ((node?.length ?? 0) === 0)
    throw unreadable(
      bytes[0] === FIRST_BYTE ? "FILE_TRUNCATED" : "FILE_NOT_ONNX",
      "the file holds no graph; pass the .onnx file that the training framework exported",
    );
  const [inputs, outputs] = [input?.length ?? 0, output?.length ?? 0];
  if (inputs === 0 || outputs === 0)
    throw unreadable("FILE_TRUNCATED", `the graph has ${inputs} inputs and ${outputs} outputs`);
}

function unreadable(code: "FILE_NOT_ONNX" | "FILE_TRUNCATED", message: string, cause?: unknown): CompileError {
  return new CompileError("MODEL_UNREADABLE", [{ code, node: "", op: "", message }], cause);
}

/**
 * Before IR version 4 every initializer was listed as an input too; since then such an input is one with a default, which
 * is taken. An input that nothing reads may be of any type: it is left out unless it is a tensor of numbers.
 */
function readInputs(
  infos: readonly onnx.IValueInfoProto[],
  { body, outputs }: { readonly body: GraphBody; readonly outputs: readonly string[] },
  problems: Diagnostics,
): OnnxInput[] {
  const read = new Set([...body.nodes.flatMap(namesRead), ...outputs]);
  const seen = new Set<string>();
  return infos.flatMap((info) => {
    const name = info.name ?? "";
    if (body.initializers.has(name)) return [];
    if (seen.has(name))
      problems.add("VALUE_DUPLICATE", { name, op: "" }, `two graph inputs are named "${name}"; names must be unique`);
    seen.add(name);
    const found = readInput(info, read.has(name) ? problems : new Diagnostics());
    return found === undefined ? [] : [found];
  });
}

function checkNames(outputs: readonly string[], { missing, defined }: GraphBody, problems: Diagnostics): void {
  for (const { node, name } of missing)
    problems.add(
      "VALUE_MISSING",
      node,
      `its input "${name}" is no input or initializer of the graph and no node computes it; export the model again`,
    );
  for (const name of outputs)
    if (!defined.has(name))
      problems.add("VALUE_MISSING", { name, op: "" }, `no node computes the graph output "${name}"`);
}
