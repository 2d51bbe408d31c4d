import type { Log } from "ethers";

import type { BlockMark } from "../journal/journal.ts";
import { readBlockLogs } from "./block-logs.ts";
import type { Endpoint } from "./endpoint.ts";
import { type Header, readHeader } from "./header.ts";

export interface NearBlocks {
  readonly market: string;
  readonly from: number;
  readonly to: number;
  /** What must come just before the first block; null if that is not known. */
  readonly parent: BlockMark | null;
}

export interface NearLogs {
  readonly logs: readonly Log[];
  /** The blocks that were read, each the parent of the next: fewer than were wanted if the chain changed meanwhile. */
  readonly marks: readonly BlockMark[];
  /** The first block does not follow the parent: that is not on the chain any more. */
  readonly isForked: boolean;
}

/** The market's logs near the newest block, block by block: their hashes tie them together, and each block's logs to it. */
export async function readNear(endpoint: Endpoint, { market, from, to, parent }: NearBlocks): Promise<NearLogs> {
  const numbers = Array.from({ length: to - from + 1 }, (_, index) => from + index);
  const headers = await Promise.all(
    numbers.map((number) => endpoint.agreed(`block ${number}`, (provider) => readHeader(provider, number))),
  );
  const [first] = headers;
  if (first !== undefined && first !== null && parent !== null && first.parentHash !== parent.hash)
    return { logs: [], marks: [], isForked: true };
  const chain = linked(headers);
  const logs = await Promise.all(chain.map((header) => readBlockLogs(endpoint, header, market)));
  return { logs: logs.flat(), marks: chain.map(({ number, hash }) => ({ number, hash })), isForked: false };
}

/** As many as follow each other from the first one on. */
function linked(headers: readonly (Header | null)[]): readonly Header[] {
  const chain: Header[] = [];
  for (const header of headers) {
    const last = chain.at(-1);
    if (header === null || (last !== undefined && header.parentHash !== last.hash)) break;
    chain.push(header);
  }
  return chain;
}
