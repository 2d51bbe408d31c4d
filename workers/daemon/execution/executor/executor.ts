import { mkdir } from "node:fs/promises";

import pLimit from "p-limit";

import { AssayError } from "../../../../circuits/format/error.ts";
import { WorkerError } from "../../worker-error.ts";
import type { ExecutorLimits } from "./limits.ts";
import type { OpenMessage, ProveMessage, Request, Result, ResultOf } from "./messages.ts";
import { type Session, startSession } from "./session.ts";

export interface ExecutorOptions {
  readonly versionId: string;
  /** Brings the version's files here; asked again for every new process. */
  readonly prepare: () => Promise<OpenMessage>;
  /** The process found a file of that message damaged or gone. */
  readonly damaged: (message: OpenMessage) => Promise<void>;
  readonly limits: ExecutorLimits;
  /** Empty; made if need be. */
  readonly directory: string;
  /** The version ended its process by a crash, by taking too long or by taking too much memory. */
  readonly onFault: (fault: AssayError) => void;
}

/** Runs and proves one version in a process of its own, which is started anew by the next call when it has ended. */
export interface Executor {
  /** Starts the process and makes the version ready. */
  open(): Promise<void>;
  /** Packed tensors to packed tensors. */
  run(input: Uint8Array): Promise<Uint8Array>;
  prove(question: Omit<ProveMessage, "kind">): Promise<ResultOf<"proven">>;
  /** What is under way fails with `WORKER_STOPPING`. */
  close(): Promise<void>;
}

export function createExecutor(options: ExecutorOptions): Executor {
  const { versionId, prepare, damaged, limits, directory, onFault } = options;
  /** The process that opened the version, or is about to. */
  let current: Promise<Opened> | undefined;
  let live: Session | undefined;
  let closed = false;

  const start = async (): Promise<Opened> => {
    const message = await prepare();
    await mkdir(directory, { recursive: true, mode: 0o700 });
    if (closed) throw stopping();
    const onEnd = (fault: WorkerError | null): void => {
      live = undefined;
      current = undefined;
      if (fault !== null) onFault(fault);
    };
    const session = startSession({ versionId, limits, directory, onEnd });
    live = session;
    await ask({ session, message }, message, "opened", limits.loadSeconds);
    return { session, message };
  };
  const opened = (): Promise<Opened> => {
    if (closed) return Promise.reject(stopping());
    current ??= start().catch(async (error: unknown) => {
      // A version that cannot be opened leaves no process behind.
      await live?.close(stopping());
      current = undefined;
      throw error;
    });
    return current;
  };
  const ask = async <K extends Result["kind"]>(
    { session, message }: Opened,
    request: Request,
    kind: K,
    seconds: number,
  ): Promise<ResultOf<K>> => {
    try {
      return await session.ask(request, kind, seconds);
    } catch (error) {
      const code = error instanceof AssayError ? error.code : "";
      // The prover is made anew, in the same executor; but a key that crashes it is the version's fault.
      if (error instanceof AssayError && code === "PROVER_CRASHED") onFault(error);
      if (code === "CONTENT_MISMATCH") {
        await damaged(message);
        await session.close(stopping());
      }
      throw error;
    }
  };

  // One at a time: an answer holds up its process's loop, so that the time of a second one would begin before its work does.
  const runs = pLimit(1);
  const proofs = pLimit(1);

  return {
    async open() {
      await opened();
    },
    run: (input) =>
      runs(async () => (await ask(await opened(), { kind: "run", input }, "ran", limits.runSeconds)).output),
    prove: (question) =>
      proofs(async () => ask(await opened(), { ...question, kind: "prove" }, "proven", limits.proveSeconds)),
    async close() {
      closed = true;
      await live?.close(stopping());
    },
  };
}

interface Opened {
  readonly session: Session;
  readonly message: OpenMessage;
}

function stopping(): WorkerError {
  return new WorkerError("WORKER_STOPPING", "the worker is stopping", { retryable: true });
}
