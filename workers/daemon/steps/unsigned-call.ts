import { keccak256 } from "ethers";

import { populateWrite, type UnsignedCall } from "../../sdk/access.ts";
import type { Client } from "../../sdk/client.ts";
import type { Job as ChainJob } from "../../sdk/job.ts";
import { commitmentOf, panelIdOf } from "../../sdk/round.ts";
import { chainJob } from "../chain/job-struct.ts";
import type { Hex, RoundKind } from "../facts.ts";
import type { Action } from "../job/action.ts";
import type { JobView } from "../job/job-view.ts";
import type { BatchItem } from "../lane/batch.ts";
import { WorkerError } from "../worker-error.ts";

type Send = Extract<Action, { kind: "send" }>;
type Place = Pick<Client, "deployment">;

/** Functions that take the job alone, and those that take its output, too. */
const OF_JOB = {
  claim: "claim",
  "open-reveals": "openReveals",
  expire: "expire",
  "open-verdicts": "resolve",
  resolve: "resolve",
} as const;
const OF_OUTPUT = { execute: "execute", settle: "settle", tally: "tally", "retry-callback": "retryCallback" } as const;

/** The market call of a send, with that value. Throws `EXECUTION_FAILED` if the view lacks what the call needs. */
export function unsignedCall(
  client: Place,
  view: JobView,
  { send, output }: Send,
  { workerKey, value }: { readonly workerKey: Hex; readonly value: bigint },
): UnsignedCall {
  const job = requestedJob(view);
  const contract = "market";
  if (isIn(OF_JOB, send)) return populateWrite(client, { contract, functionName: OF_JOB[send], args: [job] });
  if (isIn(OF_OUTPUT, send))
    return populateWrite(client, { contract, functionName: OF_OUTPUT[send], args: [job, output] });
  switch (send) {
    case "challenge":
      return populateWrite(client, { contract, functionName: send, args: [job], value });
    case "fulfill":
      return populateWrite(client, { contract, functionName: send, args: [job, output, evidenceFor(view, output)] });
    case "commit":
      return populateWrite(client, { contract, functionName: send, args: [job, commitment("copies")] });
    case "commit-verdict":
      return populateWrite(client, { contract, functionName: "commitVerdict", args: [job, commitment("panel")] });
    case "reveal":
      return populateWrite(client, { contract, functionName: send, args: [job, output, saltOf(view, "copies")] });
    case "reveal-verdict": {
      const args = [job, keccak256(output), saltOf(view, "panel")] as const;
      return populateWrite(client, { contract, functionName: "revealVerdict", args });
    }
    default:
      throw new WorkerError("EXECUTION_FAILED", `${send} belongs to no job`);
  }

  function commitment(round: RoundKind): string {
    const roundId = round === "panel" ? panelIdOf(view.jobId) : view.jobId;
    return commitmentOf({ roundId, worker: workerKey, outputHash: keccak256(output), salt: saltOf(view, round) });
  }
}

/** What a send may share a transaction with; undefined for one that goes alone, as it does after it failed in a batch. */
export function batchItem(view: JobView, { send, output }: Send): BatchItem | undefined {
  const job = requestedJob(view);
  if (view.sends.some(({ kind, outcome }) => kind === send && outcome === "reverted")) return undefined;
  switch (send) {
    case "execute":
    case "settle":
      return { kind: send, answer: { job, output, evidence: "0x" } };
    case "fulfill":
      // The shares of several copies are not divided in batches.
      return view.chain.copies === null
        ? { kind: send, answer: { job, output, evidence: evidenceFor(view, output) } }
        : undefined;
    default:
      return undefined;
  }
}

function isIn<Names extends object>(names: Names, send: string | keyof Names): send is keyof Names {
  return send in names;
}

function requestedJob({ jobId, job }: JobView): ChainJob {
  if (job === null) throw new WorkerError("EXECUTION_FAILED", `job ${jobId} has no request`);
  return chainJob(job);
}

function evidenceFor({ jobId, evidence }: JobView, output: Hex): Hex {
  if (evidence?.output !== output)
    throw new WorkerError("EXECUTION_FAILED", `job ${jobId} has no evidence for its output`);
  return evidence.evidence;
}

function saltOf({ jobId, salts }: JobView, round: RoundKind): Hex {
  const salt = salts[round];
  if (salt === null) throw new WorkerError("EXECUTION_FAILED", `job ${jobId} has no salt for its ${round}`);
  return salt;
}
