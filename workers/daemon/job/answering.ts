import type { Hex, Level } from "../facts.ts";
import type { Action } from "./action.ts";
import type { Context } from "./context.ts";
import type { JobView } from "./job-view.ts";
import { afterFailures, decline, sendOnce, wait } from "./reply.ts";

export function execute(view: JobView, context: Context): Action {
  return afterFailures(view, context, "answer", "execution-failed") ?? { kind: "execute-model" };
}

export function evidenceThenFulfill(view: JobView, context: Context, level: Exclude<Level, "Vanilla">): Action {
  const output: Hex | undefined = view.answer?.output;
  if (output === undefined) return execute(view, context);
  if (view.evidence?.output === output && view.evidence.level === level)
    return sendOnce(view, context, "fulfill", output);
  if (level === "Tee" && !context.enclaveReady) return wait(context.now, "the enclave is not enrolled yet");
  return afterFailures(view, context, "evidence", "evidence-failed") ?? { kind: "make-evidence", level, output };
}

/** An answer bound to stake before its proof: only when the consumer is to be called at once. */
export function wantsEarlyAnswer(view: JobView, context: Context): boolean {
  const { job } = view;
  return (
    context.policy.earlyAnswer === "when-wanted" &&
    job?.level === "Zkml" &&
    job.callbackAt === "Executed" &&
    job.callbackGas > 0
  );
}

/** The strongest evidence the version has judges a challenged Vanilla answer. */
export function evidenceLevel(level: Level, context: Context): Exclude<Level, "Vanilla"> {
  if (level !== "Vanilla") return level;
  return context.version?.hasCircuit ? "Zkml" : "Tee";
}

/** Another worker is bound, or a challenge of someone else runs: the job is not ours. */
export function leaveToOthers(view: JobView, context: Context): Action {
  if (!context.policy.expireLate) return decline(view, "taken-by-another", `worker ${view.chain.workerId}`, null);
  if (context.now <= view.chain.dueAt) return wait(view.chain.dueAt + 1, "another worker is bound");
  return sendOnce(view, context, view.chain.state === "Challenged" ? "resolve" : "expire");
}
