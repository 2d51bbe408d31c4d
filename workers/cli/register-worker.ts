import { formatEther } from "ethers";

import { AssayError } from "../../circuits/format/error.ts";
import { isContractError, LEVELS, read, registerWorker, serve, type Client, type Level } from "../sdk/index.ts";
import type { Output } from "./output.ts";
import type { WorkerFile } from "./worker-file.ts";

class RegistrationError extends AssayError {
  declare readonly code: "KEY_MISSING" | "INSUFFICIENT_FUNDS";
}

/**
 * Registers the signer's key as a worker unless it is one, and makes it serve exactly what the file says of each
 * version. Nothing is sent for what already holds.
 */
export async function ensureRegistered(client: Client, file: WorkerFile, output: Output): Promise<bigint> {
  const key = await client.signer?.getAddress();
  if (key === undefined) throw new RegistrationError("KEY_MISSING", "a worker needs a key");
  const workerId = (await findWorker(client, key)) ?? (await register(client, key, file, output));
  for (const { versionId, levels } of file.serve) {
    if (await servesExactly(client, workerId, versionId, levels)) continue;
    output.progress(`serving ${versionId} at ${levels.join(", ")}`);
    await serve(client, { workerId, versionId, levels });
  }
  return workerId;
}

async function findWorker(client: Client, key: string): Promise<bigint | undefined> {
  try {
    return await read(client, { contract: "workerRegistry", functionName: "workerIdOf", args: [key] });
  } catch (error) {
    if (isContractError(error, "WorkerUnknown")) return undefined;
    throw error;
  }
}

async function register(client: Client, key: string, { stake, price }: WorkerFile, output: Output): Promise<bigint> {
  const balance = await client.provider.getBalance(key);
  if (balance <= stake)
    throw new RegistrationError(
      "INSUFFICIENT_FUNDS",
      `${key} has ${formatEther(balance)}: fund it with more than the stake of ${formatEther(stake)}, it also pays for gas`,
      { retryable: true, details: { had: balance, needed: stake } },
    );
  output.progress(`registering ${key} with a stake of ${formatEther(stake)}`);
  return (await registerWorker(client, { key, price, stake })).workerId;
}

async function servesExactly(
  client: Client,
  workerId: bigint,
  versionId: string,
  levels: readonly Level[],
): Promise<boolean> {
  const serving = await Promise.all(
    LEVELS.map((_, number) =>
      read(client, {
        contract: "workerRegistry",
        functionName: "isServing",
        args: [workerId, versionId, BigInt(number)],
      }),
    ),
  );
  return LEVELS.every((level, number) => serving[number] === levels.includes(level));
}
