import { getBytes } from "ethers";

import { commitmentIn } from "../../circuits/format/opening.ts";
import type { Client } from "../sdk/client.ts";
import type { Endpoint } from "./chain/endpoint.ts";
import { type MarketTerms, readOffer, readPanelOffer, readServing } from "./chain/read-context.ts";
import type { Enclave } from "./enclave/enclave.ts";
import type { Stopwatch } from "./execution/stopwatch.ts";
import type { VersionCache } from "./execution/version-cache.ts";
import type { PrivateInputs } from "./inputs/private-inputs.ts";
import type { Hex } from "./facts.ts";
import type { Context, Gas } from "./job/context.ts";
import type { Besides } from "./job/duties.ts";
import type { JobView } from "./job/job-view.ts";
import { hasStakeIn, isOurs, seatOf } from "./job/obligation.ts";
import type { CircuitSize } from "./job/pace.ts";
import type { Policy } from "./job/policy.ts";
import { isSampled } from "./job/sampling.ts";
import { coinValueOf } from "./job/spending.ts";
import type { GasWatch } from "./lane/gas-watch.ts";

export interface ContextSources {
  readonly endpoint: Endpoint;
  readonly client: Client;
  readonly versions: VersionCache;
  readonly terms: MarketTerms;
  readonly policy: Policy;
  readonly inputs: PrivateInputs;
  readonly enclave: Enclave | null;
  readonly worker: Context["worker"];
  readonly stopwatch: Stopwatch;
  readonly gasWatch: Pick<GasWatch, "read">;
  /** Says whose answers are checked. */
  readonly seed: Hex;
}

/** What other jobs ask is for the moment of the decision: a count taken before the chain was asked would be an old one. */
export type ChainContext = Omit<Context, keyof Besides>;

/** Reads from the chain what the decision about a job depends on: nothing for jobs that are over. */
export function gatherContext(sources: ContextSources) {
  const { endpoint, client, versions, terms, policy, worker, enclave, inputs, stopwatch } = sources;
  return async (view: JobView, now: number): Promise<ChainContext> => {
    const { job, chain } = view;
    const base = {
      now,
      worker,
      policy,
      evidenceWindow: terms.evidenceWindow,
      enclaveReady: enclave?.isEnrolled(now) ?? false,
      inputMissing: false,
      offer: null,
      panel: null,
      pace: stopwatch.paceOf(job?.versionId ?? "0x"),
      gas: NO_GAS,
      market: terms,
      sampled: false,
    };
    const over = chain.state === "Settled" || chain.state === "Refunded" || chain.state === "Unknown";
    if (job === null || over) return { ...base, version: null, serving: false };
    const serving = await readServing(endpoint, client, worker.id, job);
    const sampled = isForChallengers(view, sources) && isSampled(sources.seed, view.jobId, policy.challengeSample);
    const isChecked = sampled && policy.challengeVersions === "all";
    // Anybody can publish versions: those of others are none of this worker's business.
    if (!serving && !isChecked && !isOurs(view, worker.id) && !hasStakeIn(view, worker))
      return { ...base, version: null, serving, sampled };
    const facts = await versions.facts(job.versionId);
    const version = { levels: facts.levels, hasCircuit: facts.terms.verificationKey !== NO_KEY };
    const question = { job, worker, terms, now };
    const offer =
      serving && isOpen(view, worker.id, now)
        ? await readOffer(endpoint, client, { ...question, version: facts })
        : null;
    const panel = serving && isPanelOpen(view, worker, now) ? await readPanelOffer(endpoint, client, question) : null;
    const inputMissing = view.answer === null && (await isInputMissing(versions, inputs, view));
    stopwatch.noteSize(job.versionId, await circuitSize(versions, job.versionId));
    const pace = stopwatch.paceOf(job.versionId);
    const gas = { ...(await sources.gasWatch.read()), coinValue: coinValueOf(terms, policy) };
    return { ...base, version, serving, offer, panel, inputMissing, pace, gas, sampled };
  };
}

/** The job, or one of its seats, may be this worker's to take. */
function isOpen({ job, chain }: JobView, workerId: number, now: number): boolean {
  if (job === null || now >= job.deadline) return false;
  if (chain.copies === null) return chain.state === "Requested";
  return chain.copies.phase === "Committing" && seatOf(chain.copies, workerId) === undefined;
}

function isPanelOpen(view: JobView, worker: Context["worker"], now: number): boolean {
  const { panel } = view.chain;
  return panel?.phase === "Committing" && now <= panel.dueAt && !hasStakeIn(view, worker);
}

/** Another worker's answer that stands on its stake alone. */
function isForChallengers(view: JobView, { policy, worker }: ContextSources): boolean {
  const { job, chain } = view;
  return policy.challenge !== "off" && job?.level === "Vanilla" && chain.state === "Executed" && !isOurs(view, worker.id);
}

/** Without its manifest a version's size is as unknown as if it had no circuit; running it will tell what is wrong. */
function circuitSize(versions: VersionCache, versionId: Hex): Promise<CircuitSize | null> {
  return versions.circuitSize(versionId).catch(() => null);
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

/** For jobs about which there is nothing to decide that costs anything. */
const NO_GAS: Gas = { price: 0n, balance: 0n, seen: {}, coinValue: null };
const NO_KEY = "0x0000000000000000000000000000000000000000";
