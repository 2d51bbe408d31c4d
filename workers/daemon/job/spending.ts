import type { SendKind } from "../facts.ts";
import type { SendTerms } from "../lane/send-terms.ts";
import type { Context } from "./context.ts";
import { bountyOf, feeAt, workersPart } from "./earnings.ts";
import { sendsAhead } from "./gas-ahead.ts";
import { gasOf } from "./gas-use.ts";
import type { JobView } from "./job-view.ts";
import { hasStakeIn } from "./obligation.ts";
import type { Policy } from "./policy.ts";

/** What the money side of a decision depends on. */
export type Purse = Pick<Context, "now" | "worker" | "policy" | "gas" | "market">;

/** Wei in a whole coin of the chain. */
const COIN = 10n ** 18n;

/** Sends that are made at this worker's cost if its policy says so. */
const AT_OUR_COST: readonly SendKind[] = ["expire"];

/**
 * What a send may cost and when it is due. A job without our stake must pay for all of its gas by itself; where our
 * stake or bond is in it, only the price of gas has a cap.
 */
export function termsOf(view: JobView, send: SendKind, purse: Purse): SendTerms {
  const dueAt = dueTimeOf(view, send);
  if (hasStakeIn(view, purse.worker) || AT_OUR_COST.includes(send)) return { dueAt, most: null };
  const earned = earnedBy(view, send, purse);
  if (earned === null) return { dueAt, most: null };
  const rest = earned - view.gasPaid - gasAfter(view, send, purse) * purse.gas.price;
  return { dueAt, most: rest > 0n ? rest : 0n };
}

/** Of a whole coin, in the market's currency; null where that is an ERC-20 whose price nobody said. */
export function coinValueOf(terms: { readonly isNative: boolean }, policy: Pick<Policy, "coinValue">): bigint | null {
  return terms.isNative ? COIN : policy.coinValue;
}

/** What gas costs in the market's currency; null if it cannot be held against fees, or must not. */
export function costOf(gasInWei: bigint, { policy, gas }: Pick<Purse, "policy" | "gas">): bigint | null {
  if (policy.gasMargin === null || gas.coinValue === null) return null;
  return (gasInWei * gas.coinValue) / COIN;
}

/** Wei that the job will earn if this is sent now; null if that cannot be said in coins. */
function earnedBy({ job, chain }: JobView, send: SendKind, { policy, gas, market, now }: Purse): bigint | null {
  if (job === null || policy.gasMargin === null || gas.coinValue === null || gas.coinValue === 0n) return null;
  const inCoins = (amount: bigint): bigint => (amount * COIN) / (gas.coinValue ?? COIN);
  if (send === "challenge") return inCoins(bountyOf(market.jobStake));
  // A panel is paid of the bond that one side loses: half of it, or of the stake a quarter, shared by its members.
  if (send === "commit-verdict") return inCoins(panelsPart(market) / PANEL_SEATS);
  const fee = chain.state === "Settled" ? job.maxFee : feeAt(job, market.priorityWindow, now);
  return inCoins(workersPart(job, fee));
}

const PANEL_SEATS = 3n;

function panelsPart({ challengeBond, jobStake }: Purse["market"]): bigint {
  const [ifUpheld, ifOverturned] = [challengeBond / 2n, jobStake / 4n];
  return ifUpheld < ifOverturned ? ifUpheld : ifOverturned;
}

/** Gas of what has to follow this send before the job is paid. */
function gasAfter(view: JobView, send: SendKind, purse: Purse): bigint {
  if (send === "challenge") return gasOf("resolve", view, purse.gas.seen);
  if (send === "commit-verdict") return gasOf("reveal-verdict", view, purse.gas.seen);
  if (send === "retry-callback") return 0n;
  const all = sendsAhead(view, purse);
  return all.slice(all.indexOf(send) + 1).reduce((sum, kind) => sum + gasOf(kind, view, purse.gas.seen), 0n);
}

const ACTS: readonly SendKind[] = ["claim", "execute", "fulfill", "challenge"];
const IN_COPIES: readonly SendKind[] = ["commit", "reveal"];
const IN_PANEL: readonly SendKind[] = ["commit-verdict", "reveal-verdict"];

/** The time at which this send would be too late. What ends something that is over may wait. */
function dueTimeOf({ job, chain }: JobView, send: SendKind): number | null {
  if (IN_COPIES.includes(send)) return chain.copies?.dueAt ?? null;
  if (IN_PANEL.includes(send)) return chain.panel?.dueAt ?? null;
  if (!ACTS.includes(send)) return null;
  return chain.dueAt === 0 ? (job?.deadline ?? null) : chain.dueAt;
}
