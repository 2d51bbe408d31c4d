import type { Hex, Level, RoundKind, SendKind } from "../facts.ts";
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
export function wantsEarlyAnswer({ job }: JobView, context: Pick<Context, "policy">): boolean {
  return (
    context.policy.earlyAnswer === "when-wanted" &&
    job?.level === "Zkml" &&
    job.callbackAt === "Executed" &&
    job.callbackGas > 0
  );
}

/** The strongest evidence the version has judges a challenged Vanilla answer; null: a panel does. */
export function evidenceLevel(level: Level, context: Context): Exclude<Level, "Vanilla"> | null {
  if (level !== "Vanilla") return level;
  if (context.version?.hasCircuit) return "Zkml";
  return context.version?.levels.includes("Tee") === false ? null : "Tee";
}

/** Another worker is bound, or a challenge of someone else runs: the job is not ours. */
export function leaveToOthers(view: JobView, context: Context): Action {
  if (!context.policy.expireLate) return decline(view, "taken-by-another", `worker ${view.chain.workerId}`, null);
  if (context.now <= view.chain.dueAt) return wait(view.chain.dueAt + 1, "another worker is bound");
  return sendOnce(view, context, view.chain.state === "Challenged" ? "resolve" : "expire");
}

/** What hides the answer in a commitment comes before the commitment. */
export function commitAnswer(
  view: JobView,
  context: Context,
  round: RoundKind,
  send: "commit" | "commit-verdict",
): Action {
  if (view.answer === null) return execute(view, context);
  if (view.salts[round] === null) return { kind: "draw-salt", round };
  return sendOnce(view, context, send, view.answer.output);
}

/** Our commitment costs its stake unless it is revealed in time. */
export function revealAnswer(
  view: JobView,
  context: Context,
  round: RoundKind,
  send: "reveal" | "reveal-verdict",
): Action {
  const dueAt = view.chain[round]?.dueAt ?? 0;
  if (view.answer === null || view.salts[round] === null)
    return decline(view, "salt-missing", "the commitment is not of this journal", null);
  if (context.now > dueAt) return decline(view, "reveal-too-late", `it was due at ${dueAt}`, null);
  return sendOnce(view, context, send, view.answer.output);
}

/**
 * Ends something that anyone may end, and in which several workers have stake: one after the other, so that they do not
 * pay for the same thing.
 * @param order 0 for who goes first.
 */
export function tidyUp(
  view: JobView,
  context: Context,
  { dueAt, order, isOver }: { readonly dueAt: number; readonly order: number; readonly isOver: boolean },
  send: SendKind,
  output?: Hex,
): Action {
  const from = isOver && order === 0 ? context.now : dueAt + 1 + order * context.policy.recheckSeconds;
  return context.now < from ? wait(from, `${send} is not due yet`) : sendOnce(view, context, send, output);
}
