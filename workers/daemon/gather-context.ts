import { getBytes } from "ethers";

import { commitmentIn } from "../../circuits/format/opening.ts";
import type { Client } from "../sdk/client.ts";
import type { Version } from "../sdk/version.ts";
import type { Endpoint } from "./chain/endpoint.ts";
import { type JobQuestion, type MarketTerms, readOffer, readPanelOffer, readServing } from "./chain/read-context.ts";
import type { Economics } from "./economics.ts";
import type { Enclave } from "./enclave/enclave.ts";
import type { VersionCache } from "./execution/version-cache.ts";
import type { PrivateInputs } from "./inputs/private-inputs.ts";
import type { Hex } from "./facts.ts";
import type { Context, Gas, VersionFacts } from "./job/context.ts";
import type { Besides } from "./job/duties.ts";
import type { ChainState, JobView } from "./job/job-view.ts";
import { hasStakeIn, isOurs, seatOf } from "./job/obligation.ts";
import type { CircuitSize } from "./job/pace.ts";
import type { Policy } from "./job/policy.ts";
import { isSampled } from "./job/sampling.ts";

export interface ContextSources {
  readonly endpoint: Endpoint;
  readonly client: Client;
  readonly versions: VersionCache;
  readonly terms: MarketTerms;
  readonly policy: Policy;
  readonly inputs: PrivateInputs;
  readonly enclave: Enclave | null;
  /** Number of the newest block. */
  readonly head: () => number;
  readonly worker: Context["worker"];
  readonly economics: Pick<Economics, "stopwatch" | "seed" | "purse">;
}

/** What other jobs ask is for the moment of the decision: a count taken before the chain was asked would be an old one. */
export type ChainContext = Omit<Context, keyof Besides>;

/** Reads from the chain what the decision about a job depends on: nothing for jobs that are over. */
export function gatherContext(sources: ContextSources) {
  const { endpoint, client, versions, terms, policy, worker, enclave, inputs, economics } = sources;
  const { stopwatch, seed } = economics;
  return async (view: JobView, now: number): Promise<ChainContext> => {
    const { job, chain } = view;
    const base = {
      now,
      head: sources.head(),
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
    if (job === null || OVER.includes(chain.state)) return { ...base, version: null, serving: false };
    const serving = await readServing(endpoint, client, worker.id, job);
    const sampled = isForChallengers(view, sources) && isSampled(seed, view.jobId, policy.challengeSample);
    const isChecked = sampled && policy.challengeVersions === "all";
    if (!serving && !isChecked && !isInvolved(view, worker)) return { ...base, version: null, serving, sampled };
    const facts = await versions.facts(job.versionId);
    const version = {
      levels: facts.levels,
      hasCircuit: facts.terms.verificationKey !== NO_KEY,
      quarantine: quarantineOf(versions, job.versionId),
    };
    const question = { job, worker, terms, now };
    const offers = serving ? await readOffers(sources, view, { ...question, version: facts }) : {};
    const inputMissing = view.answer === null && (await isInputMissing(versions, inputs, view));
    stopwatch.noteSize(job.versionId, await circuitSize(versions, job.versionId));
    const pace = stopwatch.paceOf(job.versionId);
    const { gas } = await economics.purse();
    return { ...base, ...offers, version, serving, inputMissing, pace, gas, sampled };
  };
}

/** Anybody can publish versions: those of others are none of this worker's business. */
function isInvolved(view: JobView, worker: Context["worker"]): boolean {
  return isOurs(view, worker.id) || hasStakeIn(view, worker);
}

/** What taking the job, or a seat of it or in its panel, would mean. */
async function readOffers(
  { endpoint, client, worker }: ContextSources,
  view: JobView,
  question: JobQuestion & { readonly version: Version },
): Promise<Pick<Context, "offer" | "panel">> {
  return {
    offer: isOpen(view, worker.id, question.now) ? await readOffer(endpoint, client, question) : null,
    panel: isPanelOpen(view, worker, question.now) ? await readPanelOffer(endpoint, client, question) : null,
  };
}

/** For a process that may be about to stop: then it takes nothing new, though the chain does not know. */
export function unlessClosing(gather: ReturnType<typeof gatherContext>, isClosing: () => boolean): typeof gather {
  const without = <T extends object>(offer: T | null) => (offer === null ? null : { ...offer, draining: true });
  return async (view, now) => {
    const context = await gather(view, now);
    return isClosing() ? { ...context, offer: without(context.offer), panel: without(context.panel) } : context;
  };
}

/** The end is told in the machine's time, decisions are made in the chain's. */
function quarantineOf(versions: VersionCache, versionId: string): VersionFacts["quarantine"] {
  const found = versions.quarantined(versionId);
  if (found === null) return undefined;
  const { until, faults, why } = found;
  return { seconds: Math.max(1, Math.ceil((until - Date.now()) / 1000)), why: `${why} after ${faults} faults` };
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
  return (
    policy.challenge !== "off" && job?.level === "Vanilla" && chain.state === "Executed" && !isOurs(view, worker.id)
  );
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

const OVER: readonly ChainState[] = ["Settled", "Refunded", "Unknown"];
/** For jobs about which there is nothing to decide that costs anything. */
const NO_GAS: Gas = { price: 0n, balance: 0n, seen: {}, coinValue: null };
const NO_KEY = "0x0000000000000000000000000000000000000000";
