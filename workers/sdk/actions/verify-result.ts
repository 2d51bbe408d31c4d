import { dataSlice, getBytes, keccak256, ZeroAddress } from "ethers";

import { type Answer, answerOf } from "../answer.ts";
import type { Client } from "../client.ts";
import { type CheckEnclaveOptions, type Enclave, checkEnclave } from "../check-enclave.ts";
import { checkProof, type ProvenResult } from "../check-proof.ts";
import { enclaveCaveats, enrolmentCaveats } from "../enrolments/enrolment-caveats.ts";
import { fetchEvidence } from "../fetch-evidence.ts";
import type { Level } from "../level.ts";
import { unverified } from "../unverified.ts";
import { getJob, type GetJobReturnType } from "./get-job.ts";
import { getVersion } from "./get-version.ts";

export interface VerifyResultParameters extends CheckEnclaveOptions {
  readonly jobId: string;
}

/** What stands behind a result, checked here. `caveats` say in words what was not proven. */
export type VerifyResultReturnType = {
  readonly jobId: string;
  readonly level: Level;
  readonly packedOutput: Uint8Array;
  readonly caveats: readonly string[];
} & (
  | ({ readonly evidence: "proof" } & ProvenResult)
  | ({ readonly evidence: "enclave" } & Enclave)
  | { readonly evidence: "stake" }
);

/**
 * Checks a result without trusting worker or contracts: the job's id and the version's id are recomputed from their
 * facts, the evidence is taken from the transaction that fulfilled the job, and the proof or the enclave's signature is
 * checked here, and so is the quote by which the enclave enrolled. The node is trusted for the logs of what happened: that
 * the enrolment was not ended, and which code the deployment accepts.
 *
 * Throws `RESULT_UNVERIFIED` with the check that failed, `EVIDENCE_NOT_FOUND` if a contract in between sent it,
 * `JOB_UNANSWERED`, `JOB_REFUNDED`, `JOB_UNKNOWN`.
 *
 * @example
 * const result = await verifyResult(client, { jobId });
 * if (result.evidence === "proof" && !result.devKeys) console.log("proven");
 */
export async function verifyResult(
  client: Client,
  { jobId, ...options }: VerifyResultParameters,
): Promise<VerifyResultReturnType> {
  const found = await getJob(client, { jobId });
  const answer = answerOf(found);
  if (answer === undefined) throw unverified("JOB_UNANSWERED", `job ${jobId} has no answer yet`, { jobId });
  if (keccak256(found.input) !== found.job.inputHash)
    throw unverified("RESULT_UNVERIFIED", "the node's input is not the job's", { check: "input" });
  const version = await getVersion(client, { versionId: found.job.versionId });
  const common = { jobId, level: found.level, packedOutput: getBytes(answer.output) };

  if (answer.from !== "evidence") {
    const fingerprint = dataSlice(keccak256(answer.output), 0, 22);
    if (fingerprint !== found.status.outputHash)
      throw unverified("RESULT_UNVERIFIED", "the output is not the one that the market keeps", { check: "output" });
    return { ...common, evidence: "stake", caveats: stakeCaveats(found, answer) };
  }

  const statement = await fetchEvidence(client, found.jobId, answer);
  // A Vanilla answer in doubt is judged by the strongest evidence of its version.
  const hasKey = version.terms.verificationKey !== ZeroAddress;
  const isProof = found.level === "Zkml" || (found.level === "Vanilla" && hasKey);
  if (isProof) {
    const proven = await checkProof(client, found, version, statement);
    return { ...common, evidence: "proof", ...proven, caveats: proven.devKeys ? [DEV_KEYS] : [] };
  }
  const enclave = await checkEnclave(client, found, version, { ...statement, answer }, options);
  return { ...common, evidence: "enclave", ...enclave, caveats: caveatsOf(enclave) };
}

const DEV_KEYS = "The proving key is from a single-party setup: whoever made it can forge proofs.";

function caveatsOf({ simulated, enrolment: { findings, unchecked } }: Enclave): string[] {
  if (findings !== null) return enrolmentCaveats(findings);
  return [...enclaveCaveats(simulated), `The enrolment was not checked here: ${unchecked ?? "no reason is known"}.`];
}

function stakeCaveats({ state, level, terms, timeline }: GetJobReturnType, answer: Answer): string[] {
  const isUpheld = timeline.some((fact) => fact.kind === "PanelJudged" && fact.upheld);
  const caveats = [
    answer.from === "majority" || answer.from === "panel"
      ? `${answer.workerIds.length} of ${terms.copies} workers gave this answer without seeing the others': nothing but their stakes stands behind it.`
      : "Nothing but a worker's stake stands behind this answer: the computation was not checked.",
  ];
  if (isUpheld) caveats.push("It was in doubt, and a panel of other workers gave the same answer.");
  if (level !== "Vanilla") caveats.push(`The ${level} evidence has not come yet: the answer may be revoked.`);
  else if (state === "Challenged") caveats.push("It is challenged: the answer may be revoked.");
  else if (state !== "Settled") caveats.push("The challenge window is open: the answer may be revoked.");
  return caveats;
}
