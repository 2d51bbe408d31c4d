import { answerOf } from "../answer.ts";
import type { Client } from "../client.ts";
import type { CheckEnclaveOptions } from "../check-enclave.ts";
import { findEnrolment } from "../enrolments/find-enrolment.ts";
import { recheckEnrolment } from "../enrolments/recheck-enrolment.ts";
import type { ResultBundle } from "../enrolments/verify-bundle.ts";
import { fetchEvidence } from "../fetch-evidence.ts";
import { unverified } from "../unverified.ts";
import { getJob } from "./get-job.ts";
import { getVersion } from "./get-version.ts";
import { verifyResult } from "./verify-result.ts";

export interface ExportBundleParameters extends Omit<CheckEnclaveOptions, "enrolment"> {
  readonly jobId: string;
}

/**
 * A result of an enclave, verified, with everything that it takes to verify it again without a node: `formatBundle` makes
 * a file of it, `verifyBundle` checks it. Throws as `verifyResult`, and `EVIDENCE_NOT_FOUND` if no enclave signed.
 *
 * @example
 * await writeFile("result.json", formatBundle(await exportBundle(client, { jobId })));
 */
export async function exportBundle(
  client: Client,
  { jobId, ...options }: ExportBundleParameters,
): Promise<ResultBundle> {
  const verified = await verifyResult(client, { jobId, ...options, enrolment: "required" });
  const found = await getJob(client, { jobId });
  const answer = answerOf(found);
  if (verified.evidence !== "enclave" || answer === undefined)
    throw unverified("EVIDENCE_NOT_FOUND", `job ${jobId} was not answered by an enclave`, { jobId });
  const [version, statement, enrolment] = await Promise.all([
    getVersion(client, { versionId: found.job.versionId }),
    fetchEvidence(client, found.jobId, answer),
    findEnrolment(client, verified.enclaveKey, answer),
  ]);
  if (enrolment === undefined)
    throw unverified("EVIDENCE_NOT_FOUND", `the node lost the enrolment of ${verified.enclaveKey}`, { jobId });
  const { evidence } = await recheckEnrolment(client, enrolment.fact, options);
  return {
    job: found.job,
    modelId: version.modelId,
    spec: version.spec,
    output: statement.output,
    signature: statement.evidence,
    worker: statement.worker,
    evidence,
  };
}
