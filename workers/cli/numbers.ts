import { InvalidArgumentError } from "commander";
import { parseEther } from "ethers";

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
