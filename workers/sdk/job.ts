import { AbiCoder, getAddress, keccak256, toBeHex, TypedDataEncoder } from "ethers";

import { type Arguments, interfaceOf, type Returned } from "./contracts.ts";
import type { Deployment } from "./deployment.ts";
import { type Level, levelNumber, levelOf } from "./level.ts";
import { RESULT_TYPE } from "./result-type.ts";

/**
 * A job as it was in `JobRequested`, packed into six words; the contracts keep only its hash, so every later step supplies
 * it again. `jobTermsOf` unpacks it.
 */
export type Job = Arguments<"market", "claim">[0];
export type JobStatus = Returned<"market", "statusOf">;

/** The contracts' states in the order of their enum. */
export const JOB_STATES = [
  "None",
  "Requested",
  "Claimed",
  "Copying",
  "Executed",
  "Challenged",
  "Settled",
  "Refunded",
] as const;
export type JobState = (typeof JOB_STATES)[number];

export const CALLBACK_TIMES = ["Executed", "Final"] as const;
/** When the consumer is called: at the first answer, which may be revoked, or once it is final. */
export type CallbackAt = (typeof CALLBACK_TIMES)[number];

/** What a job says, unpacked: as the market's `describe`, with names for level and callback time. */
export interface JobTerms {
  readonly versionId: string;
  /** keccak256 of the packed input. */
  readonly inputHash: string;
  /** Pays, and gets back what is not spent. */
  readonly requester: string;
  /** Called back; zero for nobody. */
  readonly consumer: string;
  readonly level: Level;
  readonly callbackAt: CallbackAt;
  /** 0 for no callback. */
  readonly callbackGas: bigint;
  /** While drawn workers have priority; amounts are in the currency's smallest unit. */
  readonly minFee: bigint;
  /** At the deadline. */
  readonly maxFee: bigint;
  /** Unix seconds. */
  readonly requestedAt: bigint;
  /** Last second in which somebody may answer. */
  readonly deadline: bigint;
  /** Seconds. */
  readonly challengeWindow: bigint;
  /** Distinct workers that answer. */
  readonly copies: bigint;
  /** Its hash seeds the draw. */
  readonly requestBlock: bigint;
  /** Length of the list of tickets at the request. */
  readonly candidates: bigint;
  /** Most that a drawn worker may ask per work unit. */
  readonly maxPrice: bigint;
  readonly royalty: bigint;
  /** Length of the output, or for a text the most. */
  readonly outputBytes: bigint;
  readonly textOutput: boolean;
  /** The protocol's share of the fee, as it was at the request. */
  readonly feeBasisPoints: bigint;
  /** Tells equal requests of one requester apart. */
  readonly nonce: bigint;
}

/** Unpacks a job. Throws `LEVEL_UNKNOWN` for what no market has put into a log. */
export function jobTermsOf({ versionId, inputHash, ...packed }: Job): JobTerms {
  const { requesterAndMinFee, consumerAndMaxFee, drawTerms, schedule } = packed;
  const requestedAt = bits(schedule, 216n, 40);
  return Object.freeze({
    versionId,
    inputHash,
    requester: addressIn(requesterAndMinFee),
    consumer: addressIn(consumerAndMaxFee),
    level: levelOf(bits(schedule, 6n, 2)),
    callbackAt: bits(schedule, 1n, 1) === 0n ? "Executed" : "Final",
    callbackGas: bits(schedule, 120n, 32),
    minFee: bits(requesterAndMinFee, 0n, 96),
    maxFee: bits(consumerAndMaxFee, 0n, 96),
    requestedAt,
    deadline: requestedAt + bits(schedule, 184n, 32),
    challengeWindow: bits(schedule, 152n, 32),
    copies: bits(schedule, 2n, 4),
    requestBlock: bits(drawTerms, 32n, 48),
    candidates: bits(drawTerms, 0n, 32),
    maxPrice: bits(drawTerms, 80n, 80),
    royalty: bits(drawTerms, 160n, 96),
    outputBytes: bits(schedule, 88n, 32),
    textOutput: bits(schedule, 0n, 1) === 1n,
    feeBasisPoints: bits(schedule, 8n, 16),
    nonce: bits(schedule, 24n, 64),
  });
}

/** The inverse of `jobTermsOf`, as the market's `packJob`. Throws a `RangeError` for what does not fit its place. */
export function packJob(terms: JobTerms): Job {
  return {
    versionId: terms.versionId,
    inputHash: terms.inputHash,
    requesterAndMinFee: at(96n, 160, BigInt(terms.requester)) | at(0n, 96, terms.minFee),
    consumerAndMaxFee: at(96n, 160, BigInt(terms.consumer)) | at(0n, 96, terms.maxFee),
    drawTerms:
      at(160n, 96, terms.royalty) |
      at(80n, 80, terms.maxPrice) |
      at(32n, 48, terms.requestBlock) |
      at(0n, 32, terms.candidates),
    schedule:
      at(216n, 40, terms.requestedAt) |
      at(184n, 32, terms.deadline - terms.requestedAt) |
      at(152n, 32, terms.challengeWindow) |
      at(120n, 32, terms.callbackGas) |
      at(88n, 32, terms.outputBytes) |
      at(24n, 64, terms.nonce) |
      at(8n, 16, terms.feeBasisPoints) |
      at(6n, 2, levelNumber(terms.level)) |
      at(2n, 4, terms.copies) |
      at(1n, 1, callbackTimeNumber(terms.callbackAt)) |
      at(0n, 1, terms.textOutput ? 1n : 0n),
  };
}

/** The contracts' number of a callback time. */
export function callbackTimeNumber(callbackAt: CallbackAt): bigint {
  return BigInt(CALLBACK_TIMES.indexOf(callbackAt));
}

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

/**
 * The EIP-712 digest that evidence binds: an enclave signs it, and its upper 248 bits are a circuit's first public
 * signal. `worker` is the key of the worker that answers.
 */
export function resultDigest(place: Place, job: Job, outputHash: string, worker: string): string {
  const domain = { name: "Assay", version: "1", chainId: place.chainId, verifyingContract: place.market };
  const { versionId, inputHash } = job;
  const { deadline } = jobTermsOf(job);
  const result = { jobId: jobIdOf(place, job), versionId, inputHash, outputHash, worker, deadline };
  return TypedDataEncoder.hash(domain, RESULT_TYPE, result);
}

/** First public signal of a circuit: the upper 248 bits of the digest, so that it is below the field's order. */
export function bindingOf(digest: string): bigint {
  return BigInt(digest) >> 8n;
}

function bits(word: bigint, from: bigint, width: number): bigint {
  return BigInt.asUintN(width, word >> from);
}

function at(from: bigint, width: number, value: bigint): bigint {
  if (BigInt.asUintN(width, value) !== value) throw new RangeError(`${value} does not fit into ${width} bits`);
  return value << from;
}

function addressIn(word: bigint): string {
  return getAddress(toBeHex(bits(word, 96n, 160), 20));
}
