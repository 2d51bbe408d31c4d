import type { TransactionSigner, WorkerConfig } from "../daemon/index.ts";
import type { Deployment } from "../sdk/index.ts";
import { enclaveOf } from "./enclave.ts";
import { secretsIn } from "./settings/secrets.ts";
import type { WorkerFile } from "./worker-file.ts";
import { openWorkerStores } from "./worker-stores.ts";

const GWEI = 10n ** 9n;

/** What a configuration asks of the worker process. */
export async function workerConfigOf(
  file: WorkerFile,
  deployment: Deployment,
  signer: TransactionSigner,
): Promise<WorkerConfig> {
  const { byFee, Vanilla, Tee, Zkml } = file.takeAfter;
  const { quarantineAfter, quarantineSeconds, warmVersions, ...limits } = file.execution;
  return {
    deployment,
    rpcUrls: [file.rpc].flat(),
    ...(file.rpcQuorum !== undefined && { rpcQuorum: file.rpcQuorum }),
    ...(file.websocket !== undefined && { websocketUrl: file.websocket }),
    signer,
    directory: file.directory,
    ...(file.lockDirectory !== undefined && { lockDirectory: file.lockDirectory }),
    stores: await openWorkerStores(file),
    ...(file.inputs && { inputs: file.inputs }),
    policy: {
      challenge: file.challenge,
      challengeSample: file.challengeSample,
      challengeVersions: file.challengeVersions,
      challengeBonds: file.challengeBonds,
      gasMargin: file.gasMargin,
      coinValue: file.coinValue === undefined ? null : BigInt(file.coinValue),
      parallel: file.parallel,
      rounds: file.rounds,
      returnToDraws: file.returnToDraws,
      confirmations: { Vanilla, Tee, Zkml },
      confirmationsByFee: byFee.map(({ from, blocks }) => ({ from: BigInt(from), blocks })),
    },
    ...(file.enclave && { enclave: enclaveOf(file.enclave) }),
    secrets: secretsIn(file),
    ...(file.monitor && { monitor: file.monitor }),
    limits,
    quarantineAfter,
    quarantineSeconds,
    warmVersions,
    cacheBytes: file.cacheMegabytes * 2 ** 20,
    storePause: file.storePause,
    maxFeePerGas: BigInt(file.maxFeePerGas) * GWEI,
    maxTipPerGas: BigInt(file.maxTipPerGas) * GWEI,
    confirmations: file.confirmations,
    lagPatience: file.lagPatience,
    pollInterval: file.pollInterval,
    logLevel: file.logLevel,
  };
}
