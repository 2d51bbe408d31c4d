import onnxProto, { type onnx } from "onnx-proto";

import { CompileError, Diagnostics, NodeProblem } from "../compile-error.ts";
import type { Attribute, Constant, Dimension, ElementType, OnnxInput, OnnxModel, OnnxNode } from "./model.ts";
import { readConstant } from "./read-constant.ts";

/** Element types of `TypeProto.Tensor` as the ONNX standard numbers them. */
const ELEMENT_TYPES: ReadonlyMap<number, ElementType> = new Map<number, ElementType>([
  [1, "float"],
  [2, "uint8"],
  [3, "int8"],
  [4, "uint16"],
  [5, "int16"],
  [6, "int32"],
  [7, "int64"],
  [9, "bool"],
  [11, "double"],
]);

/** Kinds of `AttributeProto` as the ONNX standard numbers them. */
const FLOAT = 1;
const INT = 2;
const STRING = 3;
const TENSOR = 4;
const FLOATS = 6;
const INTS = 7;
const STRINGS = 8;

/** Every writer puts the IR version, field 1, first. */
const FIRST_BYTE = 0x08;

/**
 * Reads a model file. Throws `CompileError` `MODEL_UNREADABLE` (`FILE_NOT_ONNX`, `FILE_TRUNCATED`,
 * `FILE_EXTERNAL_DATA`) or `MODEL_UNSUPPORTED` (an element type that is not read).
 */
export function readModel(bytes: Uint8Array): OnnxModel {
  const proto = decode(bytes);
  const { graph } = proto;
  if (graph === null || graph === undefined || (graph.node ?? []).length === 0)
    throw unreadable(
      bytes[0] === FIRST_BYTE ? "FILE_TRUNCATED" : "FILE_NOT_ONNX",
      "the file holds no graph; pass the .onnx file that the training framework exported",
    );
  const opset = (proto.opsetImport ?? []).find(({ domain }) => (domain ?? "") === "" || domain === "ai.onnx");
  const problems = new Diagnostics();
  const constants = readConstants(graph, problems);
  const nodes = (graph.node ?? []).map((node) => readNode(node, problems));
  const inputs = (graph.input ?? [])
    .filter((input) => !constants.has(input.name ?? ""))
    .map((input) => readInput(input, problems));
  problems.throwIfAny();
  const outputs = (graph.output ?? []).map((output) => output.name ?? "");
  if (inputs.length === 0 || outputs.length === 0)
    throw unreadable("FILE_TRUNCATED", `the graph has ${inputs.length} inputs and ${outputs.length} outputs`);
  return Object.freeze({
    name: graph.name ?? "",
    opset: Number(opset?.version ?? 13),
    inputs: Object.freeze(inputs),
    outputs: Object.freeze(outputs),
    constants,
    nodes: Object.freeze(nodes),
  });
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

function unreadable(code: "FILE_NOT_ONNX" | "FILE_TRUNCATED", message: string, cause?: unknown): CompileError {
  return new CompileError("MODEL_UNREADABLE", [{ code, node: "", op: "", message }], cause);
}

function readConstants(graph: onnx.IGraphProto, problems: Diagnostics): ReadonlyMap<string, Constant> {
  const constants = new Map<string, Constant>();
  for (const tensor of graph.initializer ?? []) {
    const name = tensor.name ?? "";
    const constant = attempt(problems, { name, op: "" }, () => readConstant(tensor));
    if (constant !== undefined) constants.set(name, constant);
  }
  return constants;
}

function readNode(node: onnx.INodeProto, problems: Diagnostics): OnnxNode {
  const outputs = Object.freeze([...(node.output ?? [])]);
  const where = { name: node.name || outputs[0] || "(unnamed)", op: node.opType ?? "" };
  const attributes = new Map<string, Attribute>();
  for (const attribute of node.attribute ?? []) {
    const value = attempt(problems, where, () => readAttribute(attribute));
    if (value !== undefined) attributes.set(attribute.name ?? "", value);
  }
  const domain = node.domain ?? "";
  return Object.freeze({
    ...where,
    domain: domain === "ai.onnx" ? "" : domain,
    inputs: Object.freeze([...(node.input ?? [])]),
    outputs,
    attributes,
  });
}

/** Attributes of other kinds (subgraphs, types) belong to operators that are not supported: left out. */
function readAttribute(attribute: onnx.IAttributeProto): Attribute | undefined {
  switch (attribute.type ?? inferKind(attribute)) {
    case FLOAT:
      return attribute.f ?? 0;
    case INT:
      return Number(attribute.i ?? 0);
    case STRING:
      return new TextDecoder().decode(attribute.s ?? new Uint8Array());
    case TENSOR:
      return attribute.t === null || attribute.t === undefined ? undefined : readConstant(attribute.t);
    default:
      return readList(attribute);
  }
}

function readList(attribute: onnx.IAttributeProto): Attribute | undefined {
  const { floats, ints, strings } = attribute;
  const kind = attribute.type ?? inferKind(attribute);
  if (kind === FLOATS) return Object.freeze([...(floats ?? [])]);
  if (kind === STRINGS) return Object.freeze((strings ?? []).map((text) => new TextDecoder().decode(text)));
  return kind === INTS ? Object.freeze((ints ?? []).map(Number)) : undefined;
}

/** Files from before IR version 3 may leave the kind out. */
function inferKind(attribute: onnx.IAttributeProto): number {
  if (attribute.t !== null && attribute.t !== undefined) return TENSOR;
  if ((attribute.ints?.length ?? 0) > 0) return INTS;
  if ((attribute.floats?.length ?? 0) > 0) return FLOATS;
  return Number(attribute.i ?? 0) !== 0 ? INT : FLOAT;
}

function readInput(input: onnx.IValueInfoProto, problems: Diagnostics): OnnxInput {
  const name = input.name ?? "";
  const tensor = input.type?.tensorType;
  const type = ELEMENT_TYPES.get(tensor?.elemType ?? 0);
  if (type === undefined)
    problems.add(
      "TYPE_UNSUPPORTED",
      { name, op: "" },
      `graph input "${name}" is not a tensor of numbers; accepted are ${[...ELEMENT_TYPES.values()].join(", ")}`,
    );
  const shape = (tensor?.shape?.dim ?? []).map((dimension): Dimension => {
    const size = Number(dimension.dimValue ?? 0);
    return size > 0 ? size : (dimension.dimParam ?? "");
  });
  return Object.freeze({ name, type: type ?? "float", shape: Object.freeze(shape) });
}

function attempt<Value>(
  problems: Diagnostics,
  where: { readonly name: string; readonly op: string },
  read: () => Value,
): Value | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof NodeProblem)) throw error;
    problems.add(error.code, where, error.message);
    return undefined;
  }
}
