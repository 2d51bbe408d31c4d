import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { hexlify, keccak256, toQuantity, Transaction, toUtf8Bytes, zeroPadValue } from "ethers";

import { bloomOf } from "../../../workers/daemon/chain/bloom.ts";
import { interfaceOf } from "../../../workers/sdk/contracts.ts";

export const MARKET = "0xcCcCcCcCcCcCcCcCcCcCcCcCcCcCcCcCcCcCcCcC".toLowerCase();
const ZERO = `0x${"00".repeat(32)}`;

interface Call {
  readonly id: number;
  readonly method: string;
  readonly params: readonly unknown[];
}

/** Of topics only the second is looked at, which is the job's. */
type LogFilter = { readonly topics?: readonly unknown[] } & (
  { readonly blockHash: string } | { readonly fromBlock: string; readonly toBlock: string }
);

interface ScriptedLog {
  readonly topics: readonly string[];
  readonly data: string;
}

interface ScriptedBlock {
  readonly hash: string;
  readonly parentHash: string;
  readonly logs: readonly ScriptedLog[];
}

/** What a call is answered with instead of the truth; undefined answers the truth. */
export type Misbehaviour = (
  call: Call,
) => { readonly error: { code: number; message: string } } | "silence" | undefined;

/**
 * A JSON-RPC server over real HTTP whose chain and faults a test writes: here the chain's misbehaviour is the input.
 * Transactions wait until the test mines them.
 */
export async function startScriptedNode({ chainId = 31337 }: { chainId?: number } = {}) {
  let blocks: ScriptedBlock[] = [];
  let misbehaviour: Misbehaviour = () => undefined;
  const calls: Call[] = [];
  const pool = new Map<string, Transaction>();
  const receipts = new Map<string, { block: number; ok: boolean; logs: readonly ScriptedLog[] }>();
  let balance = 10n ** 18n;
  let feeHistory: unknown = {
    oldestBlock: "0x0",
    baseFeePerGas: ["0x3b9aca00", "0x3b9aca00"],
    gasUsedRatio: [0],
    reward: [["0x0", "0x0", "0x0"]],
  };
  /** What the node says of gas, whatever is asked. */
  const suggested: Record<string, string> = { eth_maxPriorityFeePerGas: "0x3b9aca00", eth_estimateGas: "0x5208" };
  let gasFailure: { code: number; message: string; data?: string } | undefined;
  let count = 0;

  const blockJson = (number: number): unknown => {
    const block = blocks[number];
    if (block === undefined) return null;
    return {
      number: toQuantity(number),
      hash: block.hash,
      parentHash: block.parentHash,
      timestamp: toQuantity(1000 + number),
      nonce: "0x0000000000000000",
      difficulty: "0x0",
      gasLimit: "0x1c9c380",
      gasUsed: "0x0",
      miner: `0x${"00".repeat(20)}`,
      extraData: "0x",
      logsBloom: hexlify(bloomOf(block.logs.map(({ topics }) => ({ address: MARKET, topics })))),
      baseFeePerGas: "0x3b9aca00",
      transactions: [],
    };
  };
  const heightIn = (filter: LogFilter): number =>
    "blockHash" in filter ? blocks.findIndex(({ hash }) => hash === filter.blockHash) : 0;
  const logsOf = (filter: LogFilter): unknown[] => {
    const height = heightIn(filter);
    const [first, last] = "blockHash" in filter ? [height, height] : [Number(filter.fromBlock), Number(filter.toBlock)];
    const subjects = filter.topics?.[1];
    const isWanted = ({ topics }: ScriptedLog): boolean => !Array.isArray(subjects) || subjects.includes(topics[1]);
    return blocks.slice(first, last + 1).flatMap((block, offset) =>
      block.logs
        .map((log, index) => ({
          address: MARKET,
          topics: log.topics,
          data: log.data,
          blockNumber: toQuantity(first + offset),
          blockHash: block.hash,
          transactionHash: keccak256(toUtf8Bytes(`${block.hash}:${index}`)),
          transactionIndex: "0x0",
          logIndex: toQuantity(index),
          removed: false,
        }))
        .filter(isWanted),
    );
  };
  const receiptJson = (hash: string): unknown => {
    const found = receipts.get(hash);
    const block = found === undefined ? undefined : blocks[found.block];
    if (found === undefined || block === undefined) return null;
    return {
      transactionHash: hash,
      transactionIndex: "0x0",
      blockNumber: toQuantity(found.block),
      blockHash: block.hash,
      from: MARKET,
      to: MARKET,
      contractAddress: null,
      status: found.ok ? "0x1" : "0x0",
      gasUsed: "0x5208",
      cumulativeGasUsed: "0x5208",
      effectiveGasPrice: "0x1",
      logsBloom: `0x${"00".repeat(256)}`,
      logs: found.logs.map(({ topics, data }, index) => ({
        address: MARKET,
        topics,
        data,
        blockNumber: toQuantity(found.block),
        blockHash: block.hash,
        transactionHash: hash,
        transactionIndex: "0x0",
        logIndex: toQuantity(index),
        removed: false,
      })),
      type: "0x2",
    };
  };
  const transactionJson = (hash: string): unknown => {
    const found = pool.get(hash);
    if (found === undefined) return null;
    return {
      hash,
      blockNumber: null,
      blockHash: null,
      from: found.from,
      to: found.to,
      nonce: toQuantity(found.nonce),
      value: toQuantity(found.value),
      gas: toQuantity(found.gasLimit),
      gasPrice: "0x1",
      maxFeePerGas: toQuantity(found.maxFeePerGas ?? 0n),
      maxPriorityFeePerGas: toQuantity(found.maxPriorityFeePerGas ?? 0n),
      input: found.data,
      chainId: toQuantity(chainId),
      type: "0x2",
      v: "0x0",
      r: zeroPadValue("0x01", 32),
      s: zeroPadValue("0x01", 32),
    };
  };

  const answer = ({ method, params }: Call): unknown => {
    const text = String(params[0]);
    switch (method) {
      case "eth_chainId":
        return toQuantity(chainId);
      case "eth_blockNumber":
        return toQuantity(blocks.length - 1);
      case "eth_getBlockByNumber":
        return blockJson(text === "latest" || text === "pending" ? blocks.length - 1 : Number(text));
      case "eth_getLogs":
        return logsOf(params[0] as LogFilter);
      case "eth_getTransactionCount":
        return toQuantity(count);
      case "eth_getTransactionReceipt":
        return receiptJson(text);
      case "eth_getTransactionByHash":
        return transactionJson(text);
      case "eth_getBalance":
        return toQuantity(balance);
      case "eth_feeHistory":
        return feeHistory;
      case "eth_sendRawTransaction": {
        const transaction = Transaction.from(text);
        pool.set(transaction.hash ?? "", transaction);
        return transaction.hash;
      }
      default:
        if (method in suggested) return suggested[method];
        throw new Error(`the scripted node does not know ${method}`);
    }
  };

  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body: unknown = JSON.parse(Buffer.concat(chunks).toString());
      const asked = (Array.isArray(body) ? body : [body]) as Call[];
      calls.push(...asked);
      const replies = asked.map((call) => {
        const wrong = misbehaviour(call);
        if (wrong === "silence") return wrong;
        if (wrong === undefined && call.method === "eth_getLogs" && heightIn(call.params[0] as LogFilter) === -1)
          return { jsonrpc: "2.0", id: call.id, error: { code: -32000, message: "unknown block" } };
        if (wrong === undefined && call.method === "eth_estimateGas" && gasFailure !== undefined)
          return { jsonrpc: "2.0", id: call.id, error: gasFailure };
        return { jsonrpc: "2.0", id: call.id, ...(wrong ?? { result: answer(call) }) };
      });
      if (replies.includes("silence")) return;
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify(Array.isArray(body) ? replies : replies[0]));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}`,
    calls,
    pool,
    /** Adds blocks; the same branch and height always give the same hash. */
    mine(branch: string, ...logs: readonly (readonly ScriptedLog[])[]): void {
      for (const inBlock of logs) {
        const parentHash = blocks.at(-1)?.hash ?? ZERO;
        blocks.push({ hash: keccak256(toUtf8Bytes(`${branch}:${blocks.length}`)), parentHash, logs: inBlock });
      }
    },
    /** Drops every block from this height on, with the receipts in them. */
    orphan(height: number): void {
      blocks = blocks.slice(0, height);
      for (const [hash, { block }] of receipts) if (block >= height) receipts.delete(hash);
    },
    include(hash: string, options: { ok?: boolean; count?: number; logs?: readonly ScriptedLog[] } = {}): void {
      receipts.set(hash, { block: blocks.length - 1, ok: options.ok ?? true, logs: options.logs ?? [] });
      pool.delete(hash);
      count = options.count ?? count + 1;
    },
    setCount(value: number): void {
      count = value;
    },
    /** Base fee of the next block and tips of the one before: low, middle and high; none if it was empty. */
    setFees(baseFee: bigint, tips: readonly bigint[] = []): void {
      feeHistory = {
        oldestBlock: "0x0",
        baseFeePerGas: [toQuantity(baseFee), toQuantity(baseFee)],
        gasUsedRatio: [tips.length === 0 ? 0 : 0.5],
        reward: [tips.length === 0 ? ["0x0", "0x0", "0x0"] : tips.map((tip) => toQuantity(tip))],
      };
    },
    setBalance(value: bigint): void {
      balance = value;
    },
    answerEstimates(units: bigint): void {
      suggested["eth_estimateGas"] = toQuantity(units);
    },
    failEstimates(failure: typeof gasFailure): void {
      gasFailure = failure;
    },
    misbehave(next: Misbehaviour): void {
      misbehaviour = next;
    },
    async close(): Promise<void> {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
export type ScriptedNode = Awaited<ReturnType<typeof startScriptedNode>>;

/** A market event as a log. */
export function marketLog(event: string, values: readonly unknown[]): ScriptedLog {
  const { topics, data } = interfaceOf("market").encodeEventLog(event, values);
  return { topics, data };
}
