import { getBytes } from "ethers";

import { commitmentIn } from "../../circuits/format/opening.ts";
import type { Client } from "../sdk/client.ts";
import type { Endpoint } from "./chain/endpoint.ts";
import { type MarketTerms, readOffer, readServing } from "./chain/read-context.ts";
import type { Enclave } from "./enclave/enclave.ts";
import type { VersionCache } from "./execution/version-cache.ts";
import type { PrivateInputs } from "./inputs/private-inputs.ts";
import type { Context } from "./job/context.ts";
import type { JobView } from "./job/job-view.ts";
import { isOurs } from "./job/obligation.ts";
import type { Policy } from "./job/policy.ts";

export interface ContextSources {
  readonly endpoint: Endpoint;
  readonly client: Client;
  readonly versions: VersionCache;
  readonly terms: MarketTerms;
  readonly policy: Policy;
  readonly inputs: PrivateInputs;
  readonly enclave: Enclave | null;
  readonly worker: Context["worker"];
}

/** `working` is for the moment of the decision: a count taken before the chain was asked would be an old one. */
export type ChainContext = Omit<Context, "working">;

/** Reads from the chain what the decision about a job depends on: nothing for jobs that are over. */
export function gatherContext(sources: ContextSources) {
  const { endpoint, client, versions, terms, policy, worker, enclave, inputs } = sources;
  return async (view: JobView, now: number): Promise<ChainContext> => {
    const { jobId, job, chain } = view;
    const base = { now, worker, policy, enclaveReady: enclave?.isEnrolled() ?? false, inputMissing: false };
    const over = chain.state === "Settled" || chain.state === "Refunded" || chain.state === "Unknown";
    if (job === null || over) return { ...base, version: null, serving: false, offer: null };
    const serving = await readServing(endpoint, client, worker.id, job);
    // Anybody can publish versions: those of others are none of this worker's business.
    if (!serving && !isOurs(view, worker.id)) return { ...base, version: null, serving, offer: null };
    const facts = await versions.facts(job.versionId);
    const version = { levels: facts.levels, hasCircuit: facts.terms.verificationKey !== NO_KEY };
    const asks = chain.state === "Requested" && serving && now < job.deadline;
    const offer = asks
      ? await readOffer(endpoint, client, { jobId, job, workerId: worker.id, version: facts, terms, now })
      : null;
    const inputMissing = view.answer === null && (await isInputMissing(versions, inputs, view));
    return { ...base, version, serving, offer, inputMissing };
  };
}

/** A manifest that cannot be fetched says nothing of the input: running the version will tell what is wrong. */
async function isInputMissing(
  versions: VersionCache,
  inputs: PrivateInputs,
  { job, input }: JobView,
): Promise<boolean> {
  if (job === null || input === null) return false;
  const visibility = await versions.visibility(job.versionId).catch(() => null);
  const commitment = visibility === null ? null : commitmentIn(visibility, getBytes(input));
  // A damaged file is as good as none: the requester may bring the preimage again.
  return commitment !== null && (await inputs.find(commitment).catch(() => null)) === null;
}

const NO_KEY = "0x0000000000000000000000000000000000000000";
