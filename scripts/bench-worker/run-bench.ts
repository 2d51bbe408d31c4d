import { join } from "node:path";

import type { NodeKind } from "../../test/nodes.ts";
import { startPostgres } from "../../test/postgres.ts";
import { ENCLAVE, type MarketChain, startMarketChain } from "../../test/workers/daemon/market-chain.ts";
import { serve } from "../../workers/sdk/actions/serve.ts";
import { type MarketWatch, watchMarket } from "../workload/market-watch.ts";
import type { JobKind } from "../workload/mixed-jobs.ts";
import { startWorkerFork, type WorkerFork } from "../workload/worker-fork.ts";
import { type Bounds, measureBounds } from "./bounds.ts";
import { type LevelResult, type LevelSizes, measureLevel } from "./measure-level.ts";

/** Processes that work for one key. */
export const SETUPS = { "one worker": 1, "fleet of three over PostgreSQL": 3 } as const;
export type Setup = keyof typeof SETUPS;

export interface BenchOptions extends LevelSizes {
  readonly node: NodeKind;
  readonly setups: readonly Setup[];
  readonly progress: (line: string) => void;
}

export interface BenchRun {
  readonly bounds: Bounds;
  readonly setups: readonly { readonly setup: Setup; readonly levels: readonly LevelResult[] }[];
}

const KINDS: Readonly<Record<Setup, readonly JobKind[]>> = {
  "one worker": ["Vanilla, exact", "Vanilla, ONNX Runtime", "Tee, exact", "Zkml"],
  // A fleet has no enclave, so it takes nothing whose evidence would be an enclave's.
  "fleet of three over PostgreSQL": ["Vanilla, exact", "Zkml"],
};
/** The account of the worker's key. */
const WORKER = 1;
/** Milliseconds. */
const LOOKS = 10;

/** Each setup on a chain of its own. */
export async function runBench({ node, setups, progress, ...sizes }: BenchOptions): Promise<BenchRun> {
  let bounds: Bounds | undefined;
  const measured: { setup: Setup; levels: LevelResult[] }[] = [];
  for (const setup of setups) {
    const undo: (() => Promise<unknown>)[] = [];
    try {
      const chain = await startMarketChain(node);
      undo.push(() => chain.close());
      bounds ??= await measureBounds(chain);
      const watch = watchMarket(await chain.clientOf(0), LOOKS);
      undo.push(() => watch.close());
      await startSetup(chain, setup, undo);
      measured.push({ setup, levels: await measureAll(chain, watch, setup, sizes, progress) });
    } finally {
      for (const step of undo.reverse()) await step();
    }
  }
  if (bounds === undefined) throw new Error("nothing to measure: name a setup");
  return { bounds, setups: measured };
}

async function measureAll(
  chain: MarketChain,
  watch: MarketWatch,
  setup: Setup,
  sizes: LevelSizes,
  progress: (line: string) => void,
): Promise<LevelResult[]> {
  const levels: LevelResult[] = [];
  for (const kind of KINDS[setup]) {
    const result = await measureLevel(chain, watch, kind, sizes);
    levels.push(result);
    progress(`${setup}: ${kind}: ${result.jobsPerSecond.toFixed(2)} jobs/s`);
  }
  return levels;
}

async function startSetup(chain: MarketChain, setup: Setup, undo: (() => Promise<unknown>)[]): Promise<void> {
  const workerId = await chain.enlist(WORKER, chain.classifierId, ["Vanilla", "Tee", "Zkml"]);
  await serve(await chain.clientOf(WORKER), { workerId, versionId: chain.regressorId, levels: ["Vanilla", "Tee"] });
  const isFleet = SETUPS[setup] > 1;
  let postgres: string | null = null;
  if (isFleet) {
    const server = await startPostgres();
    undo.push(() => server.close());
    postgres = server.url;
  }
  const forks: WorkerFork[] = [];
  undo.push(() => Promise.all(forks.map((fork) => fork.stop())));
  for (let index = 0; index < SETUPS[setup]; index++)
    forks.push(
      await startWorkerFork({
        death: () => null,
        downFor: () => 0,
        order: {
          deployment: chain.deployment,
          rpcUrls: [chain.url],
          privateKey: chain.wallet(WORKER).privateKey,
          directory: join(chain.directory, `process-${index}`),
          lockDirectory: join(chain.directory, "locks"),
          store: join(chain.directory, "store"),
          enclave: isFleet ? null : ENCLAVE,
          concurrency: 4,
          claim: "never",
          postgres,
        },
      }),
    );
}
