/**
 * Whether a job can be finished in time, whatever else is to be done.
 *
 * The machine does `parallel` pieces of work side by side, in an order that nobody promises. A piece then begins when the
 * others that were there have been divided among the places, at the latest; that it and every piece which was there
 * before is still done in time is what taking a job demands. So nothing that was accepted can be made late by what is
 * accepted after it.
 */
import type { Job } from "../facts.ts";
import type { Action } from "./action.ts";
import { wantsEarlyAnswer } from "./answering.ts";
import type { Context, Duty } from "./context.ts";
import type { JobView } from "./job-view.ts";
import { decline } from "./reply.ts";

/** Seconds of running and proving that a job asks for before it can be handed over. */
export function secondsOf(view: JobView, { pace }: Pick<Context, "pace">): number {
  const { job, answer, evidence } = view;
  if (job === null) return 0;
  const run = answer === null ? pace.answer : 0;
  return job.level === "Vanilla" || evidence !== null ? run : run + pace[job.level];
}

/** Why a job cannot be taken for lack of time; undefined if it can. */
export function whyNotInTime(view: JobView, context: Context, job: Job, later: number): Action | undefined {
  const { now, policy, evidenceWindow, pace } = context;
  const seconds = secondsOf(view, context);
  // What is ready has only to be sent.
  const needed = seconds === 0 ? 0 : seconds + policy.safetySeconds;
  if (now + needed >= job.deadline)
    return decline(view, "deadline-too-close", `${job.deadline - now} s left, ${show(needed)} s needed`, null);
  if (seconds === 0) return undefined;
  // An answer that may have to be proven within the window must not be given if that takes longer.
  const binds = job.level === "Zkml" && (policy.claim !== "never" || wantsEarlyAnswer(view, context));
  const isJudged = job.level === "Vanilla" && context.version?.hasCircuit === true;
  const proof = binds || isJudged ? pace.Zkml + policy.safetySeconds : 0;
  if (proof >= evidenceWindow)
    return decline(view, "too-slow", `a proof takes ${show(proof)} s, the window is ${evidenceWindow} s`, null);
  const own = { seconds, dueAt: binds ? Math.min(job.deadline, now + evidenceWindow) : job.deadline };
  const late = latePieces([...context.duties, own], context);
  if (late.length === 0) return undefined;
  const ahead = context.duties.reduce((sum, duty) => sum + duty.seconds, 0);
  const whose = late.includes(own) ? "it" : "another job";
  return decline(view, "queue-too-long", `${show(ahead)} s of work are ahead: ${whose} would be late`, later);
}

type Piece = Pick<Duty, "seconds" | "dueAt">;

/** Pieces of work that may end too late if all are done in the worst order. One whose time is over already is none of them. */
function latePieces(pieces: readonly Piece[], { now, policy }: Pick<Context, "now" | "policy">): readonly Piece[] {
  const total = pieces.reduce((sum, { seconds }) => sum + seconds, 0);
  return pieces.filter(({ seconds, dueAt }) => {
    const begins = (total - seconds) / policy.parallel;
    const isLost = now + policy.safetySeconds >= dueAt;
    return seconds > 0 && !isLost && now + begins + seconds + policy.safetySeconds >= dueAt;
  });
}

function show(seconds: number): string {
  return String(Math.ceil(seconds * 10) / 10);
}
