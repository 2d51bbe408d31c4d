import { getBytes, hexlify, keccak256 } from "ethers";

import type { Deployment } from "../../sdk/deployment.ts";
import { bindingOf, resultDigest } from "../../sdk/job.ts";
import { chainJob, hexOf } from "../chain/job-struct.ts";
import type { Enclave } from "../enclave/enclave.ts";
import type { VersionCache } from "../execution/version-cache.ts";
import type { Hex } from "../facts.ts";
import type { Action } from "../job/action.ts";
import type { JobView } from "../job/job-view.ts";
import { WorkerError } from "../worker-error.ts";
import { requestOf } from "./request-of.ts";

export interface EvidenceSources {
  readonly deployment: Deployment;
  readonly workerKey: Hex;
  readonly versions: VersionCache;
  /** Null if this worker has none. */
  readonly enclave: Enclave | null;
}

/**
 * Evidence that this worker's answer to this job is `output`: an enclave's signature of the result digest, or a proof
 * that has the digest as its first public signal. `now` is the chain's time. Throws `ENCLAVE_MISSING`, and as `LoadedVersion.prove` does.
 */
export async function makeEvidence(
  { deployment, workerKey, versions, enclave }: EvidenceSources,
  view: JobView,
  { level, output }: Extract<Action, { kind: "make-evidence" }>,
  now: number,
): Promise<Hex> {
  const { job, input } = requestOf(view);
  const digest = resultDigest(deployment, chainJob(job), keccak256(output), workerKey);
  if (level === "Zkml")
    return versions.use(job.versionId, async (version) =>
      hexOf(hexlify(await version.prove(getBytes(input), getBytes(output), bindingOf(digest)))),
    );
  if (enclave === null) throw new WorkerError("ENCLAVE_MISSING", "this worker has no enclave: set `enclave`");
  return hexOf(hexlify(enclave.sign(digest, now)));
}
