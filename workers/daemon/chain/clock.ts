import type { JsonRpcProvider } from "ethers";
import { z } from "zod";

import type { Endpoint } from "./endpoint.ts";

const quantity = z.string().regex(/^0x[0-9a-f]+$/i);
/** A pending block may have no number yet, which is more than ethers takes. */
const blockTime = z.object({ timestamp: quantity, number: quantity.nullish() });

/**
 * The time that a transaction sent now would see, in seconds. Blocks may be far apart, so the newest one is no clock;
 * a node's pending block is, also where it is far behind this machine. Nodes without one, or which pass the newest block off as
 * pending: the later of the newest block and this machine's time. Of several nodes the middle: a clock that is wrong decides nothing.
 */
export function chainTime({ median }: Endpoint): Promise<number> {
  return median("the chain's time", timeAt);
}

async function timeAt(provider: JsonRpcProvider): Promise<number> {
  const timeOf = async (tag: "latest" | "pending") =>
    blockTime.nullable().parse(await provider.send("eth_getBlockByNumber", [tag, false]));
  const [latest, pending] = await Promise.all([timeOf("latest"), timeOf("pending").catch(() => null)]);
  const newest = Number(latest?.timestamp ?? 0);
  const isNext = pending !== null && (pending.number ?? null) !== (latest?.number ?? null);
  return Math.max(newest, isNext ? Number(pending.timestamp) : Math.floor(Date.now() / 1000));
}
