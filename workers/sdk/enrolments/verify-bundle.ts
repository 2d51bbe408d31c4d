import { hexlify, keccak256, recoverAddress } from "ethers";

import { type Policy, STRICT_POLICY } from "../../tee/index.ts";
import type { Deployment } from "../deployment.ts";
import { type Job, jobIdOf, resultDigest } from "../job.ts";
import { unverified } from "../unverified.ts";
import { type VersionSpec, versionIdOf } from "../version.ts";
import { checkEnrolment, type EnrolmentFindings, type EnrolmentRoots } from "./check-enrolment.ts";
import { enrolmentCaveats } from "./enrolment-caveats.ts";
import type { EnrolmentEvidence } from "./enrolment-record.ts";

/** A result at the Tee level with all that it takes to check it where there is no node. */
export interface ResultBundle {
  readonly job: Job;
  readonly modelId: bigint;
  readonly spec: VersionSpec;
  /** Packed tensors. */
  readonly output: Uint8Array;
  /** By the enclave's key. */
  readonly signature: Uint8Array;
  /** Key of the worker for which the enclave signed. */
  readonly worker: string;
  readonly evidence: EnrolmentEvidence;
}

export interface VerifyBundleOptions extends EnrolmentRoots {
  /** What is taken of what Intel says, and for how long quotes count; strict unless told, whatever the deployment takes. */
  readonly policy?: Policy | undefined;
  /** Code that is taken where the version names none. */
  readonly measurements?: readonly string[] | undefined;
}

export interface VerifiedBundle {
  readonly jobId: string;
  readonly versionId: string;
  readonly inputHash: string;
  readonly packedOutput: Uint8Array;
  readonly worker: string;
  readonly enclaveKey: string;
  readonly findings: EnrolmentFindings;
  readonly caveats: readonly string[];
}

/** The contracts that the caller knows to be right: nothing in a bundle is believed about them. */
export type BundlePlace = Pick<Deployment, "chainId" | "market" | "modelRegistry" | "enclaveRegistry">;

/**
 * Checks a result without any node: that the enclave's key signed it for this job, that a genuine quote of accepted code binds
 * that key to the worker in this deployment. What only a chain shows is among the caveats. Throws `RESULT_UNVERIFIED` with
 * the check that failed.
 *
 * @example
 * const { findings, caveats } = verifyBundle(deployment, parseBundle(await readFile("result.json", "utf8")));
 */
export function verifyBundle(
  place: BundlePlace,
  bundle: ResultBundle,
  { policy = STRICT_POLICY, measurements, ...roots }: VerifyBundleOptions = {},
): VerifiedBundle {
  const { job, modelId, spec, output, signature, worker, evidence } = bundle;
  const { enrolment } = evidence;
  if (versionIdOf(place, modelId, spec) !== job.versionId)
    throw failed("version", "the version is not the one that the job names");
  if (signerOf(resultDigest(place, job, keccak256(output), worker), signature) !== enrolment.enclaveKey)
    throw failed("signature", `the enclave's key ${enrolment.enclaveKey} did not sign this result`);
  if (enrolment.worker !== worker) throw failed("worker", `the enclave belongs to ${enrolment.worker}`);

  const findings = checkEnrolment(place, underPolicy(evidence, policy), roots);
  const accepted = spec.measurements.length > 0 ? spec.measurements : measurements;
  if (accepted !== undefined && !accepted.includes(findings.measurement))
    throw failed("measurement", `code with measurement ${findings.measurement} is not accepted`);
  const caveats = [...enrolmentCaveats(findings), NO_CHAIN];
  if (accepted === undefined) caveats.push("Nothing here says which code the deployment accepts.");
  if (findings.quotedAfter === null) caveats.push("When the quote was made is not shown.");
  return {
    jobId: jobIdOf(place, job),
    versionId: job.versionId,
    inputHash: job.inputHash,
    packedOutput: output,
    worker,
    enclaveKey: enrolment.enclaveKey,
    findings,
    caveats,
  };
}

const NO_CHAIN =
  "That the job was paid for, and that the enrolment had not ended when it was answered, only the chain shows.";

function underPolicy(evidence: EnrolmentEvidence, policy: Policy): EnrolmentEvidence {
  if (evidence.kind === "nitro") return { ...evidence, maxAge: policy.maxAge };
  return { ...evidence, collateral: { ...evidence.collateral, policy } };
}

function signerOf(digest: string, signature: Uint8Array): string | undefined {
  try {
    return recoverAddress(digest, hexlify(signature));
  } catch {
    return undefined;
  }
}

function failed(check: string, message: string) {
  return unverified("RESULT_UNVERIFIED", message, { check });
}
