import { InferenceSession, type Tensor } from "onnxruntime-node";

import { elementRange, type TensorSpec } from "../../../circuits/format/tensor.ts";
import type { NamedTensorSpec } from "../../../circuits/format/manifest.ts";
import { WorkerError } from "../worker-error.ts";
import { elementsOf, toOnnxTensor } from "./onnx-tensor.ts";

/** A model in ONNX Runtime, for versions without a circuit. */
export interface OnnxModel {
  /** One array of integers for each tensor, as the specs say. Throws `EXECUTION_FAILED`, `MODEL_UNSUPPORTED`. */
  run(inputs: readonly (readonly bigint[])[]): Promise<bigint[][]>;
  close(): Promise<void>;
}

/**
 * The same input gives the same sums in the same order: one thread, one operator after the other, and none of the
 * optimizations that lay tensors out by the width of the processor's vectors. What is left to the processor is which
 * kernel multiplies matrices: machines of one kind agree to the bit, others up to the rounding of float sums.
 */
const SESSION_OPTIONS: InferenceSession.SessionOptions = {
  executionProviders: ["cpu"],
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: "sequential",
  graphOptimizationLevel: "extended",
  // Sizes that an earlier run happened to have decide nothing.
  enableMemPattern: false,
};

export async function openOnnxModel(
  bytes: Uint8Array,
  inputSpecs: readonly NamedTensorSpec[],
  outputSpecs: readonly NamedTensorSpec[],
): Promise<OnnxModel> {
  const session = await InferenceSession.create(bytes, SESSION_OPTIONS);
  const types = new Map(
    session.inputMetadata.flatMap((input) => (input.isTensor ? [[input.name, input.type] as const] : [])),
  );
  return {
    async run(inputs) {
      const feeds = inputSpecs.map(
        (spec, index) => [spec.name, toOnnxTensor(spec, inputs[index] ?? [], types.get(spec.name))] as const,
      );
      const results = await session.run(Object.fromEntries(feeds));
      return outputSpecs.map((spec) => read(spec, results[spec.name]));
    },
    close: () => session.release(),
  };
}

function read(spec: NamedTensorSpec, tensor: Tensor | undefined): bigint[] {
  if (tensor === undefined) throw new WorkerError("MODEL_UNSUPPORTED", `the model has no output "${spec.name}"`);
  return elementsOf(tensor).map((value, index) => toInteger(spec, spec.name, index, value));
}

/** Half up, like every rounding of ours. A value that its spec cannot hold has no answer on chain. */
function toInteger(spec: TensorSpec, name: string, index: number, value: unknown): bigint {
  const { min, max } = elementRange(spec);
  if (typeof value === "number" && !Number.isFinite(value))
    throw new WorkerError("EXECUTION_FAILED", `element ${index} of "${name}" is ${value}`);
  if (typeof value !== "number" && typeof value !== "bigint")
    throw new WorkerError("MODEL_UNSUPPORTED", `output "${name}" has elements of type ${typeof value}`);
  const integer =
    typeof value === "bigint"
      ? value * 10n ** BigInt(spec.decimals)
      : BigInt(Math.floor(value * 10 ** spec.decimals + 0.5));
  if (integer < min || integer > max)
    throw new WorkerError("EXECUTION_FAILED", `element ${index} of "${name}" is ${integer}, outside [${min}, ${max}]`);
  return integer;
}
