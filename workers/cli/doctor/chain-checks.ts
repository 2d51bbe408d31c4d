import { type Deployment, openProvider } from "../../sdk/index.ts";
import { check, type Finding, problem, type Verdict } from "./check.ts";

/** Seconds. A node further behind has no peers, or is still reading the chain. */
const STALE = 600;
/** Seconds that this machine may be behind the chain; workers decide by the chain's time, and log by this one's. */
const SKEW = 30;
/** Milliseconds that a node gets. */
const PATIENCE = 10_000;

/** Each node by itself: one that is wrong must not hide behind the others. */
export function chainChecks(rpc: readonly string[], deployment: Deployment): Promise<Finding>[] {
  return rpc.map((url, index) =>
    check(rpc.length === 1 ? "node" : `node ${index + 1}`, "see that the node runs and that `rpc` is its address", () =>
      withoutAddress(url, examine(url, deployment)),
    ),
  );
}

async function examine(url: string, deployment: Deployment): Promise<Verdict> {
  const { chainId, market, workerRegistry } = deployment;
  const provider = openProvider(url, deployment);
  try {
    const found = BigInt(String(await within(provider.send("eth_chainId", []))));
    if (found !== BigInt(chainId))
      throw problem(
        `it is on chain ${found}, the deployment is on ${chainId}`,
        "set `rpc` to a node of the right chain",
      );
    const [marketCode, registryCode, block] = await Promise.all([
      within(provider.getCode(market)),
      within(provider.getCode(workerRegistry)),
      within(provider.getBlock("latest")),
    ]);
    if (marketCode === "0x" || registryCode === "0x")
      throw problem(
        `there is no code at ${marketCode === "0x" ? market : workerRegistry}`,
        "take the deployment file of this chain; a local chain that was started anew needs a new deployment",
      );
    return clockOf(block?.number ?? 0, block?.timestamp ?? 0, chainId);
  } finally {
    provider.destroy();
  }
}

function clockOf(number: number, timestamp: number, chainId: number): Verdict {
  const ahead = timestamp - Math.floor(Date.now() / 1000);
  const at = `chain ${chainId} at block ${number}, market found`;
  if (ahead > SKEW)
    return {
      warning: `${at}; its newest block is ${ahead} s ahead of this machine's clock`,
      remedy: "set this machine's clock (NTP); on a local chain whose time was moved this is expected",
    };
  if (-ahead > STALE)
    return {
      warning: `${at}; its newest block is ${-ahead} s old`,
      remedy:
        "the node may be behind: compare its newest block with another's; local chains may have no blocks for long",
    };
  return `${at}, clock ${Math.abs(ahead)} s off its newest block`;
}

async function within<T>(call: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`no answer within ${PATIENCE / 1000} s`)), PATIENCE);
  try {
    return await Promise.race([call, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** Addresses of nodes often hold a key to the service, which errors of libraries repeat. */
async function withoutAddress<T>(url: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Error) error.message = error.message.replaceAll(url, new URL(url).origin);
    throw error;
  }
}
