import type { Log } from "ethers";
import type { Logger } from "pino";

import type { Hex } from "../facts.ts";
import { WorkerError } from "../worker-error.ts";
import { isRefusal } from "./block-logs.ts";
import type { Endpoint } from "./endpoint.ts";
import { readHeader } from "./header.ts";
import { hexOf } from "./job-struct.ts";

export interface BlockRange {
  readonly market: string;
  readonly from: number;
  readonly to: number;
  readonly logger: Logger;
}

export interface RangeLogs {
  readonly logs: readonly Log[];
  /** The last block really read: nodes may allow less than was wanted. */
  readonly to: number;
  /** Its hash, read before the logs; null if the node does not have it. */
  readonly lastHash: Hex | null;
}

/**
 * The market's logs from a block on, as the nodes agree. A node that refuses a range (too long, too many logs; each says it
 * in its own words) is asked for the first half of it. Throws what the node said if it refuses a single block.
 */
export async function readRange(endpoint: Endpoint, { market, from, to, logger }: BlockRange): Promise<RangeLogs> {
  const lastHash = await hashAt(endpoint, to);
  try {
    const logs = await endpoint.agreed(`logs of blocks ${from} to ${to}`, (provider) =>
      provider.getLogs({ address: market, fromBlock: from, toBlock: to }),
    );
    if (logs.some((log) => log.blockNumber < from || log.blockNumber > to || hexOf(log.address) !== hexOf(market)))
      throw new WorkerError("RPC_INCOMPLETE", `blocks ${from} to ${to}: the node gave logs that were not asked for`, {
        retryable: true,
      });
    return { logs, to, lastHash };
  } catch (error) {
    if (from === to || !isRefusal(error)) throw error;
    const middle = from + Math.floor((to - from) / 2);
    logger.debug({ from, to, half: middle }, "the node refused a range of logs");
    return readRange(endpoint, { market, from, to: middle, logger });
  }
}

/** Hash of the block at this height, as the nodes agree; null if they do not have it. */
export async function hashAt(endpoint: Endpoint, number: number): Promise<Hex | null> {
  const header = await endpoint.agreed(`block ${number}`, (provider) => readHeader(provider, number));
  return header?.hash ?? null;
}
