import { InvalidArgumentError } from "commander";
import { formatUnits, parseUnits } from "ethers";

import { AssayError } from "../../circuits/format/error.ts";
import { WORD_BITS } from "../../circuits/format/interface-words.ts";
import type { Currency } from "../sdk/index.ts";

const COINS = /^\d{1,24}(\.\d{1,24})?$/;

/** Checks an amount in whole coins, such as 0.01; what it is in the currency's smallest unit, only the chain knows. */
export function toCoins(text: string): string {
  if (!COINS.test(text)) throw new InvalidArgumentError("write an amount in whole coins, such as 0.01");
  return text;
}

class AmountError extends AssayError {
  declare readonly code: "AMOUNT_TOO_FINE";
}

/** Whole coins in the currency's smallest unit. Throws `AMOUNT_TOO_FINE`. */
export function unitsOf(coins: string, { decimals }: Pick<Currency, "decimals">): bigint {
  try {
    return parseUnits(coins, decimals);
  } catch (cause) {
    throw new AmountError("AMOUNT_TOO_FINE", `${coins} has more than the ${decimals} places of the currency`, {
      cause,
    });
  }
}

/** The inverse, with the currency's symbol. */
export function coinsOf(units: bigint, { decimals, symbol }: Pick<Currency, "decimals" | "symbol">): string {
  return `${formatUnits(units, decimals)}${symbol === "" ? "" : ` ${symbol}`}`;
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
