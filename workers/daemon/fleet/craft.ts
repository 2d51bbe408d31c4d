import type { NonceLane } from "../lane/nonce-lane.ts";
import { WorkerError } from "../worker-error.ts";
import { doTask } from "./do-task.ts";
import { showPresence } from "./presence.ts";
import { journalOf, performerOf, type ProcessParts } from "./process-parts.ts";
import { startTaskWorker } from "./task-queue.ts";

/** A role of which any number of processes may work at once. */
export interface Craft {
  stop(): Promise<void>;
}

/** Runs versions, or proves; of two processes with the same task the journal takes one's result. */
export function startCraft(parts: ProcessParts, role: "inference" | "prover", concurrency: number): Craft {
  const journal = journalOf(parts, parts.database);
  const performer = performerOf(parts, NO_LANE, async (...entry) => {
    await journal.append(...entry);
  });
  const { pollInterval } = parts.market.settings;
  const tasks = startTaskWorker({
    ...parts,
    role,
    concurrency,
    pollInterval,
    work: (task) => doTask(performer, journal, task),
  });
  const presence = showPresence(parts, tasks.id);
  return {
    async stop() {
      await tasks.stop();
      await presence.close();
      await journal.close();
    },
  };
}

const refuse = (): Promise<never> =>
  Promise.reject(new WorkerError("EXECUTION_FAILED", "this process signs nothing: that is the sender's task"));
const NO_LANE: NonceLane = { send: refuse, lookUp: refuse, observe: () => undefined };
