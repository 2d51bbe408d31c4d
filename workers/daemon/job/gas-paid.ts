import type { Fact, FactOf, Hex } from "../facts.ts";

export interface GasPaid {
  /** Units of gas. */
  readonly used: bigint;
  /** Wei. */
  readonly cost: bigint;
}

type Mined = FactOf<"mined">;
type Signed = FactOf<"signed">;

/** What a job's transactions cost, reverted ones included: of a batch its share. Nothing for those whose block was orphaned. */
export function gasPaidBy(jobId: Hex, facts: readonly Fact[]): GasPaid {
  const signed = new Map<Hex, Signed>();
  const mined = new Map<Hex, Mined>();
  for (const fact of facts) {
    if (fact.kind === "signed") signed.set(fact.transactionHash, fact);
    if (fact.kind === "mined") mined.set(fact.transactionHash, fact);
    if (fact.kind === "unmined") mined.delete(fact.transactionHash);
  }
  let paid: GasPaid = { used: 0n, cost: 0n };
  for (const fact of mined.values()) {
    const share = shareOf(jobId, fact, signed.get(fact.transactionHash));
    paid = { used: paid.used + share.used, cost: paid.cost + share.cost };
  }
  return paid;
}

/** Shares of a batch add up to the whole: the first jobs bear what does not divide. */
function shareOf(jobId: Hex, { gasUsed, effectiveGasPrice }: Mined, bytes: Signed | undefined): GasPaid {
  // Where the price was not recorded, the most that it can have been.
  const cost = gasUsed * (effectiveGasPrice ?? bytes?.maxFeePerGas ?? 0n);
  const batch = bytes?.batch ?? [];
  if (batch.length <= 1) return { used: gasUsed, cost };
  const count = BigInt(batch.length);
  const place = BigInt(batch.indexOf(jobId));
  const part = (whole: bigint): bigint => whole / count + (place < whole % count ? 1n : 0n);
  return { used: part(gasUsed), cost: part(cost) };
}
