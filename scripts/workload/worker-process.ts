// A worker in a process of its own, as `WorkerFork` starts it: it can be made to kill itself, and tells its memory.
import { Wallet } from "ethers";
import { destination, pino } from "pino";

import {
  type FaultPoint,
  FLEET_ROLES,
  type Policy,
  simulatedQuoteProvider,
  type SimulatedQuoteOptions,
  startFleetProcess,
  startWorker,
  type WorkerConfig,
} from "../../workers/daemon/index.ts";
import type { Deployment } from "../../workers/sdk/deployment.ts";
import { LocalStore } from "../../workers/store/local-store.ts";

/** Where a process kills itself with SIGKILL: at a fault point, or at the n-th that it passes; null: nowhere. */
export type Death = { readonly at: FaultPoint } | { readonly after: number } | null;

export interface WorkerOrder {
  readonly deployment: Deployment;
  readonly rpcUrls: readonly string[];
  readonly privateKey: string;
  readonly directory: string;
  readonly lockDirectory: string;
  readonly store: string;
  /** Null: nothing at Tee. */
  readonly enclave: SimulatedQuoteOptions | null;
  /** How many jobs it works on at once. */
  readonly concurrency: number;
  /** Where the journal of its fleet is, in which it has all roles; null: it works alone, with a file. */
  readonly postgres: string | null;
  readonly claim: Policy["claim"];
  readonly death: Death;
}

/** What the process is told, after its order. */
export type WorkerCommand = "memory" | "stop";

export type WorkerMessage =
  | { readonly kind: "started" }
  | { readonly kind: "memory"; readonly rss: number; readonly heapUsed: number; readonly external: number };

const tell = (message: WorkerMessage): void => void process.send?.(message);

async function run(order: WorkerOrder): Promise<void> {
  const { store, privateKey, enclave, concurrency, claim, death, postgres, ...rest } = order;
  let passed = 0;
  const config: WorkerConfig = {
    ...rest,
    signer: new Wallet(privateKey),
    stores: [new LocalStore(store)],
    ...(enclave === null ? {} : { enclave: { quoteProvider: simulatedQuoteProvider(enclave) } }),
    pollInterval: 100,
    proverThreads: 1,
    policy: { claim, recheckSeconds: 1, concurrency },
    logger: pino({ level: "info" }, destination(2)),
    faultPoints(point) {
      passed++;
      const isOver = death !== null && ("at" in death ? death.at === point : death.after === passed);
      // SIGKILL is delivered before the next instruction of this process: no clean-up of any kind runs.
      if (isOver) process.kill(process.pid, "SIGKILL");
    },
  };
  const worker =
    postgres === null
      ? await startWorker(config)
      : await startFleetProcess({ ...config, roles: FLEET_ROLES, postgres: { url: postgres } });
  process.on("message", (command: WorkerCommand) => {
    if (command === "stop") void worker.stop().then(() => process.exit());
    else {
      // What is garbage already is no leak.
      globalThis.gc?.();
      const { rss, heapUsed, external } = process.memoryUsage();
      tell({ kind: "memory", rss, heapUsed, external });
    }
  });
  tell({ kind: "started" });
  await worker.done;
}

process.once("message", (order: WorkerOrder) => {
  run(order).catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? String(error.stack) : String(error)}\n`);
    process.exit(1);
  });
});
// A parent that is gone needs no workers.
process.once("disconnect", () => process.exit());
