import { blocksOf, COMMITMENT_BYTES, headerOf, type Purpose } from "../../format/commitment.ts";
import { type Sum, wireAlone } from "../gadgets/gadget.ts";
import type { Placement, WordSums } from "./place-words.ts";
import type { ProgramBuilder } from "./program-builder.ts";

/** The hash that `commit` of the format cuts a commitment out of, over words of `bytes` bytes. */
export function hashWords(
  builder: ProgramBuilder,
  purpose: Purpose,
  salt: Sum,
  words: readonly Sum[],
  bytes: number,
): Sum {
  const [first = [], ...rest] = blocksOf(words);
  const start = builder.hash([salt, ...first], headerOf(purpose, bytes));
  return rest.reduce((hash, block) => builder.hash([hash, ...block], 0n), start);
}

/** Puts the 248 lowest bits of a hash where a commitment of 31 bytes lies, big-endian. */
export function placeCommitment(builder: ProgramBuilder, hash: Sum, placement: Placement, words: WordSums): void {
  const first = builder.canonicalBits(hash);
  for (let byte = 0; byte < COMMITMENT_BYTES; byte++)
    for (let bit = 0; bit < 8; bit++)
      words.add(placement, byte, bit, wireAlone(first + 8 * (COMMITMENT_BYTES - 1 - byte) + bit));
}
