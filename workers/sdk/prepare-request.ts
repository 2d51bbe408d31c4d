import { packTensors, unpackTensors } from "../../circuits/format/tensor.ts";
import { read } from "./access.ts";
import { getVersion } from "./actions/get-version.ts";
import { quoteFee } from "./actions/quote-fee.ts";
import type { Client } from "./client.ts";
import type { Arguments } from "./contracts.ts";
import { SdkError } from "./errors.ts";
import { type CallbackAt, callbackTimeNumber } from "./job.ts";
import { type Level, levelNumber } from "./level.ts";
import type { Version } from "./version.ts";

export interface RequestParameters {
  readonly versionId: string;
  readonly level: Level;
  /** Tensors as integers (row-major), or already packed. */
  readonly input: readonly (readonly bigint[])[] | Uint8Array;
  /** At most, all copies together; amounts are in the currency's smallest unit. */
  readonly maxFee: bigint;
  /** While drawn workers have priority; what the cheapest of them ask (at most `maxFee`) when left out. */
  readonly minFee?: bigint;
  /** Seconds within which somebody must answer; an hour, or the deployment's longest, when left out. */
  readonly timeToLive?: bigint;
  /** Seconds in which a Vanilla answer can be challenged; the deployment's shortest when left out. */
  readonly challengeWindow?: bigint;
  /** Exact gas of the call to the consumer, who is the signer unless another one is named; none when left out. */
  readonly callbackGas?: bigint;
  readonly callbackAt?: CallbackAt;
  /** Distinct workers that answer, of whom more than half must agree; 2 to 7 at Vanilla only, one when left out. */
  readonly copies?: bigint;
}

/** What the contracts call a request. */
export type Request = Arguments<"market", "request">[0];

export interface PreparedRequest {
  readonly request: Request;
  /** Packed. */
  readonly input: Uint8Array;
}

const AN_HOUR = 3_600n;

/**
 * Checks all that can be known before a request is sent, and fills in what was left out. Throws `UNKNOWN_VERSION`,
 * `VERSION_DEPRECATED`, `LEVEL_NOT_ALLOWED`, `TENSOR_LENGTH`, `TENSOR_RANGE`, `TENSOR_PADDING`, `NO_WORKER` or
 * `FEE_TOO_LOW`.
 */
export async function prepareRequest(client: Client, parameters: RequestParameters): Promise<PreparedRequest> {
  const { versionId, level, maxFee } = parameters;
  const version = await getVersion(client, { versionId });
  requireAllowed(version, level);
  const input = packInput(version, parameters.input);
  const minFee = await chooseMinFee(client, parameters);
  const timeToLive = parameters.timeToLive ?? (await defaultTimeToLive(client));
  const request = {
    versionId,
    level: levelNumber(level),
    callbackAt: callbackTimeNumber(parameters.callbackAt ?? "Executed"),
    callbackGas: parameters.callbackGas ?? 0n,
    minFee,
    maxFee,
    timeToLive,
    challengeWindow: parameters.challengeWindow ?? 0n,
    copies: parameters.copies ?? 1n,
  };
  return { request, input };
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

async function chooseMinFee(client: Client, parameters: RequestParameters): Promise<bigint> {
  const { versionId, level, maxFee, minFee, copies = 1n } = parameters;
  const { cheapest, royalty, isExhaustive } = await quoteFee(client, { versionId, level, copies });
  if (cheapest === undefined && isExhaustive)
    throw new SdkError(
      "NO_WORKER",
      `${copies === 1n ? "no worker serves" : `fewer than ${copies} workers serve`} version ${versionId} at ${level} with free stake`,
      { retryable: true, details: { versionId, level, needed: copies } },
    );
  const needed = cheapest ?? royalty;
  if (maxFee < needed && (isExhaustive || maxFee < royalty)) throw feeTooLow("maxFee", maxFee, needed);
  if (minFee !== undefined && minFee < royalty) throw feeTooLow("minFee", minFee, royalty);
  return minFee ?? (needed < maxFee ? needed : maxFee);
}

function feeTooLow(name: "minFee" | "maxFee", had: bigint, needed: bigint): SdkError {
  return new SdkError("FEE_TOO_LOW", `${name} is ${had}: offer at least ${needed}`, { details: { had, needed } });
}

async function defaultTimeToLive(client: Client): Promise<bigint> {
  const { maxTimeToLive } = await read(client, { contract: "market", functionName: "parameters", args: [] });
  return maxTimeToLive < AN_HOUR ? maxTimeToLive : AN_HOUR;
}
