/**
 * What to offer for gas. Pure: what the node said goes in, prices come out.
 *
 * Words
 * - **base fee**: what the next block burns for each unit of gas. **tip**: what its builder gets besides.
 * - **price**: both together, what a transaction that is mined now pays. **max**: the most that it may ever pay;
 *   what is not needed is not paid, so room above the base fee costs nothing but has to be in the key's account.
 * - **urgency**: how near the time is at which a transaction would come too late.
 */
import type { SendTerms } from "./send-terms.ts";

/** Wei per unit of gas. `priority` is null on chains without a base fee, where `max` is the whole price. */
export interface Fees {
  readonly max: bigint;
  readonly priority: bigint | null;
}

export const URGENCIES = ["calm", "soon", "urgent"] as const;
export type Urgency = (typeof URGENCIES)[number];

/** What gas costs in the next block, in wei per unit. */
export interface GasMarket {
  /** Null on chains without one. */
  readonly baseFee: bigint | null;
  /** What a builder takes; on chains without a base fee the whole price. */
  readonly tips: Readonly<Record<Urgency, bigint>>;
}

/** Wei per unit of gas that are never exceeded. */
export interface FeeCaps {
  readonly maxFeePerGas: bigint;
  readonly maxTipPerGas: bigint;
}

/** Seconds before its time at which a send becomes urgent, or is one that will be soon. */
const URGENT_SECONDS = 60;
const SOON_SECONDS = 300;

/** The base fee grows by an eighth in a full block: twice as much lasts through five of them, four times through eleven. */
const ROOM: Readonly<Record<Urgency, bigint>> = { calm: 2n, soon: 2n, urgent: 4n };

export function urgencyOf({ dueAt }: Pick<SendTerms, "dueAt">, now: number): Urgency {
  if (dueAt === null || dueAt - now > SOON_SECONDS) return "calm";
  return dueAt - now > URGENT_SECONDS ? "soon" : "urgent";
}

/** One step up, for what has waited in vain. */
export function moreUrgent(urgency: Urgency): Urgency {
  return urgency === "calm" ? "soon" : "urgent";
}

/** What a transaction that is mined at once pays for each unit of gas. */
export function priceOf({ baseFee, tips }: GasMarket, urgency: Urgency): bigint {
  return (baseFee ?? 0n) + tips[urgency];
}

export function feesFor(market: GasMarket, urgency: Urgency, caps: FeeCaps): Fees {
  const { baseFee, tips } = market;
  if (baseFee === null) return { max: least(tips[urgency], caps.maxFeePerGas), priority: null };
  const tip = least(tips[urgency], caps.maxTipPerGas);
  const max = least(baseFee * ROOM[urgency] + tip, caps.maxFeePerGas);
  return { max, priority: least(tip, max) };
}

/** What a send may cost, and how much gas it may take. */
export interface Budget {
  readonly most: bigint | null;
  readonly gasLimit: bigint;
}

/** The fees for this urgency that stay within a budget, or for less urgency; null if not even that buys a place in the next block. */
export function feesWithin(market: GasMarket, urgency: Urgency, caps: FeeCaps, budget: Budget): Fees | null {
  for (const one of URGENCIES.slice(0, URGENCIES.indexOf(urgency) + 1).toReversed()) {
    const fees = within(feesFor(market, one, caps), market, budget);
    if (fees !== null) return fees;
  }
  return null;
}

/** The lower of two, for what goes together. */
export function lower(one: Fees, other: Fees): Fees {
  return one.max <= other.max ? one : other;
}

/** Even if all of the gas is used at the highest price. */
function within(fees: Fees, market: GasMarket, { most, gasLimit }: Budget): Fees | null {
  if (most === null || fees.max * gasLimit <= most) return fees;
  const max = most / gasLimit;
  const needed = market.baseFee === null ? fees.max : market.baseFee + (fees.priority ?? 0n);
  return max < needed ? null : { max, priority: fees.priority };
}

/** Nodes take a replacement only for a tenth more; an eighth leaves room for rounding. */
const BUMP_DIVISOR = 8n;

/** What a replacement must pay at least, price and tip alike, since nodes compare both; null if that is above the cap. */
export function bumped(had: Fees, present: Fees, cap: bigint): Fees | null {
  const max = raised(had.max, present.max);
  if (max > cap) return null;
  return { max, priority: had.priority === null ? null : least(raised(had.priority, present.priority ?? 0n), max) };
}

/** Milliseconds that bytes may wait for a block before they are replaced: less when the time at which they are due is near. */
export function patience({ dueAt }: Pick<SendTerms, "dueAt">, now: number, replaceAfter: number): number {
  if (dueAt === null) return replaceAfter;
  return Math.min(replaceAfter, Math.max(SHORTEST_WAIT, ((dueAt - now) * 1000) / ATTEMPTS_LEFT));
}

/** A replacement before the next block can hold the original is wasted. Milliseconds. */
const SHORTEST_WAIT = 6000;
/** Replacements for which there is time when the first of them is made. */
const ATTEMPTS_LEFT = 6;

function raised(had: bigint, present: bigint): bigint {
  const needed = had + had / BUMP_DIVISOR + 1n;
  return needed > present ? needed : present;
}

function least(one: bigint, other: bigint): bigint {
  return one < other ? one : other;
}
