import type { Log } from "ethers";

import type { Client } from "./client.ts";
import { type ContractName, interfaceOf } from "./contracts.ts";
import { fromRpc } from "./rpc-error.ts";

export interface FetchLogsParameters {
  readonly contract: ContractName;
  /** Names of events; all of the contract's when empty. */
  readonly events?: readonly string[];
  /** Values of the first, second and third indexed argument as 32-byte hex; null for any, a list for one of them. */
  readonly indexed?: readonly (string | string[] | null)[];
  readonly fromBlock?: number;
  readonly toBlock?: number;
}

/** Ranges are not cut smaller than this many blocks. */
const SMALLEST_RANGE = 64;

/** A filter of logs by address and topics, and what they are, for error messages. */
export interface LogFilter {
  readonly address: string | string[];
  readonly topics: (null | string | string[])[];
  readonly context: string;
}

/** All logs of a contract in a range of blocks, by default since the deployment. */
export async function fetchLogs(client: Client, parameters: FetchLogsParameters): Promise<Log[]> {
  const { contract, events = [], indexed = [], ...range } = parameters;
  const contractInterface = interfaceOf(contract);
  const kinds = events.map((name) => {
    const fragment = contractInterface.getEvent(name);
    if (fragment === null) throw new TypeError(`${contract} has no event ${name}`);
    return fragment.topicHash;
  });
  const topics = [kinds.length === 0 ? null : kinds, ...indexed];
  return fetchLogsOf(client, { address: client.deployment[contract], topics, context: `logs of ${contract}` }, range);
}

/**
 * Logs of any contract. Nodes limit ranges and answers, each in its own words: a range that is refused is asked for again
 * in halves.
 */
export async function fetchLogsOf(
  client: Client,
  { context, ...filter }: LogFilter,
  range: Pick<FetchLogsParameters, "fromBlock" | "toBlock"> = {},
): Promise<Log[]> {
  const fetchRange = async (fromBlock: number, toBlock: number): Promise<Log[]> => {
    try {
      return await client.provider.getLogs({ ...filter, fromBlock, toBlock });
    } catch (error) {
      const failure = fromRpc(error, context);
      if (failure.code === "RPC_UNREACHABLE" || toBlock - fromBlock < SMALLEST_RANGE) throw failure;
      const middle = Math.floor((fromBlock + toBlock) / 2);
      return [...(await fetchRange(fromBlock, middle)), ...(await fetchRange(middle + 1, toBlock))];
    }
  };

  try {
    const toBlock = range.toBlock ?? (await client.provider.getBlockNumber());
    const fromBlock = range.fromBlock ?? client.deployment.fromBlock;
    return fromBlock > toBlock ? [] : await fetchRange(fromBlock, toBlock);
  } catch (error) {
    throw fromRpc(error, context);
  }
}
