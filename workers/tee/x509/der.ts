import { byteAt } from "../bytes.ts";
import { TeeError } from "../error.ts";

/** Elements of DER, read as strictly as contracts/tee/x509/Der.sol: short tags, the shortest length, nothing beyond. */
export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
  context0: 0xa0,
  context3: 0xa3,
} as const;

/** An element of which the content lies in `der[from:to]` ends at `to`. */
export interface Element {
  readonly tag: number;
  readonly from: number;
  readonly to: number;
}

/** The element at `pos`, whatever its tag. */
export function next(der: Uint8Array, pos: number, end: number): Element {
  if (pos + 2 > end) throw new TeeError("DerTruncated", { pos });
  let from = pos + 2;
  let length = byteAt(der, pos + 1);
  if (length >= 0x80) {
    const count = length & 0x7f;
    // Nothing read here comes near 16 MB.
    if (count === 0 || count > 3) throw new TeeError("DerLength", { pos });
    length = 0;
    for (let i = 0; i < count; ++i) length = length * 256 + byteAt(der, from + i);
    if (length < 0x80 || length < 256 ** (count - 1)) throw new TeeError("DerLength", { pos });
    from += count;
  }
  const to = from + length;
  if (to > end) throw new TeeError("DerTruncated", { pos });
  return { tag: byteAt(der, pos), from, to };
}

export function expect(der: Uint8Array, pos: number, end: number, needed: number): Element {
  const element = next(der, pos, end);
  if (element.tag !== needed) throw new TeeError("DerTag", { pos, had: element.tag, needed });
  return element;
}

/** The element that fills `der` as a whole. */
export function whole(der: Uint8Array, needed: number): Element {
  const element = expect(der, 0, der.length, needed);
  finish(element.to, der.length);
  return element;
}

/** An integer from 0 on, of 32 bytes at most unless it is said otherwise. */
export function integer(
  der: Uint8Array,
  pos: number,
  end: number,
  most = 32,
): { readonly value: bigint; readonly to: number } {
  const { from, to } = expect(der, pos, end, TAG.integer);
  const isNegative = (byteAt(der, from) & 0x80) !== 0;
  if (from === to || isNegative) throw new TeeError("DerInteger", { pos });
  const hasZero = byteAt(der, from) === 0 && to - from > 1;
  // A leading zero is there to keep the sign bit clear, and for nothing else.
  if (hasZero && (byteAt(der, from + 1) & 0x80) === 0) throw new TeeError("DerInteger", { pos });
  const first = hasZero ? from + 1 : from;
  if (to - first > most) throw new TeeError("DerInteger", { pos });
  let value = 0n;
  for (let i = first; i < to; ++i) value = (value << 8n) | BigInt(byteAt(der, i));
  return { value, to };
}

/** Two integers in a sequence that ends at `end`: r and s of an ECDSA signature, each of `size` bytes. */
export function signaturePair(der: Uint8Array, pos: number, end: number, size = 32): Uint8Array {
  const { from, to } = expect(der, pos, end, TAG.sequence);
  finish(to, end);
  const r = integer(der, from, to, size);
  const s = integer(der, r.to, to, size);
  finish(s.to, to);
  const signature = new Uint8Array(2 * size);
  for (let i = 0; i < size; ++i) {
    signature[size - 1 - i] = Number((r.value >> BigInt(8 * i)) & 0xffn);
    signature[2 * size - 1 - i] = Number((s.value >> BigInt(8 * i)) & 0xffn);
  }
  return signature;
}

export function finish(pos: number, end: number): void {
  if (pos !== end) throw new TeeError("DerTrailingBytes", { pos, end });
}
