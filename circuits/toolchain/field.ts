import { toField } from "../format/field.ts";
import { FIELD_ORDER } from "../format/interface-words.ts";

/** Bytes of a field element in iden3's files, little-endian. */
export const ELEMENT_BYTES = 32;

/** Order of the field of the curve's coordinates. */
export const BASE_FIELD_ORDER = 21888242871839275222246405745257275088696311157297823662689037894645226208583n;

/** The smallest quadratic non-residue of the scalar field; its odd powers generate every 2-adic root of unity. */
const NON_RESIDUE = 5n;
const TWO_ADICITY = 28;

export function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let factor = toField(base), rest = exponent; rest > 0n; rest >>= 1n, factor = (factor * factor) % FIELD_ORDER)
    if ((rest & 1n) === 1n) result = (result * factor) % FIELD_ORDER;
  return result;
}

/** Inverse by Fermat; the inverse of 0 is 0. */
export function inverse(value: bigint): bigint {
  return power(value, FIELD_ORDER - 2n);
}

/** All inverses for the price of one (Montgomery's trick). No value may be 0. */
export function inverses(values: readonly bigint[]): bigint[] {
  const prefixes: bigint[] = [];
  let product = 1n;
  for (const value of values) {
    prefixes.push(product);
    product = (product * value) % FIELD_ORDER;
  }
  const result = new Array<bigint>(values.length);
  let suffix = inverse(product);
  for (let index = values.length - 1; index >= 0; index--) {
    result[index] = (suffix * (prefixes[index] ?? 1n)) % FIELD_ORDER;
    suffix = (suffix * (values[index] ?? 1n)) % FIELD_ORDER;
  }
  return result;
}

/** A primitive root of unity of order 2^logSize, the one that snarkjs's FFT uses. `logSize` is at most 28. */
export function rootOfUnity(logSize: number): bigint {
  if (logSize > TWO_ADICITY) throw new RangeError(`the field has no root of unity of order 2^${logSize}`);
  return power(NON_RESIDUE, (FIELD_ORDER - 1n) >> BigInt(logSize));
}

/** Little-endian, 32 bytes a value, end to end. */
export function encodeElements(values: readonly bigint[]): Uint8Array {
  const bytes = new Uint8Array(values.length * ELEMENT_BYTES);
  const view = new DataView(bytes.buffer);
  values.forEach((value, index) => {
    for (let limb = 0, rest = value; limb < 4; limb++, rest >>= 64n)
      view.setBigUint64(index * ELEMENT_BYTES + 8 * limb, BigInt.asUintN(64, rest), true);
  });
  return bytes;
}

export function decodeElement(view: DataView, at: number): bigint {
  let value = 0n;
  for (let limb = 3; limb >= 0; limb--) value = (value << 64n) | view.getBigUint64(at + 8 * limb, true);
  return value;
}
