import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import type { Death, WorkerMessage, WorkerOrder } from "./worker-process.ts";

const PROCESS = fileURLToPath(new URL("./worker-process.ts", import.meta.url));

export interface Memory {
  /** Bytes. */
  readonly rss: number;
  readonly heapUsed: number;
  readonly external: number;
}

/** A worker that is started again whenever it dies. */
export interface WorkerFork {
  /** How often it was killed. */
  readonly kills: () => number;
  /** Of the present process, after a garbage collection; null while it is down. */
  memory(): Promise<Memory | null>;
  stop(): Promise<void>;
}

export interface WorkerForkOptions {
  readonly order: Omit<WorkerOrder, "death">;
  /** Asked at each start. */
  readonly death: () => Death;
  /** Milliseconds that it stays away after a death. */
  readonly downFor: () => number;
}

/** Resolves when it is at work. Its log is `worker.log` in its directory. An end that was not ordered is an error. */
export async function startWorkerFork({ order, death, downFor }: WorkerForkOptions): Promise<WorkerFork> {
  await mkdir(order.directory, { recursive: true });
  const log = createWriteStream(join(order.directory, "worker.log"), { flags: "a" });
  const wrong = Promise.withResolvers<never>();
  wrong.promise.catch(() => undefined);
  let present: ChildProcess | null = null;
  let kills = 0;
  const stopping = new AbortController();
  const isStopping = (): boolean => stopping.signal.aborted;

  const start = async (): Promise<void> => {
    const child = fork(PROCESS, { stdio: ["ignore", "ignore", "pipe", "ipc"], execArgv: ["--expose-gc"] });
    child.stderr?.pipe(log, { end: false });
    const exited = once(child, "exit").then(([code, signal]: (number | string | null)[]) => ({ code, signal }));
    const started = once(child, "message");
    child.send({ ...order, death: death() } satisfies WorkerOrder);
    // It may die while it starts.
    await Promise.race([started, exited]);
    if (child.exitCode === null && child.signalCode === null) present = child;
    void exited.then(async ({ code, signal }) => {
      present = null;
      if (isStopping()) return;
      if (signal !== "SIGKILL") {
        wrong.reject(new Error(`the worker in ${order.directory} ended with ${String(code ?? signal)}; see its log`));
        return;
      }
      kills++;
      await sleep(downFor());
      if (!isStopping()) await start();
    });
  };
  await start();

  return {
    kills: () => kills,
    async memory() {
      const child = present;
      if (child === null) return null;
      // Asked many times of one process: what was listened for must not pile up.
      const listening = new AbortController();
      const { signal } = listening;
      const answer = once(child, "message", { signal }).then(([message]: WorkerMessage[]) => message);
      child.send("memory");
      try {
        const gone = once(child, "exit", { signal }).then(() => undefined);
        const message = await Promise.race([answer, gone, wrong.promise]);
        return message?.kind === "memory" ? message : null;
      } finally {
        listening.abort();
      }
    },
    async stop() {
      stopping.abort();
      const child = present;
      if (child === null) return;
      const exited = once(child, "exit");
      child.send("stop");
      await exited;
      log.end();
    },
  };
}
