import { existsSync } from "node:fs";
import { join } from "node:path";

import { formatEther } from "ethers";
import { pino } from "pino";

import { openArtifactCache } from "../../store/artifact-cache.ts";
import { createVersionFiles } from "../../daemon/execution/version-files.ts";
import type { WorkerConfig } from "../../daemon/index.ts";
import { LANE_KINDS, laneState } from "../../daemon/lane/lane-state.ts";
import { DEFAULTS } from "../../daemon/worker-config.ts";
import { type Client, getStanding, getVersion, LEVELS, read } from "../../sdk/index.ts";
import type { OwnedWorker } from "../owned-worker.ts";
import type { WorkerFile } from "../worker-file.ts";
import { check, type Finding, problem, type Verdict } from "./check.ts";

/** Gas of one job with a proof and its claim, roughly: what a balance is held against. */
const JOB_GAS = 1_000_000n;
const COMFORTABLE_JOBS = 20n;

export function registrationChecks(worker: OwnedWorker, file: WorkerFile): Promise<Finding>[] {
  const { client } = worker;
  return [
    check("stake", "add to the stake (`addStake` of the worker registry), or wait until open business ends", () =>
      stake(worker),
    ),
    ...file.serve.map(({ versionId, levels }) =>
      check(`serving ${versionId.slice(0, 10)}`, "set `serve` to versions of this deployment", async () => {
        const { levels: offered } = await getVersion(client, { versionId });
        const impossible = levels.filter((level) => !offered.includes(level));
        if (impossible.length > 0)
          throw problem(`the version has no ${impossible.join(", ")}`, `serve it at ${offered.join(", ")} only`);
        const serving = await Promise.all(LEVELS.map((_, number) => isServing(worker, versionId, number)));
        const now = LEVELS.filter((_, number) => serving[number]);
        return now.join() === LEVELS.filter((level) => levels.includes(level)).join()
          ? now.join(", ")
          : `${now.join(", ") || "nothing"} now; assay worker run makes it ${levels.join(", ")}`;
      }),
    ),
  ];
}

function isServing({ client, workerId }: OwnedWorker, versionId: string, level: number): Promise<boolean> {
  return read(client, {
    contract: "workerRegistry",
    functionName: "isServing",
    args: [workerId, versionId, BigInt(level)],
  });
}

async function stake({ client, workerId }: OwnedWorker): Promise<Verdict> {
  const [standing, minimum] = await Promise.all([
    getStanding(client, { workerId }),
    read(client, { contract: "workerRegistry", functionName: "minimumStake", args: [] }),
  ]);
  const { stake: had, bound, isSuspended, isDraining } = standing;
  if (had < minimum) throw new Error(`worker ${workerId} has ${had}, the least is ${minimum}: it is drawn for nothing`);
  if (isDraining)
    return { warning: `worker ${workerId} is draining`, remedy: "assay worker drain --undo takes new jobs" };
  if (isSuspended)
    return {
      warning: `worker ${workerId} is suspended from the draws`,
      remedy: "the worker returns by itself if `returnToDraws` is set; find out why it let its turns pass",
    };
  return `worker ${workerId}: ${had} of stake, ${bound} of it bound`;
}

export function gasCheck(client: Client, key: string): Promise<Finding> {
  return check("gas", `send coins to ${key}: it pays for every transaction`, async () => {
    const [balance, { gasPrice, maxFeePerGas }] = await Promise.all([
      client.provider.getBalance(key),
      client.provider.getFeeData(),
    ]);
    const job = JOB_GAS * (maxFeePerGas ?? gasPrice ?? 0n);
    const text = `${key} holds ${formatEther(balance)}, about ${job === 0n ? "any number of" : balance / job} jobs at today's fees`;
    if (balance < job || balance === 0n) throw new Error(text);
    return balance < job * COMFORTABLE_JOBS ? { warning: text, remedy: `send more coins to ${key}` } : text;
  });
}

/** Fetches what is not here yet, as the worker would before its first job of the version. */
export function artifactChecks(client: Client, file: WorkerFile, config: WorkerConfig): Promise<Finding>[] {
  const remedy =
    "set `stores` to where the version's files are; those of owner-held versions need `ownerStores` or `sealed`";
  return file.serve.map(({ versionId }) =>
    check(`artifacts ${versionId.slice(0, 10)}`, remedy, async () => {
      const settings = { ...DEFAULTS, ...config };
      const cache = await openArtifactCache({
        directory: `${config.directory}/artifacts`,
        maxBytes: settings.cacheBytes,
      });
      const files = createVersionFiles({
        ...settings,
        stores: config.stores ?? [],
        cache,
        logger: pino({ level: "silent" }),
      });
      const version = await getVersion(client, { versionId });
      const manifest = await files.manifest(version);
      const { circuit, model, name } = manifest;
      if (circuit === null) await files.weights(version, manifest, model);
      else {
        await files.weights(version, manifest, circuit.graph);
        await files.weights(version, manifest, circuit.zkey).catch(() => files.onDisk(version, circuit.zkey));
        await files.verificationKey(version, circuit.verificationKey);
      }
      return `${name}: all files are here, with the digests that the chain names`;
    }),
  );
}

export function journalCheck(worker: OwnedWorker, { directory }: WorkerFile): Promise<Finding> {
  const remedy =
    "restore it from a backup (assay worker restore), or find out whose journal it is; never start without it";
  return check("journal", remedy, async () => {
    if (!existsSync(join(directory, "journal.sqlite"))) return "is made at the first start";
    const journal = worker.journal();
    try {
      const [newest] = await journal.blocks(1);
      const { pending } = laneState(await journal.factsOfKinds(LANE_KINDS));
      const open = await journal.openJobs();
      if (newest === undefined) return "is new";
      const block = await worker.client.provider.getBlock(newest.number);
      const text = `read up to block ${newest.number}, ${open.length} open jobs, ${pending.size} transactions pending`;
      if (block !== null && block.hash === newest.hash) return text;
      return {
        warning: `${text}; this chain has another block ${newest.number}`,
        remedy:
          "after a reorganisation the worker walks back by itself; after a local chain was started anew, use a new directory",
      };
    } finally {
      await journal.close();
    }
  });
}
