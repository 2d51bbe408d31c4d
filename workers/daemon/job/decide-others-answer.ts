import type { Action } from "./action.ts";
import type { Context } from "./context.ts";
import type { JobView } from "./job-view.ts";
import { execute, leaveToOthers } from "./answering.ts";
import { decline, done, sendOnce } from "./reply.ts";

/**
 * Another worker answered. A challenger runs the same version on the same input and demands evidence for an answer that
 * differs from its own; it challenges only versions whose answer is defined to the bit.
 */
export function decideOthersAnswer(view: JobView, context: Context): Action {
  const { chain, job } = view;
  const { now, policy } = context;
  if (job?.level !== "Vanilla") return leaveToOthers(view, context);
  if (policy.challenge === "off" || !context.serving)
    return decline(view, "taken-by-another", `worker ${chain.workerId}`, null);
  if (context.version?.hasCircuit !== true)
    return decline(view, "not-reproducible", "the version has no circuit: its answer is not defined to the bit", null);
  // A challenge that is mined at `dueAt` or later would revert.
  if (now + 1 >= chain.dueAt) return decline(view, "challenge-too-late", `the window ended at ${chain.dueAt}`, null);
  if (context.inputMissing && view.answer === null)
    return decline(view, "input-not-here", "the preimage of its commitment is not here", null);
  if (view.answer === null) return execute(view, context);
  if (view.answer.output === chain.output) return done(`agrees with worker ${chain.workerId}`);
  if (policy.challenge === "dry-run")
    return decline(view, "would-challenge", `ours ${view.answer.output}, theirs ${chain.output}`, null);
  return sendOnce(view, context, "challenge");
}
