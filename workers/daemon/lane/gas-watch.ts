/**
 * What gas costs and what there is to pay for it, for decisions about jobs; and a warning before it runs out.
 */
import type { Logger } from "pino";

import type { Endpoint } from "../chain/endpoint.ts";
import type { FactOf, Hex, Level, SendKind } from "../facts.ts";
import type { Gas } from "../job/context.ts";
import type { SeenGas } from "../job/gas-use.ts";
import type { SubjectFact } from "../journal/journal.ts";
import { priceOf } from "./fee-strategy.ts";
import { readGasMarket } from "./fees.ts";

export interface Funds {
  /** Wei of the key that pays for gas. */
  readonly balance: bigint;
  /** Wei per unit of gas that a transaction pays now when nothing presses. */
  readonly price: bigint;
  /** Jobs of the costliest level served that the balance pays for, at twice the price. */
  readonly jobsLeft: number;
}

export interface GasWatch {
  observe(facts: readonly SubjectFact[]): void;
  /** At most a few seconds old. */
  read(): Promise<Pick<Gas, "price" | "balance" | "seen">>;
  /** As last read; null before that. */
  latest(): Funds | null;
  /** Reads when it is time, and warns when little is left. Chain time in seconds. */
  tend(now: number): Promise<void>;
}

export interface GasWatchOptions {
  readonly endpoint: Endpoint;
  readonly address: string;
  /** Facts of `signed` and `mined` so far. */
  readonly facts: readonly SubjectFact[];
  readonly levels: readonly Level[];
  readonly warnJobsLeft: number;
  readonly recheckSeconds: number;
  readonly logger: Logger;
}

/** Milliseconds for which what was read counts: jobs that are looked at together ask once. */
const FRESH = 3000;
/** Of each kind the latest so many count. */
const KEPT = 9;
/** Gas of a whole job, answers and evidence of usual size. */
const WHOLE_JOB: Readonly<Record<Level, bigint>> = { Vanilla: 130_000n, Tee: 110_000n, Zkml: 410_000n };

export function createGasWatch(options: GasWatchOptions): GasWatch {
  const { endpoint, address, levels, warnJobsLeft, recheckSeconds, logger } = options;
  const { provider, retrying } = endpoint;
  const gasOfJob = levels.map((level) => WHOLE_JOB[level]).reduce((one, other) => (one > other ? one : other), 1n);
  const alone = new Map<Hex, SendKind>();
  const used = new Map<SendKind, readonly bigint[]>();
  let reading: { readonly at: number; readonly funds: Promise<Funds> } | undefined;
  let latest: Funds | null = null;
  let lookAt = 0;
  let isLow = false;

  const observe = (facts: readonly SubjectFact[]): void => {
    for (const { fact } of facts) {
      if (fact.kind === "signed" && fact.batch.length <= 1) alone.set(fact.transactionHash, fact.send);
      if (fact.kind === "mined") note(fact);
    }
  };
  const note = ({ transactionHash, ok, gasUsed }: FactOf<"mined">): void => {
    const kind = alone.get(transactionHash);
    alone.delete(transactionHash);
    if (kind !== undefined && ok) used.set(kind, [...(used.get(kind) ?? []), gasUsed].slice(-KEPT));
  };

  const readFunds = async (): Promise<Funds> => {
    const [market, balance] = await Promise.all([
      readGasMarket(endpoint),
      retrying("the balance", () => provider.getBalance(address, "latest")),
    ]);
    const price = priceOf(market, "calm");
    const cost = 2n * gasOfJob * price;
    const jobsLeft = cost === 0n ? Number.POSITIVE_INFINITY : Number(balance / cost);
    return (latest = Object.freeze({ balance, price, jobsLeft }));
  };
  const funds = (): Promise<Funds> => {
    if (reading === undefined || Date.now() - reading.at > FRESH) {
      const found = readFunds();
      reading = { at: Date.now(), funds: found };
      // What failed is asked again.
      found.catch(() => (reading = undefined));
    }
    return reading.funds;
  };

  observe(options.facts);
  return {
    observe,
    async read() {
      const { price, balance } = await funds();
      return { price, balance, seen: seenGas(used) };
    },
    latest: () => latest,
    async tend(now) {
      if (now < lookAt) return;
      const { balance, jobsLeft } = await funds();
      lookAt = now + recheckSeconds;
      const wasLow = isLow;
      isLow = jobsLeft < warnJobsLeft;
      const details = { key: address, balance: balance.toString(), jobsLeft };
      if (isLow && !wasLow) logger.warn(details, "coins for gas run out: send some to the key");
      if (!isLow && wasLow) logger.info(details, "there are coins for gas again");
    },
  };
}

function seenGas(used: ReadonlyMap<SendKind, readonly bigint[]>): SeenGas {
  const seen: Partial<Record<SendKind, bigint>> = {};
  for (const [kind, values] of used) seen[kind] = middle(values);
  return seen;
}

function middle(values: readonly bigint[]): bigint {
  return values.toSorted((one, other) => Number(one - other))[Math.floor(values.length / 2)] ?? 0n;
}
