import { concat, keccak256 } from "ethers";

import type { Hex } from "../facts.ts";

/** Parts in which the share of jobs is counted. */
const PARTS = 2 ** 48;
const HEX_DIGITS = 12;

/**
 * Whether a job is among the share that is checked: always the same for one seed, and unknown to who does not have it. A liar
 * that could tell would answer wrongly just where nobody looks.
 */
export function isSampled(seed: Hex, jobId: Hex, share: number): boolean {
  if (share >= 1) return true;
  const drawn = Number.parseInt(keccak256(concat([seed, jobId])).slice(2, 2 + HEX_DIGITS), 16);
  return drawn < share * PARTS;
}
