import type { GetJobReturnType, JobFact } from "./actions/get-job.ts";
import { SdkError } from "./errors.ts";
import type { Position } from "./facts.ts";
import { keptOutputHash, panelIdOf } from "./round.ts";

/** The output that counts so far, and what is behind it. */
export interface Answer extends Position {
  /** Packed, as hex. */
  readonly output: string;
  /**
   * `evidence`: checked by the chain. `stake`: one worker's word. Of several copies, `majority`: what more than half of them
   * say; `panel`: what other workers say, be it a minority's answer.
   */
  readonly from: "evidence" | "stake" | "majority" | "panel";
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
  const judged = verdictOf({ jobId, timeline });
  if (judged !== undefined) return answerOfCopies({ jobId, timeline }, judged, "panel");
  const agreed = timeline.find((fact) => fact.kind === "CopiesAgreed");
  return agreed && answerOfCopies({ jobId, timeline }, agreed, "majority");
}

interface Decision extends Position {
  /** The first 28 bytes. */
  readonly outputHash: string;
}

/** The answer of a job with copies that its panel upheld: what most of the panel revealed. */
function verdictOf({ jobId, timeline }: Told): Decision | undefined {
  const judged = timeline.find((fact) => fact.kind === "PanelJudged");
  if (judged?.upheld !== true) return undefined;
  const verdicts = revealsOf(timeline, panelIdOf(jobId)).map(({ outputHash }) => outputHash);
  const votesFor = (hash: string) => verdicts.filter((other) => other === hash).length;
  const [outputHash] = verdicts.toSorted((left, right) => votesFor(right) - votesFor(left));
  if (outputHash === undefined) throw missing(jobId, "the verdict");
  return { ...judged, outputHash: keptOutputHash(outputHash) };
}

/** Copies reveal their outputs; what they agreed on or a panel upheld is told by its hash. */
function answerOfCopies({ jobId, timeline }: Told, decision: Decision, from: "majority" | "panel"): Answer {
  const same = revealsOf(timeline, jobId).filter(
    ({ outputHash }) => keptOutputHash(outputHash) === decision.outputHash,
  );
  const [first] = same;
  if (first === undefined) throw missing(jobId, "the answer that counts");
  return { ...decision, output: first.output, from, workerIds: same.map(({ workerId }) => workerId) };
}

function revealsOf(timeline: readonly JobFact[], ofRound: string) {
  return timeline.filter((fact) => fact.kind === "Revealed").filter(({ roundId }) => roundId === ofRound);
}

function missing(jobId: string, what: string): SdkError {
  return new SdkError("FACT_MISSING", `the node has no reveal of ${what} of job ${jobId}: ask another node`);
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
