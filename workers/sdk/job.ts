import { AbiCoder, keccak256, TypedDataEncoder } from "ethers";

import { type Arguments, interfaceOf, type Returned } from "./contracts.ts";
import type { Deployment } from "./deployment.ts";

/** A job as it was in `JobRequested`; the contracts keep only its hash, so every later step supplies it again. */
export type Job = Arguments<"market", "claim">[0];
export type JobStatus = Returned<"market", "statusOf">;

/** The contracts' states in the order of their enum. */
export const JOB_STATES = ["None", "Requested", "Claimed", "Executed", "Challenged", "Settled", "Refunded"] as const;
export type JobState = (typeof JOB_STATES)[number];

export const CALLBACK_TIMES = ["Executed", "Final"] as const;
/** When the consumer is called: at the first answer, which may be revoked, or once it is final. */
export type CallbackAt = (typeof CALLBACK_TIMES)[number];

export function jobStateOf(status: Pick<JobStatus, "state">): JobState {
  return JOB_STATES[Number(status.state)] ?? "None";
}

type Place = Pick<Deployment, "chainId" | "market">;

/** `keccak256(abi.encode(chainid, market, job))`, as the market computes it. */
export function jobIdOf({ chainId, market }: Place, job: Job): string {
  const jobType = interfaceOf("market").getFunction("claim")?.inputs[0];
  if (jobType === undefined) throw new TypeError("the market's ABI has no job");
  return keccak256(AbiCoder.defaultAbiCoder().encode(["uint256", "address", jobType], [chainId, market, job]));
}

const RESULT_TYPE = {
  Result: [
    { name: "jobId", type: "bytes32" },
    { name: "versionId", type: "bytes32" },
    { name: "inputHash", type: "bytes32" },
    { name: "outputHash", type: "bytes32" },
    { name: "worker", type: "address" },
    { name: "deadline", type: "uint40" },
  ],
};

/**
 * The EIP-712 digest that evidence binds: an enclave signs it, and its upper 248 bits are a circuit's first public
 * signal. `worker` is the key of the worker that answers.
 */
export function resultDigest(place: Place, job: Job, outputHash: string, worker: string): string {
  const domain = { name: "Assay", version: "1", chainId: place.chainId, verifyingContract: place.market };
  const { versionId, inputHash, deadline } = job;
  const result = { jobId: jobIdOf(place, job), versionId, inputHash, outputHash, worker, deadline };
  return TypedDataEncoder.hash(domain, RESULT_TYPE, result);
}

/** First public signal of a circuit: the upper 248 bits of the digest, so that it is below the field's order. */
export function bindingOf(digest: string): bigint {
  return BigInt(digest) >> 8n;
}
