import { halfToNumber } from "../../format/half-float.ts";
import type { DataType } from "./data-type.ts";

/** How `raw_data` holds the elements of a type, little-endian. */
export interface NumberLayout {
  readonly bits: number;
  /** `index` counts elements. */
  read(view: DataView, index: number): number;
}

const LAYOUTS: Readonly<Record<Exclude<DataType, "string">, NumberLayout>> = {
  float: { bits: 32, read: (view, index) => view.getFloat32(index * 4, true) },
  double: { bits: 64, read: (view, index) => view.getFloat64(index * 8, true) },
  float16: { bits: 16, read: (view, index) => halfToNumber(view.getUint16(index * 2, true)) },
  bfloat16: { bits: 16, read: (view, index) => brainFloat(view.getUint16(index * 2, true)) },
  uint8: { bits: 8, read: (view, index) => view.getUint8(index) },
  int8: { bits: 8, read: (view, index) => view.getInt8(index) },
  uint16: { bits: 16, read: (view, index) => view.getUint16(index * 2, true) },
  int16: { bits: 16, read: (view, index) => view.getInt16(index * 2, true) },
  uint32: { bits: 32, read: (view, index) => view.getUint32(index * 4, true) },
  int32: { bits: 32, read: (view, index) => view.getInt32(index * 4, true) },
  uint64: { bits: 64, read: (view, index) => Number(view.getBigUint64(index * 8, true)) },
  int64: { bits: 64, read: (view, index) => Number(view.getBigInt64(index * 8, true)) },
  bool: { bits: 8, read: (view, index) => Math.min(view.getUint8(index), 1) },
  uint4: { bits: 4, read: nibble },
  int4: { bits: 4, read: (view, index) => signedNibble(nibble(view, index)) },
};

export function layoutOf(type: Exclude<DataType, "string">): NumberLayout {
  return LAYOUTS[type];
}

/** The upper half of a binary32. */
export function brainFloat(bits: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint16(0, bits);
  return view.getFloat32(0);
}

/** Two elements a byte, the first in the lower half. */
function nibble(view: DataView, index: number): number {
  return (view.getUint8(index >> 1) >> (4 * (index & 1))) & 0xf;
}

function signedNibble(value: number): number {
  return value < 8 ? value : value - 16;
}
