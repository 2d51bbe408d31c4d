import { getBytes } from "ethers";

import { unpackTensors } from "../../../circuits/format/tensor.ts";
import { type Answer, answerOf } from "../answer.ts";
import type { Client } from "../client.ts";
import { SdkError } from "../errors.ts";
import type { JobState } from "../job.ts";
import type { Level } from "../level.ts";
import { pause, within } from "../pause.ts";
import type { Version } from "../version.ts";
import { type GetJobReturnType, getJob, type JobFact } from "./get-job.ts";
import { getVersion } from "./get-version.ts";

export interface WaitForResultParameters {
  readonly jobId: string;
  /** "executed", the default: the first answer, which may be revoked. "final": when it is settled. */
  readonly finality?: "executed" | "final";
  /** Milliseconds; 60,000 when left out. */
  readonly timeout?: number;
  /** Milliseconds between questions to the node; 500 when left out. */
  readonly pollingInterval?: number;
  readonly signal?: AbortSignal;
}

export interface WaitForResultReturnType {
  readonly jobId: string;
  readonly level: Level;
  readonly isFinal: boolean;
  /** Output tensors as integers, row-major; a real value is `integer / 10 ** decimals` of its spec. */
  readonly outputs: readonly (readonly bigint[])[];
  /** The same, packed. */
  readonly packedOutput: Uint8Array;
  /** Who gave this answer: one worker, or of several copies those that agreed. */
  readonly workerIds: readonly bigint[];
  /** What was charged, once it is final, in the currency's smallest unit. */
  readonly fee: bigint | undefined;
  /** Transactions of the job, by what they did. */
  readonly transactions: Readonly<Partial<Record<JobFact["kind"], string>>>;
  readonly version: Version;
}

/**
 * Waits for an answer. Throws `JOB_REFUNDED` if none came or it was revoked, `TIMEOUT` (retryable), `ABORTED`,
 * `JOB_UNKNOWN`. A node that is away for a moment is asked again.
 *
 * @example
 * const { outputs, isFinal } = await waitForResult(client, { jobId, finality: "final", timeout: 120_000 });
 */
export async function waitForResult(
  client: Client,
  parameters: WaitForResultParameters,
): Promise<WaitForResultReturnType> {
  const { jobId, finality = "executed", timeout = 60_000, pollingInterval = 500, signal } = parameters;
  const deadline = Date.now() + timeout;
  let fromBlock: number | undefined;
  let state: JobState | undefined;
  const look = async (): Promise<WaitForResultReturnType | undefined> => {
    const found = await getJob(client, fromBlock === undefined ? { jobId } : { jobId, fromBlock });
    fromBlock = found.timeline[0]?.blockNumber;
    state = found.state;
    const answer = answerOf(found);
    if (answer === undefined || (finality === "final" && settledOf(found) === undefined)) return undefined;
    return describeResult(found, answer, await getVersion(client, { versionId: found.job.versionId }));
  };
  for (;;) {
    // The last look starts at the deadline; a node that never answers holds nobody longer than one interval.
    const result = await within(Math.max(deadline - Date.now(), pollingInterval), unlessUnreachable(look), signal);
    if (result !== undefined) return result;
    const left = deadline - Date.now();
    if (left <= 0)
      throw new SdkError("TIMEOUT", `job ${jobId} has no ${finality} answer after ${timeout} ms: wait again`, {
        retryable: true,
        details: { jobId, state },
      });
    await pause(Math.min(pollingInterval, left), signal);
  }
}

async function unlessUnreachable<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof SdkError && error.code === "RPC_UNREACHABLE") return undefined;
    throw error;
  }
}

function settledOf({ timeline }: Pick<GetJobReturnType, "timeline">) {
  return timeline.find((fact) => fact.kind === "JobSettled");
}

function describeResult(found: GetJobReturnType, answer: Answer, version: Version): WaitForResultReturnType {
  const settled = settledOf(found);
  const packedOutput = getBytes(answer.output);
  return {
    jobId: found.jobId,
    level: found.level,
    isFinal: settled !== undefined,
    outputs: unpackTensors(version.outputs, packedOutput),
    packedOutput,
    workerIds: answer.workerIds,
    fee: settled?.fee,
    transactions: Object.fromEntries(found.timeline.map((fact) => [fact.kind, fact.transactionHash])),
    version,
  };
}
