/**
 * Draining: a worker that is to get no new jobs, and finishes those it has.
 *
 * Its owner's wish is a fact in the journal (`assay worker drain` writes it there), so that it reaches the process that runs,
 * whichever machine that is on, and outlives a restart. The process makes the chain agree with the latest wish if its key may;
 * a worker whose owner has another key is drained by that key, and this one finds it so.
 */
import type { Logger } from "pino";

import { populateWrite, read } from "../sdk/access.ts";
import type { Client } from "../sdk/client.ts";
import type { Endpoint } from "./chain/endpoint.ts";
import type { Hex } from "./facts.ts";
import { reduce } from "./job/reduce.ts";
import { type Journal, NO_JOB } from "./journal/journal.ts";
import type { NonceLane } from "./lane/nonce-lane.ts";

export interface DrainingOptions {
  readonly client: Client;
  readonly endpoint: Endpoint;
  readonly journal: Journal;
  readonly lane: NonceLane;
  readonly workerId: number;
  readonly workerKey: Hex;
  readonly recheckSeconds: number;
  readonly logger: Logger;
}

/** A chore of the worker; chain time in seconds. */
export function createDraining(options: DrainingOptions): (now: number) => Promise<void> {
  const { client, endpoint, journal, lane, workerId, workerKey, recheckSeconds, logger } = options;
  let lookAt = 0;

  const isSending = async (): Promise<boolean> => {
    const pending = reduce(NO_JOB, await journal.factsOf(NO_JOB)).sends.filter(
      ({ kind, outcome }) => kind === "set-draining" && outcome === "pending",
    );
    for (const send of pending) await lane.lookUp(NO_JOB, send);
    return pending.length > 0;
  };

  const agree = async (wanted: boolean): Promise<void> => {
    const { draining, operator } = await endpoint.retrying("this worker's draining", () =>
      read(client, { contract: "workerRegistry", functionName: "workerOf", args: [BigInt(workerId)] }),
    );
    if (draining === wanted) return;
    if (operator.toLowerCase() !== workerKey.toLowerCase()) {
      logger.warn({ operator, wanted }, "only the worker's operator can change whether it is drained");
      return;
    }
    logger.info({ draining: wanted }, wanted ? "draining: no new jobs" : "taking new jobs again");
    const args = [BigInt(workerId), wanted] as const;
    const call = { contract: "workerRegistry", functionName: "setDraining", args } as const;
    await lane.send(NO_JOB, "set-draining", populateWrite(client, call));
  };

  return async (now) => {
    if (now < lookAt) return;
    const wish = await wantsDraining(journal);
    if (wish !== null && !(await isSending())) await agree(wish);
    lookAt = now + recheckSeconds;
  };
}

/** The owner's latest wish; null if there is none. */
export async function wantsDraining(journal: Journal): Promise<boolean | null> {
  const wishes = (await journal.factsOf(NO_JOB)).filter((fact) => fact.kind === "drain-wanted");
  return wishes.at(-1)?.draining ?? null;
}
