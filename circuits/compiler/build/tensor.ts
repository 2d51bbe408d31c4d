import type { ValueId } from "../graph/layer.ts";

/** Element types as ONNX tells them apart, as far as arithmetic cares. */
export type TensorType = "real" | "int" | "bool" | "text";

/** A value of the ONNX graph while it is read: known, or computed by the layers recorded so far. Row-major. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly type: TensorType;
  /** Exactly one of these, and neither for a sequence. */
  readonly known?: Float64Array;
  readonly value?: ValueId;
  /** Of a sequence of tensors, which only the operators on sequences take. */
  readonly items?: readonly Tensor[];
  /** Of a known tensor of type "text", whose `known` is empty. */
  readonly texts?: readonly string[];
  /** Of a computed tensor of type "int" that counts classes from 0: what each is called. */
  readonly labels?: readonly string[];
  /** The ONNX type behind "int", where an operator's meaning hangs on its width. */
  readonly width?: IntegerWidth;
}

export type IntegerWidth = "uint8" | "int8" | "uint16" | "int16" | "uint32" | "int32" | "uint64" | "int64";

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

export function isKnown(tensor: Tensor): tensor is Tensor & { readonly known: Float64Array } {
  return tensor.known !== undefined;
}

export function knownTensor(shape: readonly number[], values: ArrayLike<number>, type: TensorType = "real"): Tensor {
  return Object.freeze({ shape: Object.freeze([...shape]), type, known: Float64Array.from(values) });
}

export function sequenceOf(items: readonly Tensor[]): Tensor {
  return Object.freeze({ shape: Object.freeze([]), type: "real", items: Object.freeze([...items]) });
}

/** The same elements under another shape of the same size. */
export function reshaped(tensor: Tensor, shape: readonly number[]): Tensor {
  return Object.freeze({ ...tensor, shape: Object.freeze([...shape]) });
}

/** The same numbers under another type. */
export function retyped(tensor: Tensor, type: TensorType, width?: IntegerWidth): Tensor {
  const { shape, known, value } = tensor;
  return Object.freeze({
    shape,
    type,
    ...(known !== undefined && { known }),
    ...(value !== undefined && { value }),
    ...(width !== undefined && { width }),
  });
}

/** For each axis, how far apart its neighbours are in row-major order. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis--)
    strides[axis] = (strides[axis + 1] ?? 1) * (shape[axis + 1] ?? 1);
  return strides;
}

/** Calls `visit` with the coordinates of each element, in row-major order. The array is used again. */
export function forEachIndex(shape: readonly number[], visit: (at: readonly number[], flat: number) => void): void {
  const at = new Array<number>(shape.length).fill(0);
  const total = sizeOf(shape);
  for (let flat = 0; flat < total; flat++) {
    visit(at, flat);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at[axis] = (at[axis] ?? 0) + 1;
      if ((at[axis] ?? 0) < (shape[axis] ?? 0)) break;
      at[axis] = 0;
    }
  }
}
