import { Wallet } from "ethers";
import { destination, pino } from "pino";

import {
  type FaultPoint,
  simulatedQuoteProvider,
  type SimulatedQuoteOptions,
  startWorker,
} from "../../../workers/daemon/index.ts";
import type { Deployment } from "../../../workers/sdk/deployment.ts";
import { LocalStore } from "../../../workers/store/local-store.ts";

/** What the parent process asks for; the process kills itself where it is told to. */
export interface WorkerProcessOrder {
  readonly deployment: Deployment;
  readonly rpcUrls: readonly string[];
  readonly privateKey: string;
  readonly directory: string;
  readonly lockDirectory: string;
  readonly store: string;
  readonly enclave: SimulatedQuoteOptions | null;
  /** Null: it goes on until it is ended. */
  readonly dieAt: FaultPoint | null;
  /** JSON lines on standard error. */
  readonly log?: boolean;
}

process.once("message", (order: WorkerProcessOrder) => void run(order));

async function run(order: WorkerProcessOrder): Promise<void> {
  await startWorker({
    deployment: order.deployment,
    rpcUrls: order.rpcUrls,
    signer: new Wallet(order.privateKey),
    directory: order.directory,
    lockDirectory: order.lockDirectory,
    stores: [new LocalStore(order.store)],
    ...(order.enclave === null ? {} : { enclave: { quoteProvider: simulatedQuoteProvider(order.enclave) } }),
    pollInterval: 50,
    proverThreads: 1,
    logger: pino({ level: order.log === true ? "info" : "silent" }, destination(2)),
    faultPoints(point) {
      if (point !== order.dieAt) return;
      // SIGKILL is delivered before the next instruction of this process: no clean-up of any kind runs.
      process.kill(process.pid, "SIGKILL");
    },
  });
}
