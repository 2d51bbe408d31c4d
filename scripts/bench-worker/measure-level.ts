import { hexlify, toQuantity } from "ethers";

import type { MarketChain } from "../../test/workers/daemon/market-chain.ts";
import { populateWrite } from "../../workers/sdk/access.ts";
import { decodeMarketLogs } from "../../workers/sdk/facts.ts";
import { fetchLogs } from "../../workers/sdk/fetch-logs.ts";
import { prepareRequest } from "../../workers/sdk/prepare-request.ts";
import type { MarketWatch } from "../workload/market-watch.ts";
import { type JobKind, planJob } from "../workload/mixed-jobs.ts";

export interface LevelResult {
  readonly kind: JobKind;
  /** Jobs asked for in one block; from that block until the last has its result. */
  readonly jobsPerSecond: number;
  /** Milliseconds from the block of the request to the block of the result, one job after the other. */
  readonly latencyMedian: number;
  readonly latency95: number;
}

export interface LevelSizes {
  readonly together: number;
  readonly oneByOne: number;
}

const REQUESTER = 9;
const GAS_LIMIT = 500_000;
/** Milliseconds. */
const PATIENCE = 600_000;
const RESULT = ["JobExecuted", "JobFulfilled"] as const;

/** Measures a kind of jobs with whatever workers run. */
export async function measureLevel(
  chain: MarketChain,
  watch: MarketWatch,
  kind: JobKind,
  { together, oneByOne }: LevelSizes,
): Promise<LevelResult> {
  // What is loaded at the first job of a version is no part of it.
  await finish(watch, await askTogether(chain, kind, 1));
  const latencies: number[] = [];
  for (let index = 0; index < oneByOne; index++) latencies.push(await finish(watch, await askTogether(chain, kind, 1)));
  latencies.sort((left, right) => left - right);
  const all = await finish(watch, await askTogether(chain, kind, together));
  return {
    kind,
    jobsPerSecond: (1000 * together) / all,
    latencyMedian: latencies[Math.floor(oneByOne / 2)] ?? Number.NaN,
    latency95: latencies[Math.ceil(oneByOne * 0.95) - 1] ?? Number.NaN,
  };
}

interface Asked {
  readonly jobIds: readonly string[];
  /** When their block came. */
  readonly at: number;
}

/** All of them in one block. */
async function askTogether(chain: MarketChain, kind: JobKind, count: number): Promise<Asked> {
  const { provider, deployment } = chain;
  const wallet = chain.wallet(REQUESTER);
  const client = await chain.clientOf(REQUESTER);
  const nonce = await provider.getTransactionCount(wallet.address);
  const { maxFeePerGas } = await provider.getFeeData();
  const raw: string[] = [];
  for (let index = 0; index < count; index++) {
    const input = Array.from({ length: 8 }, (_, at) => ((index * 7 + at * 3) % 21) - 10);
    const { request, input: packed } = await prepareRequest(client, planJob(chain, kind, input).request);
    const args = [request, hexlify(packed)] as const;
    const call = populateWrite(client, { contract: "market", functionName: "request", args, value: request.maxFee });
    const fees = { type: 2, maxFeePerGas: (maxFeePerGas ?? 0n) * 2n, maxPriorityFeePerGas: 1n };
    const { to, data, value } = call;
    raw.push(
      await wallet.signTransaction({
        to,
        data,
        value,
        ...fees,
        chainId: deployment.chainId,
        nonce: nonce + index,
        gasLimit: GAS_LIMIT,
      }),
    );
  }
  await provider.send("evm_setAutomine", [false]);
  for (const bytes of raw) await provider.send("eth_sendRawTransaction", [bytes]);
  await provider.send("evm_mine", []);
  const at = performance.now();
  await provider.send("evm_setAutomine", [true]);
  const block = await provider.getBlockNumber();
  const logs = await fetchLogs(client, { contract: "market", events: ["JobRequested"], fromBlock: block - 2 });
  const jobIds = decodeMarketLogs(logs)
    .flatMap((fact) => (fact.kind === "JobRequested" ? [fact.jobId] : []))
    .slice(-count);
  if (jobIds.length < count) throw new Error(`${count - jobIds.length} requests are not in block ${toQuantity(block)}`);
  return { jobIds, at };
}

/** Milliseconds until the last of them has its result. */
async function finish(watch: MarketWatch, { jobIds, at }: Asked): Promise<number> {
  await watch.until(jobIds, RESULT, PATIENCE);
  const isResult = (kind: string): boolean => RESULT.some((one) => one === kind);
  const seen = jobIds.flatMap((jobId) => watch.of(jobId).filter(({ fact }) => isResult(fact.kind)));
  return Math.max(...seen.map((sighting) => sighting.at)) - at;
}
