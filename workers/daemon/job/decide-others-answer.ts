import type { Action } from "./action.ts";
import { execute, leaveToOthers } from "./answering.ts";
import type { Context } from "./context.ts";
import type { JobView } from "./job-view.ts";
import { decline, done, sendOnce } from "./reply.ts";
import { whyNotWorth } from "./worth.ts";

/**
 * Another worker answered. A challenger runs the same version on the same input and demands evidence for an answer that
 * differs from its own; it challenges only versions whose answer is defined to the bit. Its own jobs come first.
 */
export function decideOthersAnswer(view: JobView, context: Context): Action {
  const { chain, job } = view;
  const { policy } = context;
  if (job?.level !== "Vanilla") return leaveToOthers(view, context);
  if (policy.challenge === "off" || (policy.challengeVersions === "served" && !context.serving))
    return decline(view, "taken-by-another", `worker ${chain.workerId}`, null);
  if (!context.sampled)
    return decline(view, "not-sampled", `of others' answers ${policy.challengeSample} are checked`, null);
  if (context.version?.hasCircuit !== true)
    return decline(view, "not-reproducible", "the version has no circuit: its answer is not defined to the bit", null);
  return whyNotChecked(view, context) ?? judge(view, context);
}

/** Why there is no time, no input or no room to run the version again. */
function whyNotChecked(view: JobView, context: Context): Action | undefined {
  const { chain, answer } = view;
  const { now, pace, policy } = context;
  // A challenge that is mined at `dueAt` or later would revert.
  const needed = answer === null ? Math.max(1, pace.answer) : 1;
  if (now + needed >= chain.dueAt)
    return decline(view, "challenge-too-late", `the window ends at ${chain.dueAt}, it is ${now}`, null);
  if (answer !== null) return undefined;
  if (context.inputMissing) return decline(view, "input-not-here", "the preimage of its commitment is not here", null);
  if (context.working >= policy.concurrency)
    return decline(view, "at-capacity", `${context.working} jobs in work`, now);
  return undefined;
}

function judge(view: JobView, context: Context): Action {
  const { answer, chain } = view;
  const { policy, bondsOut } = context;
  if (answer === null) return execute(view, context);
  if (answer.output === chain.output) return done(`agrees with worker ${chain.workerId}`);
  if (policy.challenge === "dry-run")
    return decline(view, "would-challenge", `ours ${answer.output}, theirs ${chain.output}`, null);
  const later = Math.min(context.now + policy.recheckSeconds, chain.dueAt);
  if (bondsOut >= policy.challengeBonds)
    return decline(view, "bonds-all-out", `${bondsOut} bonds are out, ${policy.challengeBonds} may be`, later);
  return whyNotWorth(view, context, "challenge", later) ?? sendOnce(view, context, "challenge");
}
