import type { SendKind } from "../facts.ts";
import { wantsEarlyAnswer } from "./answering.ts";
import type { Context } from "./context.ts";
import { gasOf } from "./gas-use.ts";
import type { JobView } from "./job-view.ts";
import { hasStakeIn } from "./obligation.ts";

type Needs = Pick<Context, "policy" | "worker" | "gas">;

/** Gas of all that this worker still has to send for a job before it is paid, if nobody challenges it. */
export function gasAhead(view: JobView, context: Needs): bigint {
  const ahead = sendsAhead(view, context).filter((kind) => !isMined(view, kind));
  return ahead.reduce((sum, kind) => sum + gasOf(kind, view, context.gas.seen), 0n);
}

/** The sends of a job from the first to the last, in their order. */
export function sendsAhead(view: JobView, context: Needs): readonly SendKind[] {
  const { job, chain } = view;
  if (job === null || chain.state === "Settled" || chain.state === "Refunded") return [];
  if (chain.state === "Challenged") return ofDispute(view, context);
  // The copies tally and settle for each other; any of them may have to.
  if (job.copies !== 1) return ["commit", "reveal", "tally", "settle"];
  if (job.level === "Vanilla") return ["execute", "settle"];
  if (wantsEarlyAnswer(view, context)) return ["execute", "fulfill"];
  return job.level === "Zkml" && context.policy.claim !== "never" ? ["claim", "fulfill"] : ["fulfill"];
}

function ofDispute(view: JobView, { worker }: Needs): readonly SendKind[] {
  if (!hasStakeIn(view, worker)) return [];
  return view.chain.panel === null ? ["fulfill", "resolve"] : ["reveal-verdict", "resolve"];
}

function isMined({ sends }: JobView, kind: SendKind): boolean {
  return sends.some((send) => send.kind === kind && send.outcome === "mined");
}
