import { createFactTail } from "../fact-tail.ts";
import type { Session } from "../journal/postgres/database.ts";
import { batchCall } from "../lane/batch.ts";
import { createNonceLane } from "../lane/nonce-lane.ts";
import { doTask } from "./do-task.ts";
import type { Leading } from "./leadership.ts";
import { showPresence } from "./presence.ts";
import { journalOf, performerOf, type ProcessParts } from "./process-parts.ts";
import { startTaskWorker } from "./task-queue.ts";

/** Tasks at once: sends that come together go in one batch, and look-ups take turns. */
const CONCURRENCY = 16;

/**
 * The sender's term: signs and sends for the worker's key. Every fact is written through the session that holds the lock,
 * so that nothing can be signed after the lock is gone; and before each task it reads what others wrote.
 */
export async function leadAsSender(parts: ProcessParts, session: Session): Promise<Leading> {
  const { market, logger } = parts;
  const { settings, endpoint, client, identity } = market;
  const journal = journalOf(parts, session);
  const from = await journal.lastSequence();
  let now = 0;
  const lane = await createNonceLane({
    ...settings,
    endpoint,
    journal,
    chainId: identity.chainId,
    record: async (...entry) => {
      await journal.append(...entry);
      await tail.sync();
    },
    now: () => now,
    batchCall: (kind, items) => batchCall(client, kind, items),
    logger,
  });
  const tail = createFactTail(journal, from, (fresh) => {
    lane.observe(fresh);
    return Promise.resolve();
  });
  const performer = performerOf(parts, lane, async (...entry) => {
    await journal.append(...entry);
    await tail.sync();
  });
  const tasks = startTaskWorker({
    ...parts,
    role: "sender",
    concurrency: CONCURRENCY,
    pollInterval: settings.pollInterval,
    async work(task) {
      await tail.sync();
      now = Math.max(now, task.now);
      await doTask(performer, journal, task);
    },
  });
  const presence = showPresence(parts, tasks.id);
  return {
    // A sender that cannot go on has lost its session.
    done: new Promise(() => undefined),
    async stop() {
      await tasks.stop();
      await presence.close();
      await journal.close();
    },
  };
}
