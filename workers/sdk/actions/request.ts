import { hexlify } from "ethers";

import { packTensors, unpackTensors } from "../../../circuits/format/tensor.ts";
import { read, write } from "../access.ts";
import type { Client } from "../client.ts";
import { SdkError } from "../errors.ts";
import { decodeMarketLogs } from "../facts.ts";
import { findFact } from "../find-fact.ts";
import { CALLBACK_TIMES, type CallbackAt, type Job } from "../job.ts";
import { type Level, levelNumber } from "../level.ts";
import type { Version } from "../version.ts";
import { balanceOf } from "./balance-of.ts";
import { getVersion } from "./get-version.ts";
import { quoteFee } from "./quote-fee.ts";

export interface RequestParameters {
  readonly versionId: string;
  readonly level: Level;
  /** Tensors as integers (row-major), or already packed. */
  readonly input: readonly (readonly bigint[])[] | Uint8Array;
  /** Wei at most. */
  readonly maxFee: bigint;
  /** Wei while the drawn worker has priority; what the cheapest worker asks (at most `maxFee`) when left out. */
  readonly minFee?: bigint;
  /** Seconds within which somebody must answer; an hour, or the deployment's longest, when left out. */
  readonly timeToLive?: bigint;
  /** Seconds in which a Vanilla answer can be challenged; the deployment's shortest when left out. */
  readonly challengeWindow?: bigint;
  /** Exact gas of the call to the signer, if the signer is a contract account; none when left out. */
  readonly callbackGas?: bigint;
  readonly callbackAt?: CallbackAt;
}

export interface RequestReturnType {
  readonly jobId: string;
  readonly job: Job;
  readonly transactionHash: string;
  readonly blockNumber: number;
}

const AN_HOUR = 3_600n;

/**
 * Asks for one inference and pays what the signer's prepaid balance lacks. Before anything is sent, throws
 * `UNKNOWN_VERSION`, `VERSION_DEPRECATED`, `LEVEL_NOT_ALLOWED`, `TENSOR_LENGTH`, `TENSOR_RANGE`, `TENSOR_PADDING`,
 * `NO_WORKER` or `FEE_TOO_LOW`; then what `send` throws.
 *
 * @example
 * const { jobId } = await request(client, { versionId, level: "Zkml", input: [[3n, 1n]], maxFee: 10n ** 15n });
 */
export async function request(client: Client, parameters: RequestParameters): Promise<RequestReturnType> {
  const { versionId, level, maxFee } = parameters;
  const version = await getVersion(client, { versionId });
  requireAllowed(version, level);
  const input = packInput(version, parameters.input);
  const minFee = await chooseMinFee(client, parameters);
  const timeToLive = parameters.timeToLive ?? (await defaultTimeToLive(client));
  const signer = await client.signer?.getAddress();
  if (signer === undefined) throw new SdkError("SIGNER_MISSING", "request: create the client with a signer");
  const balance = await balanceOf(client, { account: signer });

  const wanted = {
    versionId,
    level: levelNumber(level),
    callbackAt: BigInt(CALLBACK_TIMES.indexOf(parameters.callbackAt ?? "Executed")),
    callbackGas: parameters.callbackGas ?? 0n,
    minFee,
    maxFee,
    timeToLive,
    challengeWindow: parameters.challengeWindow ?? 0n,
    copies: 1n,
  };
  const args = [wanted, hexlify(input)] as const;
  const value = balance < maxFee ? maxFee - balance : 0n;
  const receipt = await write(client, { contract: "market", functionName: "request", args, value });
  const { jobId, job } = findFact(receipt, client.deployment.market, decodeMarketLogs, "JobRequested");
  return { jobId, job, transactionHash: receipt.hash, blockNumber: receipt.blockNumber };
}

function requireAllowed({ versionId, levels, terms }: Version, level: Level): void {
  if (terms.deprecated)
    throw new SdkError("VERSION_DEPRECATED", `the owner of version ${versionId} advises against it`, {
      details: { versionId },
    });
  if (!levels.includes(level))
    throw new SdkError("LEVEL_NOT_ALLOWED", `version ${versionId} allows ${levels.join(", ")}, not ${level}`, {
      details: { versionId, had: level, allowed: levels },
    });
}

function packInput({ inputs }: Version, input: RequestParameters["input"]): Uint8Array {
  if (!(input instanceof Uint8Array)) return packTensors(inputs, input);
  // Unpacking checks length and padding.
  unpackTensors(inputs, input);
  return input;
}

async function chooseMinFee(client: Client, { versionId, level, maxFee, minFee }: RequestParameters): Promise<bigint> {
  const { cheapest, royalty, isExhaustive } = await quoteFee(client, { versionId, level });
  if (cheapest === undefined && isExhaustive)
    throw new SdkError("NO_WORKER", `no worker serves version ${versionId} at ${level} with free stake`, {
      retryable: true,
      details: { versionId, level },
    });
  const needed = cheapest ?? royalty;
  if (maxFee < needed && (isExhaustive || maxFee < royalty)) throw feeTooLow("maxFee", maxFee, needed);
  if (minFee !== undefined && minFee < royalty) throw feeTooLow("minFee", minFee, royalty);
  return minFee ?? (needed < maxFee ? needed : maxFee);
}

function feeTooLow(name: "minFee" | "maxFee", had: bigint, needed: bigint): SdkError {
  return new SdkError("FEE_TOO_LOW", `${name} is ${had} wei: offer at least ${needed}`, { details: { had, needed } });
}

async function defaultTimeToLive(client: Client): Promise<bigint> {
  const { maxTimeToLive } = await read(client, { contract: "market", functionName: "parameters", args: [] });
  return maxTimeToLive < AN_HOUR ? maxTimeToLive : AN_HOUR;
}
