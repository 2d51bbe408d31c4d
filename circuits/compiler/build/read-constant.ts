import type { DataType } from "../onnx/data-type.ts";
import { isWholeType } from "../onnx/data-type.ts";
import type { Constant } from "../onnx/model.ts";
import { type IntegerWidth, knownTensor, type Tensor, type TensorType } from "./tensor.ts";

/** An initializer or a constant's value. */
export function tensorOf({ shape, values, whole, type, strings }: Constant): Tensor {
  if (strings !== undefined) return Object.freeze({ ...knownTensor(shape, [], "text"), texts: strings });
  const tensor = knownTensor(shape, values, type === undefined ? (whole ? "int" : "real") : tensorType(type));
  const width = type === undefined ? undefined : integerWidth(type);
  return width === undefined ? tensor : Object.freeze({ ...tensor, width });
}

export function tensorType(type: DataType): TensorType {
  if (type === "bool") return "bool";
  if (type === "string") return "text";
  return isWholeType(type) ? "int" : "real";
}

const WIDTHS: readonly IntegerWidth[] = ["uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64"];

export function integerWidth(type: DataType): IntegerWidth | undefined {
  return WIDTHS.find((width) => width === type);
}
