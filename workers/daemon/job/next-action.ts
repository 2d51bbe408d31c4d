import type { Action } from "./action.ts";
import type { Context } from "./context.ts";
import type { JobView } from "./job-view.ts";
import { evidenceLevel, evidenceThenFulfill, execute, leaveToOthers, wantsEarlyAnswer } from "./answering.ts";
import { decideOthersAnswer } from "./decide-others-answer.ts";
import { decideRequested } from "./decide-requested.ts";
import { isOurs } from "./obligation.ts";
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
      return decideRequested(view, context);
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
  return evidenceThenFulfill(view, context, evidenceLevel(job.level, context));
}

function decideOwnAnswer(view: JobView, context: Context): Action {
  if (view.job?.level !== "Vanilla") return decideBound(view, context);
  const { dueAt, output } = view.chain;
  if (context.now <= dueAt) return wait(dueAt + 1, "it can be challenged");
  // The callback at finality needs the output again; without one the bytes would only cost gas.
  const called = view.job.callbackGas > 0 && view.job.callbackAt === "Final";
  return sendOnce(view, context, "settle", called ? (output ?? "0x") : "0x");
}

function decideChallenged(view: JobView, context: Context): Action {
  if (isOurs(view, context.worker.id)) return decideBound(view, context);
  if (view.chain.challenger?.toLowerCase() !== context.worker.key.toLowerCase()) return leaveToOthers(view, context);
  if (context.now <= view.chain.dueAt) return wait(view.chain.dueAt + 1, "evidence is not due yet");
  return sendOnce(view, context, "resolve");
}

function decideSettled(view: JobView, context: Context): Action {
  if (!view.chain.callbackOwed || !isOurs(view, context.worker.id) || view.chain.output === null)
    return done("settled");
  const tried = view.sends.filter(({ kind }) => kind === "retry-callback").length;
  // A favour to the requester: the first obstacle ends it.
  const hindered = view.refusals.some(({ send }) => send === "retry-callback") || view.unfundedAt !== null;
  if (hindered || tried >= context.policy.callbackRetries) return done("settled, its callback failed");
  const { output } = view.chain;
  return afterFailures(view, context, "send", "refused-by-chain") ?? { kind: "send", send: "retry-callback", output };
}
