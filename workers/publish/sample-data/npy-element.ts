import { halfToNumber } from "../../../circuits/format/half-float.ts";

export interface NpyElement {
  readonly bytes: number;
  /** `at` counts bytes. */
  read(view: DataView, at: number): number;
}

type Reader = (view: DataView, at: number, little: boolean) => number;

/** By NumPy's letter for the kind and the bytes of an element. */
const READERS: Readonly<Record<string, Reader>> = {
  f2: (view, at, little) => halfToNumber(view.getUint16(at, little)),
  f4: (view, at, little) => view.getFloat32(at, little),
  f8: (view, at, little) => view.getFloat64(at, little),
  i1: (view, at) => view.getInt8(at),
  i2: (view, at, little) => view.getInt16(at, little),
  i4: (view, at, little) => view.getInt32(at, little),
  i8: (view, at, little) => Number(view.getBigInt64(at, little)),
  u1: (view, at) => view.getUint8(at),
  u2: (view, at, little) => view.getUint16(at, little),
  u4: (view, at, little) => view.getUint32(at, little),
  u8: (view, at, little) => Number(view.getBigUint64(at, little)),
  b1: (view, at) => Math.min(1, view.getUint8(at)),
};

/**
 * How elements of a type such as "<f4" (little-endian), ">i8" (big-endian) or "|b1" (one byte) are read; undefined for
 * kinds that are no numbers and for complex or longer ones. A 64-bit integer beyond 2^53 is rounded to a float64, as a
 * float model would take it.
 */
export function npyElement(descr: string): NpyElement | undefined {
  const [, order, kind] = /^([<>|=])(\w\d+)$/u.exec(descr) ?? [];
  const reader = kind !== undefined && Object.hasOwn(READERS, kind) ? READERS[kind] : undefined;
  if (reader === undefined || kind === undefined) return undefined;
  const bytes = Number(kind.slice(1));
  // "=" is the byte order of whatever machine wrote the file, which nobody knows any more; "|" needs none.
  if (bytes > 1 && order !== "<" && order !== ">") return undefined;
  return { bytes, read: (view, at) => reader(view, at, order === "<") };
}
