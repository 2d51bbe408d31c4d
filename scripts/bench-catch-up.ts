// `npm run bench:catch-up [-- --blocks 100000 --jobs 200]`: how long a worker that was away needs to read what it missed, from
// one node, from three, and from one that refuses ranges of more than 500 blocks. On Hardhat's node, over HTTP.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { pino } from "pino";

import { startFaultyProxy } from "../test/faulty-proxy.ts";
import { type MarketChain, startMarketChain } from "../test/workers/daemon/market-chain.ts";
import { openEndpoint } from "../workers/daemon/chain/endpoint.ts";
import { createFollower } from "../workers/daemon/chain/follower.ts";
import { hexOf } from "../workers/daemon/chain/job-struct.ts";
import { openJournal } from "../workers/daemon/index.ts";
import { DEFAULTS } from "../workers/daemon/worker-config.ts";
import { request } from "../workers/sdk/actions/request.ts";

const { values } = parseArgs({
  options: { blocks: { type: "string", default: "100000" }, jobs: { type: "string", default: "200" } },
});
const [blocks, jobs] = [Number(values.blocks), Number(values.jobs)];
if (!(jobs > 0 && blocks >= jobs))
  throw new Error("--blocks and --jobs are numbers above 0, with more blocks than jobs");
const INPUT = [3n, -1n, 4n, -1n, 5n, -9n, 2n, 6n];
const REFUSED_ABOVE = 500;
const NEAR = 64;

const chain = await startMarketChain();
await fill(chain);
process.stdout.write(`${blocks} blocks with ${jobs} requests\n`);
for (const [nodes, longestRange] of [
  [1, Number.POSITIVE_INFINITY],
  [3, Number.POSITIVE_INFINITY],
  [1, REFUSED_ABOVE],
] as const) {
  const { seconds, calls, facts } = await catchUp(chain, nodes, longestRange);
  const limit = Number.isFinite(longestRange) ? `, ranges above ${longestRange} refused` : "";
  process.stdout.write(`${nodes} node(s)${limit}: ${seconds} s, ${calls} calls, ${facts} facts\n`);
}
await chain.close();
// Hardhat keeps handles open that nothing else needs.
process.exit(0);

/** Requests spread evenly over as many blocks as were asked for. */
async function fill(filled: MarketChain): Promise<void> {
  const { regressorId, provider } = filled;
  await filled.enlist(2, regressorId, ["Vanilla", "Tee"]);
  const requester = await filled.clientOf(9);
  const between = Math.floor(blocks / jobs) - 1;
  for (let job = 0; job < jobs; job++) {
    await request(requester, { versionId: regressorId, level: "Vanilla", input: [INPUT], maxFee: 10n ** 12n });
    await provider.send("hardhat_mine", [`0x${between.toString(16)}`]);
  }
  // Blocks that Hardhat skips do not name their parents, as the near ones of a real chain do.
  for (let block = 0; block < NEAR; block++) await provider.send("evm_mine", []);
}

async function catchUp({ url, deployment, wallet }: MarketChain, nodes: number, longestRange: number) {
  const directory = mkdtempSync(join(tmpdir(), "assay-catch-up-"));
  const proxies = await Promise.all(Array.from({ length: nodes }, () => startFaultyProxy(url)));
  for (const proxy of proxies)
    proxy.misbehave(({ method, params: [filter] }) =>
      method === "eth_getLogs" && lengthOf(filter) > longestRange
        ? { kind: "error", code: -32_005, message: `at most ${longestRange} blocks` }
        : undefined,
    );
  const logger = pino({ level: "silent" });
  const { chainId, market } = deployment;
  const endpoint = await openEndpoint({
    ...{ urls: proxies.map((proxy) => proxy.url), chainId, logger },
    ...{ timeout: DEFAULTS.rpcTimeout, retries: DEFAULTS.rpcRetries },
  });
  const identity = { chainId, market: hexOf(market), workerKey: hexOf(wallet(2).address) };
  const journal = openJournal(join(directory, "journal.sqlite"), identity);
  const follower = await createFollower({ ...DEFAULTS, endpoint, journal, deployment, logger });
  const began = performance.now();
  let facts = 0;
  for (let caughtUp = false; !caughtUp;) {
    const read = await follower.poll();
    facts += read.fresh.length;
    process.stderr.write(`\r${(await journal.blocks(1))[0]?.number ?? 0} of ${follower.head()} blocks`);
    ({ caughtUp } = read);
  }
  process.stderr.write("\n");
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  endpoint.close();
  await journal.close();
  for (const proxy of proxies) await proxy.close();
  rmSync(directory, { recursive: true });
  return { seconds, calls: proxies.reduce((sum, proxy) => sum + proxy.calls.length, 0), facts };
}

function lengthOf(filter: unknown): number {
  if (typeof filter !== "object" || filter === null || !("fromBlock" in filter) || !("toBlock" in filter)) return 1;
  return Number(filter.toBlock) - Number(filter.fromBlock) + 1;
}
