import type { SendKind } from "../facts.ts";
import type { Action } from "./action.ts";
import type { Context, Offer } from "./context.ts";
import { gasAhead } from "./gas-ahead.ts";
import { gasOf } from "./gas-use.ts";
import type { JobView } from "./job-view.ts";
import { decline } from "./reply.ts";
import { costOf, termsOf } from "./spending.ts";

/** Balances must cover gas at twice its price: nodes take a transaction only if the most that it may pay is there. */
const COVER = 2n;
/** Of a transaction's gas limit, a quarter is room. In percent. */
const LIMIT = 125n;

/** Why the fee is not worth the gas, or the gas cannot be paid; undefined if it is and can. Both may change. */
export function whyNotPaidFor(view: JobView, context: Context, offer: Offer, later: number): Action | undefined {
  const { gas, policy } = context;
  const ahead = gasAhead(view, context);
  const cost = costOf(view.gasPaid + (ahead * gas.price * LIMIT) / 100n, context);
  if (cost !== null && offer.fee < cost + portion(cost, policy.gasMargin ?? 0))
    return decline(view, "gas-above-fee", `it earns ${offer.fee}, its gas may cost ${cost}`, later);
  return whyNotAffordable(view, context, ahead, later);
}

/** The same for what is paid otherwise: a challenge by a part of the liar's stake, a seat in a panel by one of the bond. */
export function whyNotWorth(
  view: JobView,
  context: Context,
  send: Extract<SendKind, "challenge" | "commit-verdict">,
  later: number,
): Action | undefined {
  const { gas, policy } = context;
  const { most } = termsOf(view, send, context);
  const needed = gasOf(send, view, gas.seen);
  const cost = (needed * gas.price * LIMIT) / 100n;
  if (most !== null && most < cost + portion(cost, policy.gasMargin ?? 0))
    return decline(view, "gas-above-fee", `it may earn ${most} wei beyond later gas, and costs ${cost}`, later);
  return whyNotAffordable(view, context, needed, later);
}

/** What has been promised comes first: a job is taken only if gas for it is left when all others are seen through. */
function whyNotAffordable(view: JobView, { gas, duties }: Context, ahead: bigint, later: number): Action | undefined {
  const promised = duties.reduce((sum, duty) => sum + duty.gas, 0n);
  const needed = (promised + ahead) * gas.price * COVER;
  if (gas.balance >= needed) return undefined;
  const detail = `the key holds ${gas.balance} wei; gas of this job and of those under way may cost ${needed}`;
  return decline(view, "insufficient-balance", detail, later);
}

/** To a thousandth. */
function portion(cost: bigint, share: number): bigint {
  return (cost * BigInt(Math.round(share * 1000))) / 1000n;
}
