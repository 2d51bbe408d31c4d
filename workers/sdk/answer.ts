import type { GetJobReturnType, JobFact } from "./actions/get-job.ts";
import { SdkError } from "./errors.ts";
import type { Position } from "./facts.ts";
import { keptOutputHash } from "./round.ts";

/** The output that counts so far, and what is behind it. */
export interface Answer extends Position {
  /** Packed, as hex. */
  readonly output: string;
  /** `evidence`: checked by the chain. `stake`: one worker's word. `majority`: that of more than half of all copies. */
  readonly from: "evidence" | "stake" | "majority";
  /** Who gave it, in the order of their events. */
  readonly workerIds: readonly bigint[];
}

type Told = Pick<GetJobReturnType, "jobId" | "timeline">;

/** The answer of a job: evidence outweighs an early answer. Undefined if there is none. Throws `JOB_REFUNDED`. */
export function answerOf({ jobId, timeline }: Told): Answer | undefined {
  const refunded = timeline.find((fact) => fact.kind === "JobRefunded");
  if (refunded !== undefined) {
    const { workerId, refund, slashed } = refunded;
    throw new SdkError("JOB_REFUNDED", `job ${jobId} was refunded: ${whyRefunded(timeline, workerId, slashed)}`, {
      details: { jobId, workerId, refund, slashed },
    });
  }
  const fulfilled = timeline.find((fact) => fact.kind === "JobFulfilled");
  if (fulfilled !== undefined) return { ...fulfilled, from: "evidence", workerIds: [fulfilled.workerId] };
  const executed = timeline.find((fact) => fact.kind === "JobExecuted");
  if (executed !== undefined) return { ...executed, from: "stake", workerIds: [executed.workerId] };
  return majorityOf({ jobId, timeline });
}

/** What the copies of a job agreed on. */
function majorityOf({ jobId, timeline }: Told): Answer | undefined {
  const agreed = timeline.find((fact) => fact.kind === "CopiesAgreed");
  if (agreed === undefined) return undefined;
  const same = timeline
    .filter((fact) => fact.kind === "Revealed")
    .filter(({ roundId, outputHash }) => roundId === jobId && keptOutputHash(outputHash) === agreed.outputHash);
  const [first] = same;
  if (first === undefined)
    throw new SdkError("FACT_MISSING", `the node has no reveal of what the copies of job ${jobId} agreed on`);
  return { ...agreed, output: first.output, from: "majority", workerIds: same.map(({ workerId }) => workerId) };
}

function whyRefunded(timeline: readonly JobFact[], workerId: bigint, slashed: bigint): string {
  const kinds = new Set(timeline.map(({ kind }) => kind));
  const judged = timeline.find((fact) => fact.kind === "PanelJudged");
  if (judged !== undefined)
    return judged.decided ? "a panel judged the answer to be wrong" : "its panel came to no verdict";
  if (workerId !== 0n) return `worker ${workerId} brought no evidence and was slashed`;
  if (kinds.has("JobChallenged") || kinds.has("CopiesDisagreed"))
    return slashed > 0n ? "its workers brought no evidence and were slashed" : "nobody brought evidence";
  if (kinds.has("RevealsOpened")) return "no answer of its copies had a majority";
  return kinds.has("Committed") ? "too few workers answered in time" : "nobody answered in time";
}
