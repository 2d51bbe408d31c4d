import { formatEther } from "ethers";

import { AssayError } from "../../circuits/format/error.ts";
import {
  getCurrency,
  isContractError,
  LEVELS,
  read,
  registerWorker,
  serve,
  type Client,
  type Level,
} from "../sdk/index.ts";
import { connectAs } from "./chain-options.ts";
import { type Environment, openKey, OPERATOR_VARIABLE } from "./key-source.ts";
import { coinsOf, unitsOf } from "./numbers.ts";
import type { Output } from "./output.ts";
import type { WorkerFile } from "./worker-file.ts";

class RegistrationError extends AssayError {
  declare readonly code: "KEY_MISSING" | "INSUFFICIENT_FUNDS";
}

/**
 * Registers the signer's key as a worker unless it is one, and makes it serve exactly what the file says of each
 * version. Nothing is sent for what already holds. Where the configuration names an operator, that key registers the worker, puts in
 * the stake and owns it.
 */
export async function ensureRegistered(
  client: Client,
  file: WorkerFile,
  output: Output,
  environment: Environment,
): Promise<bigint> {
  const key = await client.signer?.getAddress();
  if (key === undefined) throw new RegistrationError("KEY_MISSING", "a worker needs a key");
  const workerId = (await findWorker(client, key)) ?? (await registerByOwner(client, key, file, output, environment));
  for (const { versionId, levels } of file.serve) {
    if (await servesExactly(client, workerId, versionId, levels)) continue;
    output.progress(`serving ${versionId} at ${levels.join(", ")}`);
    await serve(client, { workerId, versionId, levels });
  }
  return workerId;
}

/** The id of the worker for which a key acts, if there is one. */
export async function findWorker(client: Client, key: string): Promise<bigint | undefined> {
  try {
    return await read(client, { contract: "workerRegistry", functionName: "workerIdOf", args: [key] });
  } catch (error) {
    if (isContractError(error, "WorkerUnknown")) return undefined;
    throw error;
  }
}

async function registerByOwner(
  client: Client,
  key: string,
  file: WorkerFile,
  output: Output,
  environment: Environment,
): Promise<bigint> {
  if (file.operator === undefined) return register(client, key, file, output);
  const owner = await connectAs(file, await openKey(file.operator, OPERATOR_VARIABLE, environment));
  try {
    return await register(owner, key, file, output);
  } finally {
    owner.provider.destroy();
  }
}

async function register(client: Client, key: string, file: WorkerFile, output: Output): Promise<bigint> {
  const currency = await getCurrency(client);
  const stake = unitsOf(file.stake, currency);
  const price = unitsOf(file.price, currency);
  const owner = (await client.signer?.getAddress()) ?? key;
  const balance = await client.provider.getBalance(owner);
  // The key pays for gas; in the chain's own coin for the stake, too.
  const needed = currency.token === undefined ? stake : 0n;
  if (balance <= needed)
    throw new RegistrationError(
      "INSUFFICIENT_FUNDS",
      `${owner} has ${formatEther(balance)}: fund it with more than ${formatEther(needed)}, it also pays for gas`,
      { retryable: true, details: { had: balance, needed } },
    );
  output.progress(`registering ${key} with a stake of ${coinsOf(stake, currency)}`);
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
