/**
 * The work loop: follow the chain, then let every open job take its next steps.
 *
 * One round: read the chain until caught up; ask its time; start the worker's own chores and every job that is not busy and
 * whose time has come. A job then goes from action to action by itself until it has to wait, so that a long proof
 * holds up neither the chain nor other jobs. Rounds follow each other at the polling interval, or when a new block is told of.
 *
 * A round that fails because the node does not answer is reported and repeated. An error that no repetition can mend
 * (`FATAL`) ends the loop: its promise rejects, and whoever started the worker decides.
 */
import type { Logger } from "pino";

import { AssayError } from "../../circuits/format/error.ts";
import type { Follower } from "./chain/follower.ts";
import type { Action } from "./job/action.ts";
import type { Besides } from "./job/duties.ts";
import type { JobView } from "./job/job-view.ts";
import { nextAction } from "./job/next-action.ts";
import type { ChainContext } from "./gather-context.ts";
import type { JobBoard, JobEntry } from "./job-board.ts";
import type { SubjectFact } from "./journal/journal.ts";
import type { Heartbeat } from "./observe/heartbeat.ts";
import type { Pulse } from "./pulse.ts";

export interface WorkLoopOptions {
  readonly follower: Follower;
  readonly board: JobBoard;
  readonly take: (fresh: readonly SubjectFact[]) => Promise<void>;
  readonly chainTime: () => Promise<number>;
  readonly gather: (view: JobView, now: number) => Promise<ChainContext>;
  /** What the other jobs mean for a decision. */
  readonly besides: (entry: JobEntry, context: ChainContext) => Besides;
  readonly perform: (view: JobView, action: Action, now: number) => Promise<void>;
  /** The worker's own affairs. One that hangs or fails holds up neither the jobs nor the others. */
  readonly chores: readonly ((now: number) => Promise<void>)[];
  /** When the next round begins. */
  readonly pulse: Pulse;
  /** Seconds of chain time until a job is looked at again after an unexpected error. */
  readonly recheckSeconds: number;
  readonly heartbeat: Heartbeat;
  readonly logger: Logger;
}

export interface WorkLoop {
  readonly done: Promise<void>;
  /** Starts no more actions; resolves when those under way have ended. */
  stop(): Promise<void>;
}

const FATAL: readonly string[] = [
  "CHAIN_ID_MISMATCH",
  "CHAIN_REORG_TOO_DEEP",
  "CHAIN_RESET",
  "JOURNAL_CORRUPT",
  "WORKER_NOT_REGISTERED",
];

/** Whether no repetition can mend it. */
export function isFatal(error: unknown): boolean {
  return error instanceof AssayError && FATAL.includes(error.code);
}

export function startWorkLoop(options: WorkLoopOptions): WorkLoop {
  const { follower, board, take, chainTime, gather, perform, chores, pulse, heartbeat, recheckSeconds, logger } =
    options;
  const underWay = new Set<Promise<void>>();
  const stopping = new AbortController();
  const isStopping = (): boolean => stopping.signal.aborted;
  const fatal = Promise.withResolvers<never>();
  fatal.promise.catch(() => undefined);

  /** From action to action until the job has to wait, or an action changed nothing. */
  const advance = async (entry: JobEntry, began: number): Promise<void> => {
    let now = began;
    while (!isStopping()) {
      const { view } = entry;
      const context = await gather(view, now);
      // What was read is about the job as it was.
      if (entry.view !== view) continue;
      // Counted and taken without a pause between: jobs that were looked at together share the places.
      const action = nextAction(view, { ...context, ...options.besides(entry, context) });
      if (action.kind === "wait") {
        entry.lookAt = action.until;
        return;
      }
      const known = entry.facts.length;
      entry.working = takesPlace(action);
      await perform(view, action, now);
      entry.working = false;
      if (action.kind === "done" || entry.facts.length === known) return;
      now = await chainTime();
    }
  };

  const start = (entry: JobEntry, now: number): void => {
    entry.busy = true;
    const task = advance(entry, now)
      .catch((error: unknown) => {
        if (isStopping()) return;
        report(error, { job: entry.jobId });
        entry.lookAt = now + Math.ceil(recheckSeconds / 2);
      })
      .finally(() => {
        entry.busy = false;
        entry.working = false;
        underWay.delete(task);
      });
    underWay.add(task);
  };

  const report = (error: unknown, details: object): void => {
    const code = codeOf(error);
    if (isFatal(error)) {
      fatal.reject(error);
      return;
    }
    logger.error(
      { ...details, code, error: error instanceof Error ? error.message : String(error) },
      "will be tried again",
    );
  };

  const atWork = new Set<(typeof chores)[number]>();
  const startChores = (now: number): void => {
    for (const chore of chores) {
      if (atWork.has(chore) || isStopping()) continue;
      atWork.add(chore);
      // A stop does not wait for it: a closed journal lets it sign nothing.
      void chore(now)
        .catch((error: unknown) => {
          if (!isStopping()) report(error, {});
        })
        .finally(() => atWork.delete(chore));
    }
  };

  const round = async (): Promise<void> => {
    for (let caughtUp = false; !caughtUp && !isStopping();) {
      heartbeat.began();
      const read = await follower.poll();
      await take(read.fresh);
      caughtUp = read.caughtUp;
    }
    const now = await chainTime();
    heartbeat.succeeded(now);
    startChores(now);
    if (isStopping()) return;
    await board.apply([]);
    for (const entry of board.entries())
      if (!entry.busy && !entry.view.closed && entry.lookAt <= now) start(entry, now);
  };

  const rounds = async (): Promise<void> => {
    while (!isStopping()) {
      try {
        await round();
      } catch (error) {
        heartbeat.failed(codeOf(error));
        if (!isStopping()) report(error, {});
      }
      await pulse.next(stopping.signal);
    }
  };

  const loop = rounds();
  const done = Promise.race([loop, fatal.promise]);
  done.catch(() => undefined);
  return {
    done,
    async stop() {
      stopping.abort();
      await loop;
      await Promise.allSettled(underWay);
    },
  };
}

function codeOf(error: unknown): string {
  return error instanceof AssayError ? error.code : "UNEXPECTED";
}

function takesPlace(action: Action): boolean {
  const binds = action.kind === "send" && (action.send === "claim" || action.send === "execute");
  return binds || action.kind === "execute-model" || action.kind === "make-evidence";
}
