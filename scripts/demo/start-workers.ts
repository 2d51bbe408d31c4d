import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { formatEther, parseEther } from "ethers";

import type { Client, Level } from "../../workers/sdk/index.ts";
import { write } from "../../workers/sdk/index.ts";
import type { RootSecret } from "../../workers/tee/development/authority.ts";
import { measurement } from "../../workers/tee/development/image.ts";
import { account, ACCOUNTS } from "./accounts.ts";
import { startWorkerProcess, type WorkerProcess } from "./worker-process.ts";

export interface StartWorkersOptions {
  readonly directory: string;
  readonly rpc: string;
  /** Administers the deployment, so it can accept the enclave's measurement. */
  readonly publisher: Client;
  readonly versionId: string;
  /** Behind the quotes of the simulated enclave. */
  readonly rootSecret: RootSecret;
}

/** Wei per work unit. */
export const WORKER_PRICE = parseEther("0.0005");

/** What the simulated enclave claims to run. Hardware would measure the code; here it is only a name. */
const SIMULATED_IMAGE = "assay simulated enclave";

const WORKERS: readonly { readonly name: string; readonly levels: readonly Level[]; readonly isWatching: boolean }[] = [
  { name: "vanilla-worker", levels: ["Vanilla"], isWatching: false },
  { name: "simulated-enclave", levels: ["Vanilla", "Tee"], isWatching: false },
  // It also checks what others answer at Vanilla, and challenges what differs from its own answer.
  { name: "prover", levels: ["Vanilla", "Zkml"], isWatching: true },
];

/** Three workers, each `assay worker` in a process of its own; one of them is a simulated enclave. */
export async function startWorkers(options: StartWorkersOptions): Promise<WorkerProcess[]> {
  const { directory, rpc, publisher, versionId, rootSecret } = options;
  await write(publisher, {
    contract: "enclaveRegistry",
    functionName: "acceptMeasurement",
    args: [measurement(SIMULATED_IMAGE), true],
  });
  await mkdir(directory, { recursive: true });
  const deployment = join(directory, "deployment.json");
  await writeFile(deployment, JSON.stringify(publisher.deployment));
  return Promise.all(
    WORKERS.map(({ name, levels, isWatching }, index) =>
      startWorkerProcess(directory, name, account(ACCOUNTS.workers[index] ?? 0, publisher.provider).privateKey, {
        rpc,
        deployment,
        stake: "1",
        price: formatEther(WORKER_PRICE),
        serve: [{ versionId, levels }],
        challenge: isWatching ? "on" : "off",
        pollInterval: 200,
        ...(levels.includes("Tee") && {
          enclave: { provider: "simulated", rootSecret, image: SIMULATED_IMAGE },
        }),
      }),
    ),
  );
}
