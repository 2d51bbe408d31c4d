/**
 * The worker's way to the chain: one or several nodes.
 *
 * Words
 * - **provider**: asks the first node that is well, and the next one if that does not answer. For reads that only cost time
 *   if they are wrong.
 * - **agreed**: asks several nodes; for reads that decide about money (`agreement.ts`).
 * - **resting**: a node that did not answer is not asked for a while unless all others fail too.
 */
import type { JsonRpcProvider } from "ethers";
import type { Logger } from "pino";

import { WorkerError } from "../worker-error.ts";
import { agree, askAll } from "./agreement.ts";
import { askUntilSound } from "./checked-read.ts";
import { FailoverProvider } from "./failover.ts";
import { createHeads, lowerMedian } from "./heads.ts";
import { ChainNode, nodeNames, type NodeStatus } from "./node.ts";
import { createRetrying } from "./retrying.ts";

export interface EndpointOptions {
  /** Nodes of the chain; the first one that is well is preferred. */
  readonly urls: readonly string[];
  readonly chainId: number;
  readonly logger: Logger;
  /** Milliseconds that one call may take. */
  readonly timeout: number;
  /** How often a call that got no answer is repeated, with growing pauses. */
  readonly retries: number;
  /** How many nodes must give the same answer in reads that decide about money. Default: half of them, rounded up. */
  readonly quorum?: number | undefined;
  /** Milliseconds that silent nodes get once a quorum has answered. */
  readonly grace?: number;
}

export interface Endpoint {
  readonly provider: JsonRpcProvider;
  /**
   * Repeats a call that got no answer and reports each repetition. A call that was answered, even with a refusal, is
   * not repeated. Throws the last error, as an `AssayError`.
   */
  readonly retrying: <T>(what: string, call: () => Promise<T>) => Promise<T>;
  /**
   * A read that decides about money: a quorum of nodes must answer the same, and more of them than answer anything else.
   * Repeated while they contradict each other or are silent, then `RPC_DISAGREEMENT` (which names who said what) or
   * `RPC_UNREACHABLE`. With one node it is `retrying`.
   */
  readonly agreed: <T>(what: string, call: (provider: JsonRpcProvider) => Promise<T>) => Promise<T>;
  /** A number in which honest nodes may differ a little, such as a time: the middle of what they say. */
  readonly median: (what: string, call: (provider: JsonRpcProvider) => Promise<number>) => Promise<number>;
  /**
   * Asks node after node until an answer has no problem. For answers that can be checked, so that one honest node is enough.
   * Throws `RPC_INCOMPLETE` with the problem of each, retryable.
   */
  readonly checked: <T>(
    what: string,
    call: (provider: JsonRpcProvider) => Promise<T>,
    problemOf: (answer: T) => string | undefined,
  ) => Promise<T>;
  /** Number of the newest block that most nodes have. */
  head(): Promise<number>;
  status(): readonly NodeStatus[];
  /** Makes calls in progress give up after their present attempt. */
  close(): void;
}

const GRACE = 2000;

/** Throws `CHAIN_ID_MISMATCH` for a node of another chain: everything this worker knows would be about the wrong one. */
export async function openEndpoint(options: EndpointOptions): Promise<Endpoint> {
  const { urls, chainId, logger, timeout, retries, grace = GRACE } = options;
  const names = nodeNames(urls);
  const nodes = urls.map((url, index) => new ChainNode({ url, name: names[index] ?? url, chainId, timeout }));
  const quorum = options.quorum ?? Math.ceil(nodes.length / 2);
  const only = nodes.length === 1 ? nodes[0] : undefined;
  const heads = createHeads();
  let believed = 0;

  /** Those that are well first, in the order of the configuration, then those that lag, then those that rest. */
  const inOrder = (): readonly ChainNode[] => {
    const lags = ({ head }: ChainNode): boolean => head !== null && head < believed - LAG;
    const rank = (node: ChainNode): number => (node.isResting ? 2 : lags(node) ? 1 : 0);
    return nodes.toSorted((one, other) => rank(one) - rank(other));
  };
  /** Resting nodes are silent anyway; they are asked only where a quorum needs them. */
  const voters = (): { readonly nodes: readonly ChainNode[]; readonly resting: readonly ChainNode[] } => {
    const awake = nodes.filter(({ isResting }) => !isResting);
    if (awake.length < quorum) return { nodes, resting: [] };
    return { nodes: awake, resting: nodes.filter((node) => !awake.includes(node)) };
  };

  const provider = new FailoverProvider(chainId, inOrder);
  const closing = new AbortController();
  const destroy = (): void => {
    for (const one of [provider, ...nodes]) one.destroy();
  };
  const retrying = createRetrying({ retries, logger, signal: closing.signal });
  const question = <T>(what: string, call: (node: JsonRpcProvider) => Promise<T>) => ({
    what,
    ...voters(),
    quorum,
    grace,
    call,
    onDissent: ({ name }: ChainNode, said: string) => logger.warn({ what, node: name, said }, "a node was outvoted"),
  });

  const endpoint: Endpoint = {
    provider,
    retrying,
    agreed: (what, call) => retrying(what, () => (only === undefined ? agree(question(what, call)) : call(only))),
    async median(what, call) {
      const answers = await retrying(what, () => askAll(question(what, call)));
      return lowerMedian(answers.map(({ value }) => value));
    },
    checked: (what, call, problemOf) =>
      retrying(what, () =>
        askUntilSound({
          ...{ what, nodes: inOrder(), call, problemOf },
          onProblem: ({ name }, problem) => logger.warn({ what, node: name, problem }, "a node's answer does not hold"),
        }),
      ),
    async head() {
      const what = "the newest block";
      const ask = async (node: JsonRpcProvider) => Number(await askNumber(node, "eth_blockNumber"));
      believed = heads(await retrying(what, () => askAll(question(what, ask))));
      return believed;
    },
    status: () => nodes.map(({ status }) => status),
    close() {
      closing.abort(new WorkerError("RPC_UNREACHABLE", "the worker is stopping", { retryable: true }));
      destroy();
    },
  };
  try {
    await retrying("asking for the chain id", () => meetNodes(nodes, quorum));
  } catch (error) {
    destroy();
    throw error;
  }
  return endpoint;
}

/** A node of another chain is a mistake in the configuration, even beside good ones; silent ones may come back. */
async function meetNodes(nodes: readonly ChainNode[], quorum: number): Promise<void> {
  const met = await Promise.allSettled(nodes.map((node) => askNumber(node, "eth_chainId")));
  const failures = met.flatMap((one): unknown[] => (one.status === "rejected" ? [one.reason] : []));
  const stranger = failures.find((reason) => reason instanceof WorkerError);
  if (stranger !== undefined) throw stranger;
  if (nodes.length - failures.length < quorum) throw failures[0];
}

/** Blocks that a node may be behind before others are preferred. */
const LAG = 2;

/** Calls a method that answers with one number. */
export async function askNumber(
  provider: JsonRpcProvider,
  method: string,
  parameters: unknown[] = [],
): Promise<bigint> {
  const answer: unknown = await provider.send(method, parameters);
  return BigInt(String(answer));
}
