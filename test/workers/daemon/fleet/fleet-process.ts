import { Wallet } from "ethers";
import { pino } from "pino";

import { type FaultPoint, type FleetRole, startFleetProcess } from "../../../../workers/daemon/index.ts";
import type { Deployment } from "../../../../workers/sdk/deployment.ts";
import { LocalStore } from "../../../../workers/store/local-store.ts";

/** What the parent process asks for; the process kills itself where it is told to. */
export interface FleetProcessOrder {
  readonly roles: readonly FleetRole[];
  readonly deployment: Deployment;
  readonly rpcUrl: string;
  readonly privateKey: string;
  readonly directory: string;
  readonly lockDirectory: string;
  readonly store: string;
  readonly postgresUrl: string;
  readonly schema: string;
  readonly dieAt: FaultPoint | null;
}

process.once("message", (order: FleetProcessOrder) => void run(order));

async function run(order: FleetProcessOrder): Promise<void> {
  const running = await startFleetProcess({
    roles: order.roles,
    postgres: { url: order.postgresUrl, schema: order.schema },
    deployment: order.deployment,
    rpcUrls: [order.rpcUrl],
    signer: new Wallet(order.privateKey),
    directory: order.directory,
    lockDirectory: order.lockDirectory,
    stores: [new LocalStore(order.store)],
    policy: { claim: "never", recheckSeconds: 1 },
    pollInterval: 50,
    monitor: { port: 0 },
    proverThreads: 1,
    logger: pino({ level: "silent" }),
    faultPoints(point) {
      if (point !== order.dieAt) return;
      // SIGKILL is delivered before the next instruction of this process: no clean-up of any kind runs.
      process.kill(process.pid, "SIGKILL");
    },
  });
  process.send?.({ monitorUrl: running.monitorUrl });
  process.once("SIGTERM", () => void running.stop());
  await running.done;
  process.exit(0);
}
