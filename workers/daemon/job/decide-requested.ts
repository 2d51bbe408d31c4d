import type { Action } from "./action.ts";
import type { Context, Offer } from "./context.ts";
import type { JobView } from "./job-view.ts";
import { evidenceLevel, evidenceThenFulfill, execute, wantsEarlyAnswer } from "./answering.ts";
import { decline, done, sendOnce, wait } from "./reply.ts";

/** Nobody is bound: take the job if it is ours to take and worth it. */
export function decideRequested(view: JobView, context: Context): Action {
  const { job } = view;
  if (job === null) return done("its request is on no block");
  if (context.now >= job.deadline)
    return context.policy.expireLate ? sendOnce(view, context, "expire") : done("nobody answered in time");
  if (context.offer === null) return wait(context.now + 1, "what it pays is not read yet");
  // What was sent moves the job as soon as its log is read.
  const moved = view.sends.find(({ kind, outcome }) => outcome === "mined" && kind !== "retry-callback");
  if (moved !== undefined) return wait(context.now + 1, `${moved.kind} is mined, its log is awaited`);
  return whyNot(view, context, context.offer) ?? answer(view, context, context.offer);
}

/** The first reason against taking the job, cheapest to mend last. */
function whyNot(view: JobView, context: Context, offer: Offer): Action | undefined {
  const { job } = view;
  const { now, policy, worker } = context;
  if (job === null) return undefined;
  const again = Math.min(now + policy.recheckSeconds, job.deadline);
  const needed = evidenceLevel(job.level, context);
  // A Vanilla answer may be challenged: without the means to prove it, answering puts the stake at risk.
  if (!policy.levels.includes(job.level) || !policy.levels.includes(needed))
    return decline(view, "level-not-configured", `${job.level} needs ${needed} evidence`, null);
  if (job.copies !== 1) return decline(view, "copies-not-supported", `${job.copies} copies`, null);
  if (!context.serving) return decline(view, "not-serving", `${job.versionId} at ${job.level}`, again);
  const expected = isReady(view) ? 0 : policy.expectedSeconds[job.level] + policy.safetySeconds;
  if (now + expected >= job.deadline)
    return decline(view, "deadline-too-close", `${job.deadline - now} s left, ${expected} s needed`, null);
  if (offer.highestFee < offer.price)
    return decline(view, "fee-below-price", `at most ${offer.highestFee}, price ${offer.price}`, null);
  if (offer.fee < offer.price) return decline(view, "fee-below-price", `now ${offer.fee}, price ${offer.price}`, again);
  if (offer.draw === null) return decline(view, "not-drawn-yet", "the draw is open in the next block", now + 1);
  if (offer.draw.workerId !== 0 && offer.draw.workerId !== worker.id && now < offer.draw.until)
    return decline(view, "not-drawn-yet", `worker ${offer.draw.workerId} has priority`, offer.draw.until);
  if (offer.freeStake < offer.jobStake)
    return decline(view, "stake-too-low", `${offer.freeStake} free, ${offer.jobStake} needed`, again);
  if (context.working >= policy.concurrency)
    return decline(view, "at-capacity", `${context.working} jobs in work`, now + 1);
  return undefined;
}

function answer(view: JobView, context: Context, offer: Offer): Action {
  const { job } = view;
  if (job === null) return done("its request is on no block");
  if (job.level === "Vanilla")
    return view.answer === null ? execute(view, context) : sendOnce(view, context, "execute", view.answer.output);
  if (view.answer === null) return execute(view, context);
  if (wantsEarlyAnswer(view, context)) return sendOnce(view, context, "execute", view.answer.output);
  if (wantsClaim(view, context, offer)) return sendOnce(view, context, "claim");
  return evidenceThenFulfill(view, context, job.level);
}

/** Others may answer before our proof is done, and then its work is wasted. */
function wantsClaim(view: JobView, context: Context, offer: Offer): boolean {
  const { policy, now, worker } = context;
  if (policy.claim === "never" || view.job?.level !== "Zkml" || view.evidence !== null) return false;
  if (policy.claim === "always") return true;
  const ours = offer.draw?.workerId === worker.id && now + policy.expectedSeconds.Zkml < offer.draw.until;
  return !ours;
}

function isReady(view: JobView): boolean {
  return view.job?.level === "Vanilla" ? view.answer !== null : view.evidence !== null;
}
