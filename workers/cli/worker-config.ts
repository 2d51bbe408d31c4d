import type { TransactionSigner, WorkerConfig } from "../daemon/index.ts";
import { type Deployment, HttpStore } from "../sdk/index.ts";
import { LocalStore } from "../store/index.ts";
import { enclaveOf } from "./enclave.ts";
import type { WorkerFile } from "./worker-file.ts";

/** What a configuration asks of the worker process. */
export function workerConfigOf(file: WorkerFile, deployment: Deployment, signer: TransactionSigner): WorkerConfig {
  return {
    deployment,
    rpcUrls: [file.rpc].flat(),
    ...(file.rpcQuorum !== undefined && { rpcQuorum: file.rpcQuorum }),
    ...(file.websocket !== undefined && { websocketUrl: file.websocket }),
    signer,
    directory: file.directory,
    ...(file.lockDirectory !== undefined && { lockDirectory: file.lockDirectory }),
    stores: [
      ...file.ownerStores.map((directory) => new LocalStore(directory)),
      ...file.stores.map((url) => new HttpStore(url)),
    ],
    ...(file.inputs && { inputs: file.inputs }),
    policy: { challenge: file.challenge, rounds: file.rounds, returnToDraws: file.returnToDraws },
    ...(file.enclave && { enclave: enclaveOf(file.enclave) }),
    confirmations: file.confirmations,
    pollInterval: file.pollInterval,
    logLevel: file.logLevel,
  };
}
