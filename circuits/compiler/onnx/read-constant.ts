import type { onnx } from "onnx-proto";

import { NodeProblem } from "../compile-error.ts";
import type { Constant } from "./model.ts";

/** Data types of `TensorProto` as the ONNX standard numbers them. */
const FLOAT = 1;
const UINT8 = 2;
const INT8 = 3;
const UINT16 = 4;
const INT16 = 5;
const INT32 = 6;
const INT64 = 7;
const BOOL = 9;
const DOUBLE = 11;
const EXTERNAL = 1;

interface Layout {
  readonly bytes: number;
  read(view: DataView, offset: number): number;
}

const RAW: ReadonlyMap<number, Layout> = new Map<number, Layout>([
  [FLOAT, { bytes: 4, read: (view, offset) => view.getFloat32(offset, true) }],
  [DOUBLE, { bytes: 8, read: (view, offset) => view.getFloat64(offset, true) }],
  [UINT8, { bytes: 1, read: (view, offset) => view.getUint8(offset) }],
  [INT8, { bytes: 1, read: (view, offset) => view.getInt8(offset) }],
  [UINT16, { bytes: 2, read: (view, offset) => view.getUint16(offset, true) }],
  [INT16, { bytes: 2, read: (view, offset) => view.getInt16(offset, true) }],
  [INT32, { bytes: 4, read: (view, offset) => view.getInt32(offset, true) }],
  [INT64, { bytes: 8, read: (view, offset) => Number(view.getBigInt64(offset, true)) }],
  [BOOL, { bytes: 1, read: (view, offset) => view.getUint8(offset) }],
]);

/** Throws a `NodeProblem` when the weights are elsewhere, of another type, or not as many as the shape says. */
export function readConstant(tensor: onnx.ITensorProto): Constant {
  const location: number = tensor.dataLocation ?? 0;
  if (location === EXTERNAL || (tensor.externalData?.length ?? 0) > 0)
    throw new NodeProblem("FILE_EXTERNAL_DATA", "its values are in another file; save the model as one file");
  const shape = (tensor.dims ?? []).map(Number);
  const count = shape.reduce((product, size) => product * size, 1);
  const values = readValues(tensor);
  if (values.length !== count)
    throw new NodeProblem(
      "FILE_TRUNCATED",
      `shape [${shape.join(", ")}] needs ${count} values, the file holds ${values.length}`,
    );
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad !== -1) throw new NodeProblem("TYPE_UNSUPPORTED", `value ${bad} is ${values[bad]}; weights must be finite`);
  const whole = tensor.dataType !== FLOAT && tensor.dataType !== DOUBLE;
  return Object.freeze({ shape: Object.freeze(shape), values, whole });
}

function readValues(tensor: onnx.ITensorProto): Float64Array {
  const layout = RAW.get(tensor.dataType ?? 0);
  if (layout === undefined)
    throw new NodeProblem("TYPE_UNSUPPORTED", `data type ${tensor.dataType ?? 0} is not read; convert it to float32`);
  const raw = tensor.rawData;
  if (raw !== null && raw !== undefined && raw.length > 0) {
    const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
    const count = Math.floor(raw.length / layout.bytes);
    return Float64Array.from({ length: count }, (_, index) => layout.read(view, index * layout.bytes));
  }
  if (tensor.dataType === DOUBLE) return Float64Array.from(tensor.doubleData ?? []);
  if (tensor.dataType === FLOAT) return Float64Array.from(tensor.floatData ?? []);
  if (tensor.dataType === INT64) return Float64Array.from(tensor.int64Data ?? [], Number);
  return Float64Array.from(tensor.int32Data ?? []);
}
