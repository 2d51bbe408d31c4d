import onnxProto from "onnx-proto";

/** A constant tensor of a test model: float32 unless it holds integers for a shape. */
export interface TestConstant {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: readonly number[];
  readonly integers?: boolean;
}

export interface TestNode {
  readonly op: string;
  readonly name?: string;
  readonly domain?: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, number | readonly number[]>>;
}

export interface TestModel {
  readonly inputs: readonly {
    readonly name: string;
    readonly shape: readonly (number | string)[];
    readonly type?: number;
  }[];
  readonly outputs: readonly string[];
  readonly constants?: readonly TestConstant[];
  readonly nodes: readonly TestNode[];
  readonly opset?: number;
}

const FLOAT = 1;
const INT64 = 7;

/** The bytes of a small ONNX model. */
export function buildOnnx(model: TestModel): Uint8Array {
  const { ModelProto } = onnxProto.onnx;
  return ModelProto.encode(
    ModelProto.create({
      irVersion: 8,
      opsetImport: [{ domain: "", version: model.opset ?? 13 }],
      graph: {
        name: "test",
        input: model.inputs.map(({ name, shape, type }) => ({
          name,
          type: {
            tensorType: {
              elemType: type ?? FLOAT,
              shape: { dim: shape.map((size) => (typeof size === "number" ? { dimValue: size } : { dimParam: size })) },
            },
          },
        })),
        output: model.outputs.map((name) => ({ name })),
        initializer: (model.constants ?? []).map(({ name, shape, values, integers }) => ({
          name,
          dims: [...shape],
          ...(integers === true
            ? { dataType: INT64, int64Data: [...values] }
            : { dataType: FLOAT, floatData: [...values] }),
        })),
        node: model.nodes.map(({ op, name, domain, inputs, outputs, attributes }) => ({
          opType: op,
          name: name ?? "",
          domain: domain ?? "",
          input: [...inputs],
          output: [...outputs],
          attribute: Object.entries(attributes ?? {}).map(([key, value]) =>
            typeof value === "number"
              ? Number.isInteger(value)
                ? { name: key, type: 2, i: value }
                : { name: key, type: 1, f: value }
              : { name: key, type: 7, ints: [...value] },
          ),
        })),
      },
    }),
  ).finish();
}

/** Weights that look trained: a seeded sum of uniforms, scaled by the fan-in. */
export function seededWeights(count: number, seed: number, scale = 1): number[] {
  let state = seed | 1;
  const next = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
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
