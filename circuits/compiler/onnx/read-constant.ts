import type { onnx } from "onnx-proto";

import { halfToNumber } from "../../format/half-float.ts";
import { NodeProblem } from "../compile-error.ts";
import { type DataType, dataTypeNamed, isWholeType } from "./data-type.ts";
import { exactInteger } from "./exact-integer.ts";
import type { Constant } from "./model.ts";
import { brainFloat, layoutOf } from "./number-layout.ts";
import { countElements } from "./size.ts";

/** `TensorProto.DataLocation`. */
const EXTERNAL = 1;

/**
 * Throws a `NodeProblem` when the values are elsewhere, of a type that is not read, not a number, not exact, or not as
 * many as the shape says.
 */
export function readConstant(tensor: onnx.ITensorProto): Constant {
  const location: number = tensor.dataLocation ?? 0;
  if (location === EXTERNAL || (tensor.externalData?.length ?? 0) > 0)
    throw new NodeProblem(
      "FILE_EXTERNAL_DATA",
      "its values are in another file; save the model as one file, as onnx.save_model(model, path) does by default",
    );
  const type = dataTypeNamed(tensor.dataType ?? 0);
  if (type === undefined)
    throw new NodeProblem("TYPE_UNSUPPORTED", `data type ${tensor.dataType ?? 0} is not read; convert it to float32`);
  const shape = Object.freeze((tensor.dims ?? []).map(Number));
  const count = countElements(shape);
  if (type === "string") return readStrings(tensor, shape, count);
  const values = readValues(tensor, type, count);
  assertCount(shape, count, values.length);
  return Object.freeze({ shape, values: checkValues(values, type), whole: isWholeType(type), type });
}

function readStrings(tensor: onnx.ITensorProto, shape: readonly number[], count: number): Constant {
  const decoder = new TextDecoder();
  const strings = Object.freeze((tensor.stringData ?? []).map((text) => decoder.decode(text)));
  assertCount(shape, count, strings.length);
  return Object.freeze({ shape, values: new Float64Array(), whole: false, type: "string", strings });
}

function assertCount(shape: readonly number[], count: number, found: number): void {
  if (found !== count)
    throw new NodeProblem(
      "FILE_TRUNCATED",
      `shape [${shape.join(", ")}] needs ${count} values, the file holds ${found}`,
    );
}

function readValues(tensor: onnx.ITensorProto, type: Exclude<DataType, "string">, count: number): Float64Array {
  const raw = tensor.rawData;
  if (raw === null || raw === undefined || raw.length === 0) return readField(tensor, type, count);
  const layout = layoutOf(type);
  const bytes = Math.ceil((count * layout.bits) / 8);
  if (raw.length !== bytes)
    throw new NodeProblem("FILE_TRUNCATED", `${count} values of type ${type} need ${bytes} bytes, not ${raw.length}`);
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  const values = new Float64Array(count);
  for (let index = 0; index < count; index++) values[index] = layout.read(view, index);
  return values;
}

/** Types without a field of their own share `int32_data`, some as bit patterns. */
function readField(tensor: onnx.ITensorProto, type: Exclude<DataType, "string">, count: number): Float64Array {
  if (type === "float") return Float64Array.from(tensor.floatData ?? []);
  if (type === "double") return Float64Array.from(tensor.doubleData ?? []);
  if (type === "int64") return Float64Array.from(tensor.int64Data ?? [], Number);
  if (type === "uint32" || type === "uint64") return Float64Array.from(tensor.uint64Data ?? [], Number);
  return readShared(tensor.int32Data ?? [], type, count);
}

function readShared(data: readonly number[], type: DataType, count: number): Float64Array {
  if (type === "float16") return Float64Array.from(data, halfToNumber);
  if (type === "bfloat16") return Float64Array.from(data, brainFloat);
  return type === "uint4" || type === "int4" ? readNibbles(data, type, count) : Float64Array.from(data);
}

/** One byte, that is two elements, in each integer; the upper half of the last is padding when the count is odd. */
function readNibbles(packed: readonly number[], type: "uint4" | "int4", count: number): Float64Array {
  const view = new DataView(Uint8Array.from(packed).buffer);
  const held = packed.length === Math.ceil(count / 2) ? count : 2 * packed.length;
  return Float64Array.from({ length: held }, (_, index) => layoutOf(type).read(view, index));
}

function checkValues(values: Float64Array, type: DataType): Float64Array {
  if (type === "int64" || type === "uint64") return values.map((value, index) => exactInteger(value, `value ${index}`));
  const bad = values.findIndex((value) => Number.isNaN(value));
  if (bad !== -1)
    throw new NodeProblem(
      "VALUE_NOT_FINITE",
      `value ${bad} is not a number (NaN); the training diverged, or the file is damaged`,
    );
  return values;
}
