import onnxProto, { type onnx } from "onnx-proto";

import { xorshift } from "../../../circuits/compiler/passes/xorshift.ts";

/** Element types of the ONNX standard by name, for what a test builds. */
export const TYPES = {
  float: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  string: 8,
  bool: 9,
  float16: 10,
  double: 11,
  uint32: 12,
  uint64: 13,
  complex64: 14,
  bfloat16: 16,
  uint4: 21,
  int4: 22,
} as const;

/** A constant tensor of a test model: float32 unless it says another type; `integers` is short for int64. */
export interface TestConstant {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: readonly number[];
  readonly integers?: boolean;
  readonly type?: keyof typeof TYPES;
  readonly strings?: readonly string[];
}

/** Whole numbers are written as integers: say `float` or `floats` where the operator wants real ones. */
export type TestAttribute =
  | number
  | string
  | readonly number[]
  | readonly string[]
  | { readonly float: number }
  | { readonly floats: readonly number[] }
  | { readonly tensor: Omit<TestConstant, "name"> }
  | { readonly graph: TestGraph }
  | onnx.IAttributeProto;

export interface TestNode {
  readonly op: string;
  readonly name?: string;
  readonly domain?: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, TestAttribute>>;
}

export interface TestGraph {
  readonly inputs?: readonly {
    readonly name: string;
    readonly shape: readonly (number | string)[];
    readonly type?: number;
  }[];
  readonly outputs: readonly string[];
  readonly constants?: readonly TestConstant[];
  readonly nodes: readonly TestNode[];
}

export interface TestModel extends TestGraph {
  readonly inputs: NonNullable<TestGraph["inputs"]>;
  readonly opset?: number;
  readonly mlOpset?: number;
}

const ML = "ai.onnx.ml";

/** The bytes of a small ONNX model, which imports the domains of its nodes. */
export function buildOnnx(model: TestModel): Uint8Array {
  return encodeModel(describeModel(model));
}

export function encodeModel(proto: onnx.IModelProto): Uint8Array {
  const { ModelProto } = onnxProto.onnx;
  return ModelProto.encode(ModelProto.create(proto)).finish();
}

/** A model as protocol buffers know it, for tests that change what `TestModel` has no word for. */
export function describeModel(model: TestModel): onnx.IModelProto & { readonly graph: onnx.IGraphProto } {
  const domains = new Set(model.nodes.map(({ domain }) => domain ?? ""));
  if (model.mlOpset !== undefined) domains.delete(ML);
  return {
    irVersion: 8,
    opsetImport: [
      { domain: "", version: model.opset ?? 13 },
      ...(model.mlOpset === undefined ? [] : [{ domain: ML, version: model.mlOpset }]),
      ...[...domains].filter((domain) => domain !== "").map((domain) => ({ domain, version: domain === ML ? 3 : 1 })),
    ],
    graph: describeGraph(model, "test"),
  };
}

export function describeGraph({ inputs, outputs, constants, nodes }: TestGraph, name: string): onnx.IGraphProto {
  return {
    name,
    input: (inputs ?? []).map((input) => ({
      name: input.name,
      type: {
        tensorType: {
          elemType: input.type ?? TYPES.float,
          shape: {
            dim: input.shape.map((size) => (typeof size === "number" ? { dimValue: size } : { dimParam: size })),
          },
        },
      },
    })),
    output: outputs.map((output) => ({ name: output })),
    initializer: (constants ?? []).map(describeConstant),
    node: nodes.map(describeNode),
  };
}

export function describeNode({ op, name, domain, inputs, outputs, attributes }: TestNode): onnx.INodeProto {
  return {
    opType: op,
    name: name ?? "",
    domain: domain ?? "",
    input: [...inputs],
    output: [...outputs],
    attribute: Object.entries(attributes ?? {}).map(([key, value]) => ({ name: key, ...describeAttribute(value) })),
  };
}

/** Values go to the field that the standard gives their type, and never to `raw_data`. */
export function describeConstant({ name, shape, values, integers, type, strings }: TestConstant): onnx.ITensorProto {
  const kind = type ?? (integers === true ? "int64" : "float");
  const tensor = { name, dims: [...shape], dataType: TYPES[kind] };
  switch (kind) {
    case "float":
      return { ...tensor, floatData: [...values] };
    case "double":
      return { ...tensor, doubleData: [...values] };
    case "int64":
      return { ...tensor, int64Data: [...values] };
    case "uint32":
    case "uint64":
      return { ...tensor, uint64Data: [...values] };
    case "string":
      return { ...tensor, stringData: (strings ?? []).map((text) => new TextEncoder().encode(text)) };
    default:
      return { ...tensor, int32Data: [...values] };
  }
}

/** Kinds of `AttributeProto` as the ONNX standard numbers them. */
function describeAttribute(value: TestAttribute): onnx.IAttributeProto {
  if (typeof value === "number") return Number.isInteger(value) ? { type: 2, i: value } : { type: 1, f: value };
  if (typeof value === "string") return { type: 3, s: new TextEncoder().encode(value) };
  if (isList(value)) return describeList(value);
  if ("float" in value) return { type: 1, f: value.float };
  if ("tensor" in value) return { type: 4, t: describeConstant({ name: "", ...value.tensor }) };
  if ("graph" in value) return { type: 5, g: describeGraph(value.graph, "inner") };
  if ("floats" in value && !("type" in value)) return { type: 6, floats: [...(value.floats ?? [])] };
  return value;
}

function isList(value: object): value is readonly number[] | readonly string[] {
  return Array.isArray(value);
}

function describeList(list: readonly (number | string)[]): onnx.IAttributeProto {
  const texts = list.filter((item) => typeof item === "string");
  return texts.length > 0
    ? { type: 8, strings: texts.map((text) => new TextEncoder().encode(text)) }
    : { type: 7, ints: list.filter((item) => typeof item === "number") };
}

/** Weights that look trained: a seeded sum of uniforms, scaled by the fan-in. */
export function seededWeights(count: number, seed: number, scale = 1): number[] {
  const next = xorshift(seed | 1);
  return Array.from({ length: count }, () => Math.fround((next() + next() + next() - 1.5) * scale));
}

/** Gemm - Relu - ... - Gemm - ArgMax (or the logits), with seeded weights. */
export function buildMlp(
  sizes: readonly number[],
  seed: number,
  options: { readonly argmax?: boolean } = {},
): Uint8Array {
  const constants: TestConstant[] = [];
  const nodes: TestNode[] = [];
  let value = "input";
  sizes.slice(1).forEach((size, index) => {
    const from = sizes[index] ?? 1;
    const [weight, bias, sum] = [`w${index}`, `b${index}`, `sum${index}`];
    constants.push(
      {
        name: weight,
        shape: [from, size],
        values: seededWeights(from * size, seed + 31 * index, 1.6 / Math.sqrt(from)),
      },
      { name: bias, shape: [size], values: seededWeights(size, seed + 31 * index + 17, 0.2) },
    );
    nodes.push({ op: "Gemm", name: `dense${index}`, inputs: [value, weight, bias], outputs: [sum] });
    value = sum;
    if (index < sizes.length - 2) {
      nodes.push({ op: "Relu", name: `relu${index}`, inputs: [value], outputs: [`hidden${index}`] });
      value = `hidden${index}`;
    }
  });
  if (options.argmax !== false) {
    nodes.push({
      op: "ArgMax",
      name: "label",
      inputs: [value],
      outputs: ["label"],
      attributes: { axis: 1, keepdims: 0 },
    });
    value = "label";
  }
  return buildOnnx({
    inputs: [{ name: "input", shape: ["batch", sizes[0] ?? 1] }],
    outputs: [value],
    constants,
    nodes,
  });
}
