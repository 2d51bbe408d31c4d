import { AssayError } from "./error.ts";
import { FIELD_ORDER, interfaceWords, WORD_BITS, WORD_BYTES } from "./interface-words.ts";
import { poseidon } from "./poseidon.ts";
import { WIDEST_STATE } from "./poseidon-parameters.ts";

/** Bytes of a commitment: one interface word. */
export const COMMITMENT_BYTES = WORD_BYTES;

/** What a commitment is for; a number of its own in the capacity of each first block, so that none passes for another. */
const PURPOSES = { input: 1n, output: 2n, "output salt": 3n, weights: 4n } as const;
export type Purpose = keyof typeof PURPOSES;

export class CommitmentError extends AssayError {
  declare readonly code: "SALT_RANGE" | "SALT_MISSING" | "COMMITMENT_MISMATCH";
}

/** A fresh one: 248 random bits. */
export function drawSalt(): bigint {
  return fromBytes(crypto.getRandomValues(new Uint8Array(WORD_BYTES)));
}

/** Throws `SALT_RANGE` unless the salt of a job's input is a 248-bit number. */
export function assertSalt(salt: bigint): void {
  if (salt >= 0n && salt >> BigInt(WORD_BITS) === 0n) return;
  throw new CommitmentError("SALT_RANGE", `a salt is an integer from 0 to 2^${WORD_BITS} - 1`);
}

/**
 * 31 bytes, big-endian: the 248 lowest bits of a chain of Poseidon hashes over words of 248 bits, as interface words
 * are cut. The first block is the salt and up to 15 words, with purpose x 2^64 + number of bytes as its capacity; each
 * further one is the hash before it and up to 15 words, with capacity 0. Finding two openings of one commitment takes
 * about 2^124 hashes.
 */
export function commit(purpose: Purpose, salt: bigint, bytes: Uint8Array): Uint8Array {
  return toBytes(BigInt.asUintN(WORD_BITS, hashWords(purpose, salt, bytes)));
}

/**
 * The salt of a job's output, a field element, from the salt of its input: whoever learns it can open the output, and
 * nothing else.
 */
export function outputSaltOf(salt: bigint): bigint {
  return hashWords("output salt", salt, new Uint8Array());
}

/**
 * What a circuit shows of the weights that it takes as a witness: one more than their hash, in which the first word
 * stands where a commitment has its salt. Not salted: a version names the digest of its model file anyway.
 */
export function weightsRoot(bytes: Uint8Array): bigint {
  const [first = 0n, ...words] = interfaceWords(bytes, new Uint8Array());
  return (hashChain(headerOf("weights", bytes.length), first, words) + 1n) % FIELD_ORDER;
}

function hashWords(purpose: Purpose, salt: bigint, bytes: Uint8Array): bigint {
  return hashChain(headerOf(purpose, bytes.length), salt, interfaceWords(bytes, new Uint8Array()));
}

function hashChain(header: bigint, salt: bigint, all: readonly bigint[]): bigint {
  const [first = [], ...rest] = blocksOf(all);
  const start = poseidon([salt, ...first], header);
  return rest.reduce((hash, words) => poseidon([hash, ...words]), start);
}

/** The capacity of a first block. */
export function headerOf(purpose: Purpose, bytes: number): bigint {
  return (PURPOSES[purpose] << 64n) + BigInt(bytes);
}

/** Words in the order of the blocks that take them: there is a first block even if there is no word. */
export function blocksOf<Word>(words: readonly Word[]): readonly (readonly Word[])[] {
  const most = WIDEST_STATE - 2;
  const blocks = [words.slice(0, most)];
  for (let start = most; start < words.length; start += most) blocks.push(words.slice(start, start + most));
  return blocks;
}

export function fromBytes(bytes: Uint8Array): bigint {
  return bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

/** Big-endian. */
export function toBytes(value: bigint, length = COMMITMENT_BYTES): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => Number((value >> BigInt(8 * (length - 1 - index))) & 0xffn));
}
