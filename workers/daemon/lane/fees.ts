import { askNumber, type Endpoint } from "../chain/endpoint.ts";

/** Wei per unit of gas. `priority` is null on chains without a base fee, where `max` is the whole price. */
export interface Fees {
  readonly max: bigint;
  readonly priority: bigint | null;
}

/** Twice the base fee lasts through six full blocks in a row; what is not needed is not paid. */
export async function presentFees({ provider, retrying }: Endpoint, cap: bigint): Promise<Fees> {
  const block = await retrying("the base fee", () => provider.getBlock("latest"));
  const baseFee = block?.baseFeePerGas ?? null;
  if (baseFee === null) {
    const price = await retrying("the gas price", () => askNumber(provider, "eth_gasPrice"));
    return { max: capped(price, cap), priority: null };
  }
  const tip = await retrying("the tip", () => askNumber(provider, "eth_maxPriorityFeePerGas"));
  const max = capped(baseFee * 2n + tip, cap);
  return { max, priority: capped(tip, max) };
}

/** Nodes take a replacement only for a tenth more; an eighth leaves room for rounding. */
const BUMP_DIVISOR = 8n;

/** What a replacement must pay at least, price and tip alike, since nodes compare both; null if that is above the cap. */
export function bumped(had: Fees, present: Fees, cap: bigint): Fees | null {
  const max = raised(had.max, present.max);
  if (max > cap) return null;
  return { max, priority: had.priority === null ? null : capped(raised(had.priority, present.priority ?? 0n), max) };
}

function raised(had: bigint, present: bigint): bigint {
  const needed = had + had / BUMP_DIVISOR + 1n;
  return needed > present ? needed : present;
}

function capped(value: bigint, cap: bigint): bigint {
  return value < cap ? value : cap;
}
