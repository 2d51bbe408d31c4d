import { type ChildProcess, fork } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { getCompileCacheDir } from "node:module";
import { Socket } from "node:net";
import { dirname } from "node:path";

import { AssayError } from "../../../../circuits/format/error.ts";
import { WorkerError } from "../../worker-error.ts";
import { endGroup } from "./end-group.ts";
import type { ExecutorLimits } from "./limits.ts";
import { answer, type Question, type Request, type Result, type ResultOf } from "./messages.ts";
import { watchMemory } from "./watch-memory.ts";
import { siblingModule } from "./sibling-module.ts";

export interface SessionOptions {
  /** For messages: which version this is. */
  readonly versionId: string;
  readonly limits: ExecutorLimits;
  /** Empty: whatever a model names relative to where it runs is not there. */
  readonly directory: string;
  /** Once, when no more can be asked; null if that was wanted. */
  readonly onEnd: (fault: WorkerError | null) => void;
}

/** One life of an executor's process. */
export interface Session {
  /** Throws what the process answers, `EXECUTOR_TIMEOUT`, `EXECUTOR_MEMORY`, `EXECUTOR_CRASHED`, or the reason of `close`. */
  ask<K extends Result["kind"]>(request: Request, kind: K, seconds: number): Promise<ResultOf<K>>;
  /** Ends the process; what is under way fails with `reason`. */
  close(reason: AssayError): Promise<void>;
}

interface Waiting {
  readonly resolve: (result: Result) => void;
  readonly reject: (reason: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/**
 * Starts a process. It is told where files are and gets bytes as they are (structured clone); it inherits no environment, in
 * which there may be keys. It leads a group of its own, so that it can be ended with its prover, and a terminal's Ctrl-C
 * does not reach it.
 */
export function startSession({ versionId, limits, directory, onEnd }: SessionOptions): Session {
  const { memoryMegabytes } = limits;
  const cache = getCompileCacheDir();
  const child = fork(siblingModule("executor-process", import.meta.url), {
    serialization: "advanced",
    execArgv: [`--max-old-space-size=${memoryMegabytes}`],
    cwd: directory,
    env: cache === undefined ? {} : { NODE_COMPILE_CACHE: dirname(cache) },
    detached: true,
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  const waiting = new Map<number, Waiting>();
  const { pid } = child;
  const gone = Promise.withResolvers<undefined>();
  let provers: readonly number[] = [];
  let last = 0;
  let said = "";
  /** Why this session is over; calls that it finds under way, and later ones, fail with it. */
  let over: AssayError | undefined;

  const finish = (reason: AssayError, fault: WorkerError | null): void => {
    if (over !== undefined) return;
    over = reason;
    memory.stop();
    if (pid !== undefined) endGroup(pid);
    for (const id of [...waiting.keys()]) settle(id)?.reject(reason);
    onEnd(fault);
  };
  const fail = (fault: WorkerError): void => finish(fault, fault);
  const memory = watchMemory(
    () => (pid === undefined ? [] : [pid, ...provers]),
    memoryMegabytes,
    (megabytes) =>
      fail(faultOf("EXECUTOR_MEMORY", versionId, `held ${megabytes} MiB, the limit is ${memoryMegabytes}`)),
  );
  const settle = (id: number): Waiting | undefined => {
    const found = waiting.get(id);
    clearTimeout(found?.timer);
    waiting.delete(id);
    if (waiting.size === 0) rest(child, memory);
    return found;
  };

  child.stderr?.setEncoding("utf8").on("data", (text: string) => (said = (said + text).slice(-1000)));
  child.on("message", (message) => {
    const parsed = answer.safeParse(message);
    if (!parsed.success) fail(faultOf("EXECUTOR_CRASHED", versionId, "gave an answer that is none"));
    else if (parsed.data.kind === "prover") provers = [parsed.data.pid];
    else settle(parsed.data.id)?.resolve(parsed.data.result);
  });
  child.on("error", (error) => fail(crash(versionId, error.message, said)));
  child.on("exit", (code, signal) => {
    fail(crash(versionId, `ended (${signal ?? code})`, said));
    gone.resolve(undefined);
  });
  // When the machine's memory runs out, the system should take this process and not the worker. Linux only.
  void writeFile(`/proc/${pid}/oom_score_adj`, "1000").catch(() => undefined);
  rest(child, memory);

  return {
    async ask(request, kind, seconds) {
      const id = ++last;
      const result = await new Promise<Result>((resolve, reject) => {
        const timer = setTimeout(() => {
          const fault = faultOf("EXECUTOR_TIMEOUT", versionId, `took more than ${seconds} s to ${request.kind}`);
          // Only this call was too slow: others under way are no reason to give their jobs up.
          settle(id)?.reject(fault);
          finish(crash(versionId, "was ended because another call took too long", ""), fault);
        }, seconds * 1000);
        waiting.set(id, { resolve, reject, timer });
        if (over !== undefined) {
          settle(id)?.reject(over);
          return;
        }
        child.ref();
        child.channel?.ref();
        memory.start();
        child.send({ id, request } satisfies Question, (error) => {
          if (error !== null) settle(id)?.reject(crash(versionId, error.message, said));
        });
      });
      if (result.kind === "failed") throw new AssayError(result.code, result.message, { retryable: result.retryable });
      if (!isKind(result, kind))
        throw faultOf("EXECUTOR_CRASHED", versionId, `answered ${result.kind} to ${request.kind}`);
      return result;
    },
    async close(reason) {
      child.ref();
      finish(reason, null);
      // A process that never started ends without an exit.
      if (pid !== undefined) await gone.promise;
    },
  };
}

function isKind<K extends Result["kind"]>(result: Result, kind: K): result is ResultOf<K> {
  return result.kind === kind;
}

function crash(versionId: string, problem: string, said: string): WorkerError {
  const code = said.includes("heap out of memory") ? "EXECUTOR_MEMORY" : "EXECUTOR_CRASHED";
  return faultOf(code, versionId, `${problem} ${said}`.trim());
}

function faultOf(
  code: "EXECUTOR_CRASHED" | "EXECUTOR_TIMEOUT" | "EXECUTOR_MEMORY",
  versionId: string,
  problem: string,
): WorkerError {
  return new WorkerError(code, `the executor of version ${versionId} ${problem}`, {
    retryable: true,
    details: { versionId },
  });
}

/** An idle executor keeps nobody alive: a program that forgets to close it still ends, and the hang-up ends the process. */
function rest(child: ChildProcess, memory: { stop(): void }): void {
  memory.stop();
  child.unref();
  child.channel?.unref();
  if (child.stderr instanceof Socket) child.stderr.unref();
}
