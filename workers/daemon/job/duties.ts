import type { Hex } from "../facts.ts";
import type { Context, Duty } from "./context.ts";
import { gasAhead } from "./gas-ahead.ts";
import { secondsOf } from "./in-time.ts";
import type { JobView } from "./job-view.ts";
import { hasStakeIn, isChallenger, owesEvidence } from "./obligation.ts";

/** What the worker's other jobs mean for a decision about this one. */
export type Besides = Pick<Context, "working" | "duties" | "bondsOut">;

/** For decisions that ask for no time, gas or bond. */
export const NOTHING_BESIDES: Besides = Object.freeze({ working: 0, duties: [], bondsOut: 0 });

/** A job as it is on the board. */
export interface Other {
  readonly view: JobView;
  /** It is being run or proven, or bound to be. */
  readonly working: boolean;
}

/** @param paceOf How long this machine takes for a version. */
export function besides(
  others: readonly Other[],
  context: Omit<Needs, "pace">,
  paceOf: (versionId: Hex) => Context["pace"],
): Besides {
  return {
    working: others.filter(({ view, working }) => working || (!view.closed && owesEvidence(view, context.worker.id)))
      .length,
    duties: others.flatMap(({ view, working }) => {
      const pace = paceOf(view.job?.versionId ?? "0x");
      return dutyOf(view, working, { ...context, pace }) ?? [];
    }),
    bondsOut: others.filter(({ view }) => holdsBond(view, context)).length,
  };
}

type Needs = Pick<Context, "policy" | "worker" | "gas" | "pace">;

/** What a job still asks of this worker; null if nothing. `isWorking`: it is being run or proven. */
export function dutyOf(view: JobView, isWorking: boolean, context: Needs): Duty | null {
  const { chain, job } = view;
  if (job === null || chain.state === "Settled" || chain.state === "Refunded") return null;
  const isBegun = isWorking || isPending(view) || isInHand(view);
  const seconds = isBegun || owesEvidence(view, context.worker.id) ? secondsLeft(view, context) : 0;
  const gas = isBegun || hasStakeIn(view, context.worker) ? gasAhead(view, context) : 0n;
  const dueAt = chain.dueAt === 0 ? job.deadline : chain.dueAt;
  return seconds === 0 && gas === 0n ? null : { seconds, dueAt, gas };
}

/** A challenge of ours holds its bond, or will when what is out is mined. */
export function holdsBond(view: JobView, { worker }: Pick<Context, "worker">): boolean {
  if (view.chain.state === "Challenged") return isChallenger(view, worker);
  const isOut = view.sends.some(
    ({ kind, outcome }) => kind === "challenge" && (outcome === "pending" || outcome === "mined"),
  );
  return view.chain.state === "Executed" && isOut;
}

/** A challenged Vanilla answer needs a proof as well. */
function secondsLeft(view: JobView, context: Needs): number {
  const proof = view.job?.level === "Vanilla" && view.chain.state === "Challenged" && view.evidence === null;
  return secondsOf(view, context) + (proof ? context.pace.Zkml : 0);
}

function isPending({ sends }: JobView): boolean {
  return sends.some(({ outcome }) => outcome === "pending");
}

/** Answered, not yet handed over, and nothing stands in the way. */
function isInHand({ chain, answer, decline }: JobView): boolean {
  return chain.state === "Requested" && answer !== null && decline === null;
}
