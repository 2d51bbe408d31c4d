import type { Endpoint } from "./endpoint.ts";

/**
 * The time that a transaction sent now would see, in seconds. Blocks may be far apart, so the newest one is no clock;
 * a node's pending block is. Nodes without one: the later of the newest block and this machine's time.
 */
export async function chainTime({ provider, retrying }: Endpoint): Promise<number> {
  const [latest, pending] = await retrying("the chain's time", () =>
    Promise.all([provider.getBlock("latest"), provider.getBlock("pending").catch(() => null)]),
  );
  const newest = latest?.timestamp ?? 0;
  if (pending !== null && pending.timestamp > newest) return pending.timestamp;
  return Math.max(newest, Math.floor(Date.now() / 1000));
}
