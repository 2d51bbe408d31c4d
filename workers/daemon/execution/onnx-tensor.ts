import { Tensor } from "onnxruntime-node";

import { halfToNumber, numberToHalf } from "../../../circuits/format/half-float.ts";
import type { NamedTensorSpec } from "../../../circuits/format/manifest.ts";
import { type ElementKind, elementRange } from "../../../circuits/format/tensor.ts";
import { WorkerError } from "../worker-error.ts";

/** What ONNX's types of whole numbers hold. */
const WHOLE = {
  bool: { kind: "uint", bits: 1 },
  uint8: { kind: "uint", bits: 8 },
  int8: { kind: "int", bits: 8 },
  uint16: { kind: "uint", bits: 16 },
  int16: { kind: "int", bits: 16 },
  uint32: { kind: "uint", bits: 32 },
  int32: { kind: "int", bits: 32 },
  uint64: { kind: "uint", bits: 64 },
  int64: { kind: "int", bits: 64 },
} as const satisfies Readonly<Record<string, { readonly kind: ElementKind; readonly bits: number }>>;

/**
 * Integers of a tensor as ONNX Runtime takes them, in the element type of the model's input: a real number is
 * `integer / 10 ** decimals`, rounded to the type. Throws `EXECUTION_FAILED` for an element that the type cannot hold,
 * and `MODEL_UNSUPPORTED` for a type that takes no such numbers.
 */
export function toOnnxTensor(spec: NamedTensorSpec, values: readonly bigint[], type: Tensor.Type | undefined): Tensor {
  const { shape } = spec;
  switch (type) {
    case "float32":
      return new Tensor(type, Float32Array.from(realsOf(spec, values)), shape);
    case "float64":
      return new Tensor(type, Float64Array.from(realsOf(spec, values)), shape);
    case "float16":
      return halfTensor(spec, realsOf(spec, values));
    case "bool":
    case "uint8":
      return new Tensor(type, Uint8Array.from(wholesOf(spec, values, type), Number), shape);
    case "int8":
      return new Tensor(type, Int8Array.from(wholesOf(spec, values, type), Number), shape);
    case "uint16":
      return new Tensor(type, Uint16Array.from(wholesOf(spec, values, type), Number), shape);
    case "int16":
      return new Tensor(type, Int16Array.from(wholesOf(spec, values, type), Number), shape);
    case "uint32":
      return new Tensor(type, Uint32Array.from(wholesOf(spec, values, type), Number), shape);
    case "int32":
      return new Tensor(type, Int32Array.from(wholesOf(spec, values, type), Number), shape);
    case "uint64":
      return new Tensor(type, BigUint64Array.from(wholesOf(spec, values, type)), shape);
    case "int64":
      return new Tensor(type, BigInt64Array.from(wholesOf(spec, values, type)), shape);
    case "string":
      return new Tensor(type, [new TextDecoder().decode(Uint8Array.from(values, Number))], [1]);
    default:
      throw new WorkerError("MODEL_UNSUPPORTED", `input "${spec.name}" is ${type ?? "not in the model"}`);
  }
}

/** The elements of a tensor that ONNX Runtime gave: numbers, bigints of 64-bit integers, or texts. */
export function elementsOf({ type, data }: Tensor): readonly unknown[] {
  if (type === "float16" && ArrayBuffer.isView(data))
    // A Float16Array where there are such, else the same bits in a Uint16Array.
    return Array.from(new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2), halfToNumber);
  return Array.from<unknown>(data);
}

function realsOf({ decimals }: NamedTensorSpec, values: readonly bigint[]): number[] {
  const scale = 10 ** decimals;
  return values.map((value) => Number(value) / scale);
}

/** A typed array would wrap around what is too large for it. */
function wholesOf(spec: NamedTensorSpec, values: readonly bigint[], type: keyof typeof WHOLE): readonly bigint[] {
  if (spec.decimals > 0)
    throw new WorkerError("MODEL_UNSUPPORTED", `input "${spec.name}" is ${type}, which has no decimals`);
  const { min, max } = elementRange({ ...spec, ...WHOLE[type] });
  values.forEach((value, index) => {
    if (value < min || value > max)
      throw new WorkerError(
        "EXECUTION_FAILED",
        `element ${index} of "${spec.name}" is ${value}, outside [${min}, ${max}]`,
      );
  });
  return values;
}

function halfTensor({ name, shape }: NamedTensorSpec, reals: readonly number[]): Tensor {
  const halves = Uint16Array.from(reals, (real, index) => {
    const half = numberToHalf(real);
    if (Number.isFinite(halfToNumber(half))) return half;
    throw new WorkerError("EXECUTION_FAILED", `element ${index} of "${name}" is ${real}, beyond float16`);
  });
  const tensor = new Tensor("float16", halves, shape);
  // Where there is a Float16Array the tensor would show one, of which ONNX Runtime's binding for Node 1.30 sees no bytes.
  return Object.defineProperty(tensor, "data", { value: halves });
}
