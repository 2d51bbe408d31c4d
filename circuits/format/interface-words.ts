import { concatBytes } from "./tensor.ts";

/** Bytes that fit in one public signal: 31, so that every word is below the order of the BN254 scalar field. */
export const WORD_BYTES = 31;
export const WORD_BITS = WORD_BYTES * 8;

/** Order of the BN254 scalar field, the modulus of every circuit. */
export const FIELD_ORDER = 21888242871839275222246405745257275088548364400416034343698204186575808495617n;

/**
 * The public words of a job: packed input followed by packed output, cut into 31-byte big-endian words, the last one
 * padded with zero bytes on the right. Bit `p` of the stream (0 is the first bit of the first byte) is bit
 * `247 - p % 248` of word `p / 248`.
 */
export function interfaceWords(input: Uint8Array, output: Uint8Array): bigint[] {
  const stream = concatBytes([input, output]);
  const words: bigint[] = [];
  for (let start = 0; start < stream.length; start += WORD_BYTES) {
    let word = 0n;
    for (let index = start; index < start + WORD_BYTES; index++) word = (word << 8n) | BigInt(stream[index] ?? 0);
    words.push(word);
  }
  return words;
}

/** How many words a stream of that many bytes takes. */
export function wordCount(bytes: number): number {
  return Math.ceil(bytes / WORD_BYTES);
}
