import type { Job } from "../facts.ts";
import type { Action } from "./action.ts";
import { evidenceLevel, evidenceThenFulfill, execute, wantsEarlyAnswer } from "./answering.ts";
import type { Context, Offer } from "./context.ts";
import { whyNotInTime } from "./in-time.ts";
import type { JobView } from "./job-view.ts";
import { decline, done, sendOnce, wait, whyQuarantined } from "./reply.ts";
import { whyNotPaidFor } from "./worth.ts";

/** Nobody is bound: take the job if it is ours to take and worth it. */
export function decideRequested(view: JobView, context: Context): Action {
  const { job } = view;
  if (job === null) return done("its request is on no block");
  if (context.now > job.deadline)
    return context.policy.expireLate
      ? sendOnce(view, context, "expire")
      : decline(view, "deadline-too-close", `the deadline ${job.deadline} has passed`, null);
  // What was sent moves the job as soon as its log is read.
  const moved = view.sends.find(({ outcome }) => outcome === "mined");
  if (moved !== undefined) return wait(context.now, `${moved.kind} is mined, its log is awaited`);
  const { offer } = context;
  if (!context.serving || offer === null)
    return decline(view, "not-serving", `${job.versionId} at ${job.level}`, again(context, job));
  return whyNot(view, context, job, offer) ?? answer(view, context, job, offer);
}

/** Why this worker does not take a job, or a seat of it, that is open to it. */
export function whyNot(view: JobView, context: Context, job: Job, offer: Offer): Action | undefined {
  return (
    whyNotAble(view, context, job) ?? awaitConfirmations(view, context, job) ?? whyNotNow(view, context, job, offer)
  );
}

/** A request that a reorganisation takes away pays nothing, and an answer to it gives the work away. */
function awaitConfirmations(view: JobView, { head, now, policy }: Context, job: Job): Action | undefined {
  const byFee = policy.confirmationsByFee.filter(({ from }) => job.maxFee >= from).map(({ blocks }) => blocks);
  const needed = Math.max(policy.confirmations[job.level], ...byFee);
  const had = head - (view.requestedIn ?? head);
  return had < needed ? wait(now, `its request has ${had} of ${needed} confirmations`) : undefined;
}

/** Reasons that lie in this worker or in the time left. */
function whyNotAble(view: JobView, context: Context, job: Job): Action | undefined {
  const { policy } = context;
  const needed = evidenceLevel(job.level, context);
  // A Vanilla answer may be challenged: without the means to prove it, answering puts the stake at risk.
  if (!policy.levels.includes(job.level) || (needed !== null && !policy.levels.includes(needed)))
    return decline(view, "level-not-configured", `${job.level} needs ${needed ?? "no"} evidence`, null);
  if (job.copies !== 1 && !joinsRounds(context))
    return decline(view, "rounds-not-wanted", `${job.copies} distinct workers are asked for`, null);
  // An answer that may be challenged is as good as its proof.
  const quarantined = view.evidence === null ? whyQuarantined(view, context, job.deadline) : undefined;
  return quarantined ?? whyNotInTime(view, context, job, again(context, job));
}

/** Reasons that lie in what the chain offers, and may pass. */
function whyNotNow(view: JobView, context: Context, job: Job, offer: Offer): Action | undefined {
  const { now, policy, worker } = context;
  const later = again(context, job);
  if (offer.highestFee < offer.price)
    return decline(view, "fee-below-price", `at most ${offer.highestFee}, price ${offer.price}`, null);
  if (offer.turn === null) return decline(view, "not-drawn-yet", "the draw is open in the next block", now);
  const { holder, rank, until } = offer.turn;
  if (holder !== 0 && holder !== worker.id && now < until)
    return decline(view, "not-drawn-yet", `worker ${holder} has priority in window ${rank}`, until);
  if (offer.fee < offer.price) return decline(view, "fee-below-price", `now ${offer.fee}, price ${offer.price}`, later);
  const unpaid = whyNotPaidFor(view, context, offer, later);
  if (unpaid !== undefined) return unpaid;
  if (offer.draining) return decline(view, "draining", "this worker takes no new jobs", later);
  if (offer.freeStake < offer.jobStake)
    return decline(view, "stake-too-low", `${offer.freeStake} free, ${offer.jobStake} needed`, later);
  if (context.inputMissing && view.answer === null)
    return decline(view, "input-not-here", "the preimage of its commitment has not arrived", later);
  // What is ready takes no place.
  if (context.working >= policy.concurrency && !isReady(view))
    return decline(view, "at-capacity", `${context.working} jobs in work`, now);
  return undefined;
}

function answer(view: JobView, context: Context, job: Job, offer: Offer): Action {
  if (view.answer === null) return execute(view, context);
  const { output } = view.answer;
  if (job.level === "Vanilla" || wantsEarlyAnswer(view, context)) return sendOnce(view, context, "execute", output);
  if (wantsClaim(view, context, offer)) return sendOnce(view, context, "claim");
  return evidenceThenFulfill(view, context, job.level);
}

/** Others may answer before our proof is done, and then its work is wasted. */
function wantsClaim(view: JobView, context: Context, offer: Offer): boolean {
  const { policy, now, worker } = context;
  if (policy.claim === "never" || view.job?.level !== "Zkml" || view.evidence !== null) return false;
  if (policy.claim === "always") return true;
  const ours = offer.turn?.holder === worker.id && now + context.pace.Zkml < offer.turn.until;
  return !ours;
}

function isReady(view: JobView): boolean {
  return view.job?.level === "Vanilla" ? view.answer !== null : view.evidence !== null;
}

/** Whether this worker sits in rounds of the version. */
export function joinsRounds({ policy, version }: Context): boolean {
  return policy.rounds === "on" || (policy.rounds === "exact" && version?.hasCircuit === true);
}

export function again({ now, policy }: Context, job: Job): number {
  return Math.min(now + policy.recheckSeconds, job.deadline);
}
