import { chainTime } from "../chain/clock.ts";
import { createFollower } from "../chain/follower.ts";
import { watchHeads } from "../chain/head-watch.ts";
import { checkGenesis } from "../chain/market-check.ts";
import { createEconomics } from "../economics.ts";
import { createQuarantine } from "../execution/quarantine.ts";
import { createFactTail } from "../fact-tail.ts";
import { gatherContext } from "../gather-context.ts";
import type { PrivateInputs } from "../inputs/private-inputs.ts";
import type { Action } from "../job/action.ts";
import type { Failure, JobView } from "../job/job-view.ts";
import { createJobBoard } from "../job-board.ts";
import type { Session } from "../journal/postgres/database.ts";
import { factsChannel } from "../journal/postgres/postgres-journal.ts";
import type { NonceLane } from "../lane/nonce-lane.ts";
import { createHeartbeat } from "../observe/heartbeat.ts";
import { createPulse } from "../pulse.ts";
import { createStandingWatch } from "../standing.ts";
import { perform } from "../steps/perform.ts";
import { startWorkLoop } from "../work-loop.ts";
import { WorkerError } from "../worker-error.ts";
import { statusOf, type WorkerStatus } from "../worker-status.ts";
import type { Leading } from "./leadership.ts";
import { noteFaults } from "./note-faults.ts";
import { startReaper } from "./presence.ts";
import { journalOf, performerOf, type ProcessParts } from "./process-parts.ts";
import { isTaskAction, type Task, type TaskAction } from "./task.ts";
import { createTaskQueue, TaskError } from "./task-queue.ts";

export interface Watching extends Leading {
  /** Of the fleet, as the one that watches the market for it knows it. */
  readonly status: () => WorkerStatus;
}

/**
 * The watcher's term: the work loop of a single worker, with other processes to do its tasks. What it writes itself
 * (logs, reorganisations, declined jobs, salts) goes through the session that holds the lock, so that no two watchers file
 * the chain into one journal.
 */
export async function leadAsWatcher(parts: ProcessParts, inputs: PrivateInputs, session: Session): Promise<Watching> {
  const { market, schema, versions, feed, logger } = parts;
  const { settings, policy, endpoint, client, terms, worker } = market;
  const stopping = new AbortController();
  const journal = journalOf(parts, session);
  await checkGenesis(endpoint, journal);
  const queue = await createTaskQueue({ ...parts, session });
  const { quarantineAfter: faults, quarantineSeconds: seconds } = settings;
  const quarantine = createQuarantine({ faults, seconds, now: Date.now });
  const from = await journal.lastSequence();
  const board = await createJobBoard(journal, worker.id);
  const economics = await createEconomics({ ...market, journal, directory: settings.directory, logger });
  const tail = createFactTail(journal, from, async (fresh) => {
    economics.observe(fresh);
    feed.publish(fresh);
    await board.apply(fresh);
    noteFaults(fresh, (jobId) => board.get(jobId)?.view.job?.versionId, quarantine);
    queue.noteFacts(fresh);
  });
  session.onNotice((channel) => {
    if (channel !== factsChannel(schema)) return;
    tail.sync().catch((error: unknown) => logger.warn({ error: String(error) }, "the journal cannot be read now"));
  });
  await session.query(`LISTEN "${factsChannel(schema)}"`);
  const reaper = await startReaper(parts);

  const record: Parameters<typeof performerOf>[2] = async (...entry) => {
    await journal.append(...entry);
    await tail.sync();
  };
  const run = async (task: Task): Promise<void> => {
    for (let again = true; again;) {
      try {
        await queue.run(task, stopping.signal);
        again = false;
      } catch (error) {
        // The process that had it is ending: the next one takes it.
        again = error instanceof TaskError && HANDED_OVER.includes(error.code);
        if (!again) throw error;
      }
    }
    await tail.sync();
  };
  const performer = performerOf(parts, remoteLane(run), record);

  const dispatch = async (view: JobView, action: Action, now: number): Promise<void> => {
    if (!isTaskAction(action)) return perform(performer, view, action, now);
    const facts = board.get(view.jobId)?.facts.length ?? 0;
    try {
      await run({ of: "job", job: view.jobId, facts, action, now });
    } catch (error) {
      if (!(error instanceof WorkerError) || error.code !== "TASK_GIVEN_UP") throw error;
      const { code, message } = error;
      logger.error({ job: view.jobId, task: action.kind, code }, message);
      await record([{ job: view.jobId, fact: { kind: "failed", ...FAILED[action.kind], code, message, at: now } }]);
    }
  };
  const standing = createStandingWatch({
    client,
    endpoint,
    journal,
    lane: performer.lane,
    record,
    workerId: worker.id,
    policy,
    logger,
  });
  const follower = await createFollower({ ...settings, endpoint, journal, logger });
  const pulse = createPulse(settings.pollInterval);
  const heartbeat = createHeartbeat();
  const { websocketUrl } = settings;
  const heads = websocketUrl && watchHeads({ url: websocketUrl, onHead: () => pulse.wake(), logger });
  const loop = startWorkLoop({
    follower,
    board,
    take: () => tail.sync(),
    chainTime: () => chainTime(endpoint),
    gather: gatherContext({
      endpoint,
      client,
      versions: { ...versions, quarantined: (versionId) => quarantine.of(versionId) },
      terms,
      policy,
      inputs,
      enclave: null,
      head: () => follower.head(),
      worker,
      economics,
    }),
    besides: (entry, context) => economics.besides(board.beside(entry), context),
    perform: dispatch,
    chores: [(at) => standing.tend(at), (at) => economics.tend(at)],
    pulse,
    heartbeat,
    recheckSeconds: policy.recheckSeconds,
    logger,
  });
  const isClosing = (): boolean => stopping.signal.aborted;
  const watching = { standing, board, economics, quarantine, follower, endpoint, heartbeat, isClosing };
  return {
    status: () => statusOf(watching),
    done: loop.done,
    async stop() {
      stopping.abort(new WorkerError("WORKER_STOPPING", "the watcher is stopping", { retryable: true }));
      if (heads) heads.close();
      await loop.stop();
      await reaper.close();
      await queue.close();
      await journal.close();
    },
  };
}

/** Errors of a process that ends while it has a task. */
const HANDED_OVER: readonly string[] = ["WORKER_STOPPING", "PROVER_CLOSED", "JOURNAL_CLOSED"];

/** What it means for a job that its task was given up. A send is asked for again: the chain decides what comes of it. */
const FAILED: Readonly<Record<TaskAction["kind"], Pick<Failure, "step" | "retryable">>> = {
  "execute-model": { step: "answer", retryable: false },
  "make-evidence": { step: "evidence", retryable: false },
  "look-up": { step: "send", retryable: true },
  send: { step: "send", retryable: true },
};

/** The sender, as the worker's own affairs see it. */
function remoteLane(run: (task: Task) => Promise<void>): NonceLane {
  const now = (): number => Math.floor(Date.now() / 1000);
  return {
    send: (_, send, { label, to, data, value }) =>
      run({ of: "worker", send, call: { label, to, data, value: value.toString() }, now: now() }),
    lookUp: (_, { nonce }) => run({ of: "look-up", nonce, now: now() }),
    observe: () => undefined,
  };
}
