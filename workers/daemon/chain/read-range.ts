import type { Block, Log } from "ethers";
import type { Logger } from "pino";

import { AssayError } from "../../../circuits/format/error.ts";
import type { Hex } from "../facts.ts";
import type { Endpoint } from "./endpoint.ts";
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
 * The market's logs from a block on. A node that refuses a range (too long, too many logs; each says it in its own
 * words) is asked for the first half of it. Throws what the node said if it refuses a single block.
 */
export async function readRange(endpoint: Endpoint, { market, from, to, logger }: BlockRange): Promise<RangeLogs> {
  const { provider, retrying } = endpoint;
  const last = await retrying(`block ${to}`, () => provider.getBlock(to));
  try {
    const logs = await retrying(`logs of blocks ${from} to ${to}`, () =>
      provider.getLogs({ address: market, fromBlock: from, toBlock: to }),
    );
    return { logs, to, lastHash: blockHash(last) };
  } catch (error) {
    if (from === to || isUnreachable(error)) throw error;
    const middle = from + Math.floor((to - from) / 2);
    logger.debug({ from, to, half: middle }, "the node refused a range of logs");
    return readRange(endpoint, { market, from, to: middle, logger });
  }
}

export function blockHash(block: Block | null): Hex | null {
  const hash = block?.hash ?? null;
  return hash === null ? null : hexOf(hash);
}

function isUnreachable(error: unknown): boolean {
  return error instanceof AssayError && error.code === "RPC_UNREACHABLE";
}
