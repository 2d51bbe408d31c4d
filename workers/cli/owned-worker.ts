import { join } from "node:path";

import { AssayError } from "../../circuits/format/error.ts";
import { defaultLockDirectory, type Journal, lockKey, openJournal, WorkerError } from "../daemon/index.ts";
import { type Client, read } from "../sdk/index.ts";
import { connect, connectAs } from "./chain-options.ts";
import { addressOfKey, type Environment, KEY_VARIABLE, openKey, OPERATOR_VARIABLE } from "./key-source.ts";
import { findWorker } from "./register-worker.ts";
import type { WorkerFile } from "./worker-file.ts";

class OwnerError extends AssayError {
  declare readonly code: "WORKER_MISSING" | "OPERATOR_NEEDED" | "WORKER_RUNNING";
}

/** A worker as the commands of its owner see it, beside the process that runs it. */
export interface OwnedWorker {
  readonly workerId: bigint;
  readonly key: string;
  readonly operator: string;
  /** Reads only. */
  readonly client: Client;
  /** Whether a process on this machine holds the key. */
  isRunning(): boolean;
  journal(): Journal;
  /**
   * A client that signs as the owner, while `use` runs. Throws `OPERATOR_NEEDED`, and `WORKER_RUNNING` if that is the key of a
   * process that runs: two that sign with one key use the same nonces.
   */
  asOperator<T>(use: (client: Client) => Promise<T>): Promise<T>;
  close(): void;
}

/** Throws `WORKER_MISSING` for a key that is no worker's. */
export async function openOwnedWorker(file: WorkerFile, environment: Environment): Promise<OwnedWorker> {
  const key = await addressOfKey(file.key, KEY_VARIABLE, environment);
  const client = await connect(file);
  try {
    return await owned(client, key, file, environment);
  } catch (error) {
    client.provider.destroy();
    throw error;
  }
}

async function owned(client: Client, key: string, file: WorkerFile, environment: Environment): Promise<OwnedWorker> {
  const { chainId, market } = client.deployment;
  const workerId = await findWorker(client, key);
  if (workerId === undefined)
    throw new OwnerError("WORKER_MISSING", `${key} is no worker's key: assay worker run registers it`);
  const { operator } = await read(client, { contract: "workerRegistry", functionName: "workerOf", args: [workerId] });
  const { lockDirectory = defaultLockDirectory() } = file;
  const lock = (): { release(): void } => lockKey(lockDirectory, chainId, hexOf(key));
  const isOwnKey = operator.toLowerCase() === key.toLowerCase();

  const operatorsKey = async () => {
    if (isOwnKey) return openKey(file.key, KEY_VARIABLE, environment);
    const needed = `worker ${workerId} belongs to ${operator}: set ${OPERATOR_VARIABLE}, or \`operator\` in its configuration`;
    if (file.operator === undefined && environment[OPERATOR_VARIABLE] === undefined)
      throw new OwnerError("OPERATOR_NEEDED", needed);
    const opened = await openKey(file.operator ?? { source: "environment" }, OPERATOR_VARIABLE, environment);
    if (opened.address.toLowerCase() !== operator.toLowerCase())
      throw new OwnerError("OPERATOR_NEEDED", `${needed} (it is ${opened.address} now)`);
    return opened;
  };
  return {
    workerId,
    key,
    operator,
    client,
    isRunning() {
      try {
        lock().release();
        return false;
      } catch (error) {
        if (error instanceof WorkerError && error.code === "KEY_IN_USE") return true;
        throw error;
      }
    },
    journal: () =>
      openJournal(join(file.directory, "journal.sqlite"), { chainId, market: hexOf(market), workerKey: hexOf(key) }),
    async asOperator(use) {
      const held = isOwnKey ? lockFor(lock) : undefined;
      try {
        const signing = await connectAs(file, await operatorsKey());
        try {
          return await use(signing);
        } finally {
          signing.provider.destroy();
        }
      } finally {
        held?.release();
      }
    },
    close: () => client.provider.destroy(),
  };
}

function lockFor(lock: () => { release(): void }): { release(): void } {
  try {
    return lock();
  } catch (cause) {
    if (!(cause instanceof WorkerError) || cause.code !== "KEY_IN_USE") throw cause;
    throw new OwnerError(
      "WORKER_RUNNING",
      "a process runs with this key, and the worker's owner is the same key: stop it first, for two would use the same nonces",
      { cause },
    );
  }
}

export function hexOf(text: string): `0x${string}` {
  return `0x${text.replace(/^0x/, "")}`;
}
