import {
  FetchRequest,
  type FetchResponse,
  isError,
  type JsonRpcPayload,
  JsonRpcProvider,
  type JsonRpcResult,
  makeError,
  Network,
} from "ethers";
import { z } from "zod";

import { WorkerError } from "../worker-error.ts";

/** How one node has been doing. */
export interface NodeStatus {
  /** Host and port; the rest of an address may hold a key. */
  readonly name: string;
  /** Calls in a row without an answer; 0 for a node that is well. */
  readonly failures: number;
  /** Times that it said something else than the nodes that were believed. */
  readonly dissents: number;
  /** The newest block it told of; null before it was asked. */
  readonly head: number | null;
}

export interface NodeOptions {
  readonly url: string;
  readonly name: string;
  readonly chainId: number;
  /** Milliseconds that one call may take. */
  readonly timeout: number;
}

/** Milliseconds that a node rests after failures in a row: doubles from the first, so that a node that is away costs little. */
const REST = { first: 1000, most: 60_000 };

/** A node that let us wait in vain rests for so many times as long, or waiting for it would be most of what is done. */
const WAITED_TIMES = 3;

/** What nodes and the services in front of them say when they cannot answer now, each in its own words. */
const CANNOT_NOW =
  /rate.?limit|too many requests|throughput|compute units|capacity exceeded|temporarily|try again|timed? ?out|header not found|missing trie node|unknown block|block not found|state .{0,40}not available|historical state/i;
const TOO_MANY_REQUESTS = 429;

/**
 * One JSON-RPC node. What says nothing about the chain (no answer, a rate limit, a state that the node does not have) is thrown
 * as a network failure, also where a node says it in the place of a contract's revert. A node that does not answer rests for a
 * while: whoever has a choice asks others meanwhile. Before its first answer it must be on the right chain.
 */
export class ChainNode extends JsonRpcProvider {
  readonly name: string;
  head: number | null = null;
  dissents = 0;
  readonly #chainId: number;
  #isOfChain = false;
  #failures = 0;
  #restUntil = 0;

  constructor({ url, name, chainId, timeout }: NodeOptions) {
    const request = new FetchRequest(url);
    request.timeout = timeout;
    // A node that has enough of us is left alone: ethers would ask it again at once.
    request.retryFunc = () => Promise.resolve(false);
    const network = Network.from(chainId);
    super(request, network, { staticNetwork: network, cacheTimeout: -1, batchMaxCount: 20 });
    this.name = name;
    this.#chainId = chainId;
  }

  get isResting(): boolean {
    return Date.now() < this.#restUntil;
  }

  get status(): NodeStatus {
    return { name: this.name, failures: this.#failures, dissents: this.dissents, head: this.head };
  }

  /** Lets the node rest, at least for these milliseconds. */
  rest(least = 0): void {
    this.#failures++;
    const pause = Math.min(REST.most, REST.first * 2 ** (this.#failures - 1));
    this.#restUntil = Date.now() + Math.min(REST.most, Math.max(least, pause));
  }

  override async _send(payload: JsonRpcPayload | JsonRpcPayload[]): Promise<JsonRpcResult[]> {
    if (!this.#isOfChain) await this.#checkChain();
    const answers = await this.#ask(payload);
    this.#failures = 0;
    this.#restUntil = 0;
    const asked = Array.isArray(payload) ? payload : [payload];
    for (const { id, method } of asked) {
      const answer = answers.find((one) => one.id === id);
      if (answer === undefined) throw this.#unable(`no answer to ${method}`, answers);
      const refusal = refusalIn(answer);
      if (refusal === undefined || !cannotNow(refusal)) continue;
      if (isThrottled(refusal)) this.rest();
      throw this.#unable(`${method}: ${refusal.message}`, answer);
    }
    return answers;
  }

  async #ask(payload: JsonRpcPayload | JsonRpcPayload[]): Promise<JsonRpcResult[]> {
    const began = performance.now();
    try {
      return await super._send(payload);
    } catch (error) {
      if (this.destroyed) throw error;
      const waited = performance.now() - began;
      const response = isError(error, "SERVER_ERROR") ? error.response : undefined;
      this.rest(Math.max(retryAfter(response), waited * WAITED_TIMES));
      // A page of HTML, for instance, is no answer either.
      throw isError(error, "UNSUPPORTED_OPERATION") ? this.#unable("its answer is no JSON", error) : error;
    }
  }

  async #checkChain(): Promise<void> {
    const [answer] = await this.#ask({ id: 0, jsonrpc: "2.0", method: "eth_chainId", params: [] });
    if (answer === undefined || refusalIn(answer) !== undefined) throw this.#unable("no answer to eth_chainId", answer);
    const found = BigInt(String(answer.result));
    if (found !== BigInt(this.#chainId))
      throw new WorkerError(
        "CHAIN_ID_MISMATCH",
        `the node ${this.name} is on chain ${found}, not on ${this.#chainId}`,
        {
          details: { had: found, needed: this.#chainId },
        },
      );
    this.#isOfChain = true;
  }

  #unable(message: string, cause: unknown): Error {
    return makeError(`${this.name} cannot answer: ${message}`, "NETWORK_ERROR", { event: "answer", info: { cause } });
  }
}

const refused = z.object({
  error: z.object({ code: z.unknown().optional(), message: z.string().catch(""), data: z.unknown().optional() }),
});
type Refusal = z.infer<typeof refused>["error"];

/** ethers' type knows of results only, but refusals are among them. */
export function refusalIn(answer: JsonRpcResult): Refusal | undefined {
  return refused.safeParse(answer).data?.error;
}

/** What a contract returns comes with data, whatever the words. */
function cannotNow(refusal: Refusal): boolean {
  const hasData = typeof refusal.data === "string" && refusal.data.length > 2;
  return !hasData && (isThrottled(refusal) || CANNOT_NOW.test(refusal.message));
}

function isThrottled({ code, message }: Refusal): boolean {
  return code === TOO_MANY_REQUESTS || /rate.?limit|too many requests|compute units/i.test(message);
}

function retryAfter(response: FetchResponse | undefined): number {
  const seconds = Number(response?.headers["retry-after"] ?? 0);
  return Number.isFinite(seconds) ? seconds * 1000 : 0;
}

/** Names by host, with a number where two nodes have the same. */
export function nodeNames(urls: readonly string[]): string[] {
  return urls.map((url, index) => {
    const { host } = new URL(url);
    const twins = urls.filter((other) => new URL(other).host === host);
    return twins.length === 1 ? host : `${host} (${index + 1})`;
  });
}
