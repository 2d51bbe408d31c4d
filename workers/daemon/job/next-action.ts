import type { Action } from "./action.ts";
import { evidenceLevel, evidenceThenFulfill, execute, leaveToOthers, tidyUp, wantsEarlyAnswer } from "./answering.ts";
import type { Context } from "./context.ts";
import { decideCopies } from "./decide-copies.ts";
import { decideOthersAnswer } from "./decide-others-answer.ts";
import { decidePanel } from "./decide-panel.ts";
import { decideRequested } from "./decide-requested.ts";
import type { JobView } from "./job-view.ts";
import { heldSeats, isChallenger, isOurs } from "./obligation.ts";
import { afterFailures, decline, done, sendOnce, wait } from "./reply.ts";

/**
 * What to do next for a job. Pure: all that it depends on is in the view and the context.
 *
 * Rules that hold whatever the facts: bytes that are out are looked up before anything else is sent; an output is sent
 * only if it is the one recorded answer; nothing is answered after its deadline.
 */
export function nextAction(view: JobView, context: Context): Action {
  const pending = view.sends.find(({ outcome }) => outcome === "pending");
  if (pending !== undefined) return { kind: "look-up", send: pending.kind, nonce: pending.nonce };
  switch (view.chain.state) {
    case "Unknown":
      return done("its request is on no block");
    case "Requested":
    case "Copying":
      return view.chain.copies === null
        ? decideRequested(view, context)
        : decideCopies(view, context, view.chain.copies);
    case "Claimed":
      return isOurs(view, context.worker.id) ? decideBound(view, context) : leaveToOthers(view, context);
    case "Executed":
      return isOurs(view, context.worker.id) ? decideOwnAnswer(view, context) : decideOthersAnswer(view, context);
    case "Challenged":
      return decideChallenged(view, context);
    case "Settled":
      return decideSettled(view, context);
    case "Refunded":
      return done("refunded");
  }
}

/** Bound by a claim or an early answer: bring evidence in time. */
function decideBound(view: JobView, context: Context): Action {
  const { chain, job } = view;
  if (job === null) return done("its request is on no block");
  if (context.now >= chain.dueAt) return decline(view, "evidence-too-late", `it was due at ${chain.dueAt}`, null);
  if (view.answer === null) return execute(view, context);
  if (chain.output !== null && chain.output !== view.answer.output)
    return decline(view, "output-differs-from-ours", `the chain has ${chain.output}`, null);
  if (chain.state === "Claimed" && wantsEarlyAnswer(view, context))
    return sendOnce(view, context, "execute", view.answer.output);
  const level = evidenceLevel(job.level, context);
  return level === null ? wait(chain.dueAt + 1, "a panel judges") : evidenceThenFulfill(view, context, level);
}

function decideOwnAnswer(view: JobView, context: Context): Action {
  if (view.job?.level !== "Vanilla") return decideBound(view, context);
  const { dueAt, output } = view.chain;
  // The callback at finality needs the output again; without one the bytes would only cost gas.
  const called = view.job.callbackGas > 0 && view.job.callbackAt === "Final";
  const timing = { dueAt, order: order(view, context), isOver: false };
  return tidyUp(view, context, timing, "settle", called ? (output ?? "0x") : "0x");
}

/** How many other copies go before this one; 0 for a job of ours alone. */
function order({ chain }: JobView, { worker }: Context): number {
  return Math.max(
    0,
    heldSeats(chain.copies).findIndex(({ workerId }) => workerId === worker.id),
  );
}

function decideChallenged(view: JobView, context: Context): Action {
  if (view.chain.panel !== null) return decidePanel(view, context, view.chain.panel);
  if (isOurs(view, context.worker.id)) return awaitOthersEvidence(view, context) ?? decideBound(view, context);
  if (!isChallenger(view, context.worker)) return leaveToOthers(view, context);
  if (context.now <= view.chain.dueAt) return wait(view.chain.dueAt + 1, "evidence is not due yet");
  return sendOnce(view, context, "resolve");
}

/** One proof pays all copies that gave the same answer: they make it one after the other, while there is time. */
function awaitOthersEvidence(view: JobView, context: Context): Action | undefined {
  const { policy, now, evidenceWindow, pace } = context;
  const place = order(view, context);
  if (place === 0) return undefined;
  const level = evidenceLevel("Vanilla", context) ?? "Tee";
  const each = pace[level] + policy.safetySeconds;
  const { dueAt } = view.chain;
  const from = Math.floor(Math.min(dueAt - evidenceWindow + place * each, dueAt - 2 * each));
  return now < from ? wait(from, "another copy brings evidence first") : undefined;
}

function decideSettled(view: JobView, context: Context): Action {
  const owed = view.chain.callbackOwed && (view.job?.callbackGas ?? 0) > 0;
  if (!owed || !isOurs(view, context.worker.id) || order(view, context) > 0 || view.chain.output === null)
    return done("settled");
  const tried = view.sends.filter(({ kind }) => kind === "retry-callback").length;
  // A favour to the requester: the first obstacle ends it.
  const hindered = view.refusals.some(({ send }) => send === "retry-callback") || view.unfundedAt !== null;
  if (hindered || tried >= context.policy.callbackRetries) return done("settled, its callback failed");
  const { output } = view.chain;
  return afterFailures(view, context, "send", "refused-by-chain") ?? { kind: "send", send: "retry-callback", output };
}
