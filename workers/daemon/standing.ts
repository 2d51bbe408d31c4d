/**
 * The worker's standing: what the market says of it, and its way back into the draws.
 *
 * A worker that lets too many of its turns pass is suspended: it may act in open lanes, but is drawn no more. Whoever
 * runs it decides whether it says by itself that it is back (`policy.returnToDraws`), at most once in
 * `policy.returnPause` seconds, over restarts too: the last return is in the journal.
 */
import type { Logger } from "pino";

import { populateWrite, read } from "../sdk/access.ts";
import type { Client } from "../sdk/client.ts";
import type { Endpoint } from "./chain/endpoint.ts";
import type { Policy } from "./job/policy.ts";
import { reduce } from "./job/reduce.ts";
import { type Journal, NO_JOB, type SubjectFact } from "./journal/journal.ts";
import type { NonceLane } from "./lane/nonce-lane.ts";

export interface WorkerStanding {
  /** What the operator may withdraw, and stake that open business holds; in the currency's smallest unit. */
  readonly earned: bigint;
  readonly bound: bigint;
  /** Jobs and panels done well, turns let pass, times that stake was lost. */
  readonly done: number;
  readonly late: number;
  readonly slashed: number;
  /** Turns let pass since the last job. */
  readonly misses: number;
  readonly suspended: boolean;
}

export interface StandingWatch {
  /** As it was last read; null before that. */
  latest(): WorkerStanding | null;
  /** Reads it when it is time, and ends a suspension if that is the policy. Chain time in seconds. */
  tend(now: number): Promise<void>;
}

export interface StandingOptions {
  readonly client: Client;
  readonly endpoint: Endpoint;
  readonly journal: Journal;
  readonly lane: NonceLane;
  readonly record: (facts: readonly SubjectFact[]) => Promise<void>;
  readonly workerId: number;
  readonly policy: Policy;
  readonly logger: Logger;
}

export function createStandingWatch(options: StandingOptions): StandingWatch {
  const { client, endpoint, journal, lane, record, workerId, policy, logger } = options;
  let latest: WorkerStanding | null = null;
  let lookAt = 0;

  const readStanding = async (): Promise<WorkerStanding> => {
    const found = await endpoint.agreed("this worker's standing", (provider) =>
      read({ ...client, provider }, { contract: "market", functionName: "standingOf", args: [BigInt(workerId)] }),
    );
    const { earned, bound, suspended, ...counters } = found;
    return Object.freeze({
      earned,
      bound,
      done: Number(counters.done),
      late: Number(counters.late),
      slashed: Number(counters.slashed),
      misses: Number(counters.misses),
      suspended,
    });
  };

  const note = (standing: WorkerStanding): void => {
    const text = (of: WorkerStanding | null): string => JSON.stringify(of, (_, value: unknown) => plain(value));
    if (text(standing) !== text(latest)) {
      const { earned, bound, ...counters } = standing;
      const level = standing.slashed > (latest?.slashed ?? standing.slashed) ? "warn" : "info";
      logger[level]({ earned: earned.toString(), bound: bound.toString(), ...counters }, "standing");
    }
    latest = standing;
  };

  const isReturning = async (): Promise<boolean> => {
    const pending = reduce(NO_JOB, await journal.factsOf(NO_JOB)).sends.filter(
      ({ kind, outcome }) => kind === "return-to-draws" && outcome === "pending",
    );
    for (const send of pending) await lane.lookUp(NO_JOB, send);
    return pending.length > 0;
  };

  const returnToDraws = async (misses: number, now: number): Promise<void> => {
    const last = (await journal.factsOfKinds(["returning"])).at(-1)?.fact;
    if (last?.kind === "returning" && now < last.at + policy.returnPause) return;
    logger.warn({ misses }, "suspended for letting turns pass: returning to the draws");
    await record([{ job: NO_JOB, fact: { kind: "returning", misses, at: now } }]);
    const call = { contract: "market", functionName: "returnToDraws", args: [BigInt(workerId)] } as const;
    await lane.send(NO_JOB, "return-to-draws", populateWrite(client, call));
  };

  return {
    latest: () => latest,
    async tend(now) {
      if (now < lookAt || (await isReturning())) return;
      const standing = await readStanding();
      note(standing);
      if (standing.suspended && policy.returnToDraws) await returnToDraws(standing.misses, now);
      lookAt = now + policy.recheckSeconds;
    },
  };
}

function plain(value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}
