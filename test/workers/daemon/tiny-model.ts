import onnxProto, { type onnx } from "onnx-proto";

import { compile, encodeGraph, type IntegerGraph, lower } from "../../../circuits/compiler/index.ts";
import { contentId } from "../../../circuits/format/content-id.ts";
import { encodeProof, encodeVerificationKey } from "../../../circuits/format/groth16.ts";
import { encodeManifest, type FileReference, type Manifest } from "../../../circuits/format/manifest.ts";
import { packTensors } from "../../../circuits/format/tensor.ts";
import { createProver, makeDeveloperKeys } from "../../../circuits/toolchain/index.ts";

const { onnx: proto } = onnxProto;
const FLOAT = 1;
const INT64 = 7;

/** Files of a version and what the chain needs to know of it. */
export interface TinyVersion {
  readonly manifest: Manifest;
  readonly manifestBytes: Uint8Array;
  readonly files: readonly Uint8Array[];
  /** Empty without a circuit. */
  readonly verificationKey: Uint8Array;
  readonly sample: {
    readonly binding: bigint;
    readonly input: Uint8Array;
    readonly output: Uint8Array;
    readonly proof: Uint8Array;
  } | null;
  readonly graph: IntegerGraph | null;
}

/** Eight small integers, two layers, one of three labels: with circuit, keys and a sample proof. */
export async function tinyClassifier(): Promise<TinyVersion> {
  const model = modelOf(
    "classifier",
    [
      layer("Gemm", ["x", "w1", "b1"], "h"),
      layer("Relu", ["h"], "a"),
      layer("Gemm", ["a", "w2", "b2"], "y"),
      proto.NodeProto.create({
        opType: "ArgMax",
        name: "label",
        input: ["y"],
        output: ["label"],
        attribute: [
          { name: "axis", type: 2, i: 1 },
          { name: "keepdims", type: 2, i: 0 },
        ],
      }),
    ],
    { name: "label", type: INT64, shape: [1] },
  );
  const byte = { kind: "int", bits: 8, decimals: 0 } as const;
  const { graph, inputs, outputs } = compile(model, { name: "classifier", inputs: [byte], agreement: 0.5 });
  const lowered = lower(graph);
  const keys = await makeDeveloperKeys(lowered.system);
  const prover = createProver(keys.zkey, { threads: 1 });
  try {
    const input = [[1n, -2n, 3n, -4n, 5n, -6n, 7n, -8n]];
    const { witness, outputs: values } = lowered.witness(input, 1n);
    const { proof } = await prover.prove(witness);
    const verificationKey = encodeVerificationKey(keys.verificationKey);
    const files: Uint8Array[] = [];
    const add = (bytes: Uint8Array): FileReference => {
      files.push(bytes);
      return { cid: contentId(bytes), bytes: bytes.length };
    };
    const manifest: Manifest = {
      assay: 1,
      name: "classifier",
      model: add(model),
      inputs: [...inputs],
      outputs: [...outputs],
      adapters: { input: null, output: null },
      circuit: {
        graph: add(encodeGraph(graph)),
        zkey: add(keys.zkey),
        verificationKey: add(verificationKey),
        constraints: lowered.system.constraints.length,
        wires: lowered.system.wireCount,
        publicSignals: lowered.system.publicCount,
        keys: "dev",
      },
    };
    const sample = {
      binding: 1n,
      input: packTensors(inputs, input),
      output: packTensors(outputs, values),
      proof: encodeProof(proof),
    };
    return { manifest, manifestBytes: encodeManifest(manifest), files, verificationKey, sample, graph };
  } finally {
    await prover.close();
  }
}

/** One layer in floating point, without a circuit: ONNX Runtime answers. */
export function tinyRegressor(name = "regressor", width = 8, bits: 4 | 8 = 8): TinyVersion {
  const output = { name: "y", type: FLOAT, shape: [1, 4] };
  const model = modelOf(name, [layer("Gemm", ["x", "w1", "b1"], "y")], output, width);
  const reference = { cid: contentId(model), bytes: model.length };
  const manifest: Manifest = {
    assay: 1,
    name,
    model: reference,
    inputs: [{ name: "x", kind: "int", bits, decimals: 0, shape: [1, width] }],
    outputs: [{ name: "y", kind: "int", bits: 32, decimals: 3, shape: [1, 4] }],
    adapters: { input: null, output: null },
    circuit: null,
  };
  return {
    manifest,
    manifestBytes: encodeManifest(manifest),
    files: [model],
    verificationKey: new Uint8Array(),
    sample: null,
    graph: null,
  };
}

/** What the regressor gives, in thousandths, computed here in double precision from the same weights. */
export function regress(input: readonly number[]): bigint[] {
  const weights = numbers(8 * 4, 1);
  const bias = numbers(4, 2);
  return bias.map((start, column) =>
    BigInt(
      Math.floor(input.reduce((sum, value, row) => sum + value * (weights[row * 4 + column] ?? 0), start) * 1000 + 0.5),
    ),
  );
}

function modelOf(
  name: string,
  node: onnx.INodeProto[],
  output: { name: string; type: number; shape: readonly number[] },
  width = 8,
): Uint8Array {
  const value = (of: string, elemType: number, shape: readonly number[]) => ({
    name: of,
    type: { tensorType: { elemType, shape: { dim: shape.map((dimValue) => ({ dimValue })) } } },
  });
  const used = new Set(node.flatMap(({ input }) => input ?? []));
  const weights = [
    tensor("w1", [width, 4], numbers(width * 4, 1)),
    tensor("b1", [4], numbers(4, 2)),
    tensor("w2", [4, 3], numbers(4 * 3, 3)),
    tensor("b2", [3], numbers(3, 4)),
  ].filter((one) => used.has(one.name ?? ""));
  const model = proto.ModelProto.create({
    irVersion: 8,
    opsetImport: [{ domain: "", version: 17 }],
    graph: {
      name,
      node,
      initializer: weights,
      input: [value("x", FLOAT, [1, width])],
      output: [value(output.name, output.type, output.shape)],
    },
  });
  return Uint8Array.from(proto.ModelProto.encode(model).finish());
}

function layer(opType: string, input: string[], output: string): onnx.INodeProto {
  return proto.NodeProto.create({ opType, name: output, input, output: [output] });
}

function tensor(name: string, dims: number[], floatData: number[]): onnx.ITensorProto {
  return { name, dims, dataType: FLOAT, floatData };
}

/** Quarters between -1 and 1, the same in every run: exact in both floating point widths. */
function numbers(count: number, seed: number): number[] {
  let state = seed * 2654435761;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return ((state >>> 16) % 9) / 4 - 1;
  });
}
