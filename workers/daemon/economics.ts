import type { Logger } from "pino";

import { type Accounts, ACCOUNT_KINDS, accounts } from "./accounts/accounts.ts";
import type { Endpoint } from "./chain/endpoint.ts";
import type { MarketTerms } from "./chain/read-context.ts";
import { countDeclines, type DeclineCounts } from "./count-declines.ts";
import { createStopwatch, type Stopwatch } from "./execution/stopwatch.ts";
import type { Hex } from "./facts.ts";
import type { ChainContext } from "./gather-context.ts";
import type { Context } from "./job/context.ts";
import { besides, type Besides, NOTHING_BESIDES, type Other } from "./job/duties.ts";
import type { Policy } from "./job/policy.ts";
import { coinValueOf, type Purse } from "./job/spending.ts";
import type { Journal, SubjectFact } from "./journal/journal.ts";
import { createGasWatch, type Funds, type GasWatch } from "./lane/gas-watch.ts";
import { sampleSeed } from "./sample-seed.ts";

/** What taking jobs is worth: time, gas and money, as this worker has seen them. */
export interface Economics {
  readonly stopwatch: Stopwatch;
  /** Says whose answers are checked. */
  readonly seed: Hex;
  observe(facts: readonly SubjectFact[]): void;
  /** What gas is held against, a few seconds old at most. */
  purse(): Promise<Omit<Purse, "now">>;
  /** What the other jobs mean for a decision that asks for time, gas or a bond. */
  besides(others: readonly Other[], context: ChainContext): Besides;
  /** Watches the key's balance. */
  tend(now: number): Promise<void>;
  /** Null before the chain was asked. */
  funds(): Funds | null;
  declined(): DeclineCounts;
  /** Reads the whole journal. */
  accounts(): Promise<Accounts>;
}

export interface EconomicsOptions {
  readonly journal: Journal;
  readonly endpoint: Endpoint;
  readonly worker: Context["worker"];
  readonly terms: MarketTerms;
  readonly policy: Policy;
  /** Keeps the secret of the sample. */
  readonly directory: string;
  readonly logger: Logger;
}

/** What gas is held against, without a memory of what sends took: for processes that only send. */
export function createPurse(options: Omit<EconomicsOptions, "journal" | "directory">): Economics["purse"] {
  const { endpoint, worker, policy, logger } = options;
  return purseOf(options, createGasWatch({ ...policy, endpoint, address: worker.key, facts: [], logger }));
}

export async function createEconomics(options: EconomicsOptions): Promise<Economics> {
  const { journal, endpoint, worker, terms, policy, directory, logger } = options;
  const stopwatch = createStopwatch(await journal.factsOfKinds(["answered", "evidence"]), policy);
  const facts = await journal.factsOfKinds(["signed", "mined"]);
  const gasWatch = createGasWatch({ ...policy, endpoint, address: worker.key, facts, logger });
  const declines = countDeclines(await journal.factsOfKinds(["declined"]));
  if (policy.gasMargin === null || coinValueOf(terms, policy) === null)
    logger.warn("gas is not held against fees: set gasMargin, and coinValue where fees are an ERC-20");

  return {
    stopwatch,
    seed: sampleSeed(directory),
    observe(fresh) {
      stopwatch.observe(fresh);
      gasWatch.observe(fresh);
      declines.observe(fresh);
    },
    purse: purseOf(options, gasWatch),
    besides: (others, { offer, panel, sampled, gas }) =>
      offer === null && panel === null && !sampled
        ? NOTHING_BESIDES
        : besides(others, { policy, worker, gas }, (versionId) => stopwatch.paceOf(versionId)),
    tend: (now) => gasWatch.tend(now),
    funds: () => gasWatch.latest(),
    declined: () => declines.counts(),
    accounts: async () => accounts(await journal.factsOfKinds(ACCOUNT_KINDS), { worker, jobStake: terms.jobStake }),
  };
}

function purseOf(
  { worker, policy, terms }: Pick<EconomicsOptions, "worker" | "policy" | "terms">,
  gasWatch: GasWatch,
): Economics["purse"] {
  return async () => ({
    worker,
    policy,
    gas: { ...(await gasWatch.read()), coinValue: coinValueOf(terms, policy) },
    market: terms,
  });
}
