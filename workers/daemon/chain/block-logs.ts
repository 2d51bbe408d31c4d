import { getBytes, type Log } from "ethers";

import { AssayError } from "../../../circuits/format/error.ts";
import { bloomOf, isWithin, mayHold, saysNothing } from "./bloom.ts";
import type { Endpoint } from "./endpoint.ts";
import type { Header } from "./header.ts";
import { hexOf } from "./job-struct.ts";

/**
 * The market's logs in one block, none left out. They are asked for by the block's hash, so that they are of this block and
 * no other of its height, and held against the filter in its header: a block whose filter rules the market out is not asked
 * for; of any other all logs are fetched, and must explain the filter and be numbered without a gap. A node that leaves some
 * out is passed over. Where filters say nothing, or no node gives so many logs at once, the nodes must agree on the market's.
 */
export async function readBlockLogs(endpoint: Endpoint, header: Header, market: string): Promise<readonly Log[]> {
  const { hash, logsBloom } = header;
  const what = `logs of block ${header.number}`;
  const bloom = logsBloom === null ? null : getBytes(logsBloom);
  const agreedLogs = (): Promise<readonly Log[]> =>
    endpoint.agreed(what, (provider) => provider.getLogs({ blockHash: hash, address: market }));
  if (bloom === null || saysNothing(bloom)) return agreedLogs();
  if (!mayHold(bloom, market)) return [];
  try {
    const logs = await endpoint.checked(
      what,
      (provider) => provider.getLogs({ blockHash: hash }),
      (answer) => whatIsMissing(answer, header, bloom),
    );
    return logs.filter(({ address }) => hexOf(address) === hexOf(market));
  } catch (error) {
    // Nodes may refuse to give so many logs at once.
    if (!isRefusal(error)) throw error;
    return agreedLogs();
  }
}

export function isRefusal(error: unknown): boolean {
  return error instanceof AssayError && error.code === "RPC_ERROR";
}

/** What is wrong with an answer that should be all logs of a block; undefined if nothing is. */
export function whatIsMissing(
  logs: readonly Pick<Log, "address" | "topics" | "blockHash" | "index">[],
  { hash }: Pick<Header, "hash">,
  bloom: Uint8Array,
): string | undefined {
  if (logs.some(({ blockHash }) => hexOf(blockHash) !== hash)) return "logs of another block";
  const indices = new Set(logs.map(({ index }) => index));
  for (let index = 0; index < logs.length; index++) if (!indices.has(index)) return `log ${index} is left out`;
  // Some chains add logs that the filter does not know; none may lack.
  return isWithin(bloom, bloomOf(logs))
    ? undefined
    : `logs are left out: ${logs.length} do not explain the block's filter`;
}
