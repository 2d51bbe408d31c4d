import type { Currency, GetStandingReturnType } from "../sdk/index.ts";
import { coinsOf } from "./numbers.ts";

/** A worker's reputation in one line. */
export function reputationLine(workerId: bigint, standing: GetStandingReturnType): string {
  const { done, late, slashed, isSuspended, isDraining } = standing;
  const notes = [...(isSuspended ? ["suspended from draws"] : []), ...(isDraining ? ["draining"] : [])];
  return [`worker ${workerId}: ${done} done, ${late} late, ${slashed} slashed`, ...notes].join(", ");
}

/** All that is known of a worker. */
export function standingLines(workerId: bigint, standing: GetStandingReturnType, currency: Currency): string[] {
  const { stake, bound, reserved, earned, operator, key, price } = standing;
  const coins = (units: bigint) => coinsOf(units, currency);
  return [
    reputationLine(workerId, standing),
    `  operator ${operator}, key ${key}`,
    `  stake ${coins(stake)}: ${coins(bound)} bound to open jobs, ${coins(reserved)} to anchored receipts`,
    `  asks ${coins(price)} per work unit`,
    `  earned ${coins(earned)}`,
  ];
}
