import { InvalidArgumentError } from "commander";
import { parseEther } from "ethers";

import { WORD_BITS } from "../../circuits/format/interface-words.ts";

/** Whole coins, such as 0.01, to wei. */
export function toWei(text: string): bigint {
  try {
    const wei = parseEther(text);
    if (wei >= 0n) return wei;
  } catch {
    // Told below, with what to write instead.
  }
  throw new InvalidArgumentError("write an amount in whole coins, such as 0.01");
}

export function toCount(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError("write a whole number");
  return Number(text);
}

/** A binding or a salt. */
export function toWord(text: string): bigint {
  if (!/^\d+$/.test(text) || BigInt(text) >> BigInt(WORD_BITS) !== 0n)
    throw new InvalidArgumentError(`write an integer from 0 to 2^${WORD_BITS} - 1`);
  return BigInt(text);
}
