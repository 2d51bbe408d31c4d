import { byteAt } from "../bytes.ts";
import { TeeError } from "../error.ts";

/** Items of CBOR, read as strictly as contracts/tee/nitro/Cbor.sol: the kind that is expected, the shortest head. */
export const KIND = { unsigned: 0, bytes: 2, text: 3, array: 4, map: 5, tag: 6 } as const;

const NULL = 0xf6;
const BREAK = 0xff;
const MAP_WITHOUT_LENGTH = 0xbf;

/** An item with its content in `data[from:to]`. */
export interface Part {
  readonly from: number;
  readonly to: number;
}

/** The number that an item holds, or the length of what follows. */
export function head(data: Uint8Array, pos: number, end: number, needed: number) {
  if (pos >= end) throw new TeeError("CborTruncated", { pos });
  const had = byteAt(data, pos) >> 5;
  if (had !== needed) throw new TeeError("CborUnexpected", { pos, had, needed });
  const short = byteAt(data, pos) & 0x1f;
  if (short < 24) return { value: short, to: pos + 1 };
  // 24 to 27 announce 1, 2, 4 and 8 bytes; what is above has no length, or no meaning.
  if (short > 27) throw new TeeError("CborLength", { pos });
  const count = 2 ** (short - 24);
  const to = pos + 1 + count;
  if (to > end) throw new TeeError("CborTruncated", { pos });
  let value = 0;
  // Above 2^53 it is not exact, and far beyond what anything here may be.
  for (let i = pos + 1; i < to; ++i) value = value * 256 + byteAt(data, i);
  if (value < 24 || (count > 1 && value < 2 ** (4 * count))) throw new TeeError("CborLength", { pos });
  return { value, to };
}

/** A string of bytes or text, from `least` to `most` bytes. */
export function string(
  data: Uint8Array,
  pos: number,
  end: number,
  kind: number,
  [least, most]: readonly [number, number],
): Part {
  const { value: length, to: from } = head(data, pos, end, kind);
  if (length < least || length > most) throw new TeeError("CborLength", { pos });
  const to = from + length;
  if (to > end) throw new TeeError("CborTruncated", { pos });
  return { from, to };
}

/** How many entries a map has at most, whether it ends with a break, and where they begin. */
export function map(data: Uint8Array, pos: number, end: number, most: number) {
  if (pos < end && data[pos] === MAP_WITHOUT_LENGTH) return { count: most, hasBreak: true, to: pos + 1 };
  const { value: count, to } = head(data, pos, end, KIND.map);
  if (count > most) throw new TeeError("CborLength", { pos });
  return { count, hasBreak: false, to };
}

export const isBreak = (data: Uint8Array, pos: number, end: number) => pos < end && data[pos] === BREAK;
export const isNull = (data: Uint8Array, pos: number, end: number) => pos < end && data[pos] === NULL;

export function finish(pos: number, end: number): void {
  if (pos !== end) throw new TeeError("CborTrailingBytes", { pos, end });
}
