import { type JsonRpcPayload, JsonRpcProvider, type JsonRpcResult, Network } from "ethers";

import { type ChainNode, refusalIn } from "./node.ts";

/**
 * One provider over several nodes: a call goes to the first that is well, and to the next one if that does not answer. Signed
 * transactions go to all nodes, because one that keeps them to itself would cost a deadline.
 */
export class FailoverProvider extends JsonRpcProvider {
  readonly #inOrder: () => readonly ChainNode[];

  /** @param inOrder The nodes in the order in which they should be asked now. */
  constructor(chainId: number, inOrder: () => readonly ChainNode[]) {
    const network = Network.from(chainId);
    // No address of its own: everything goes through the nodes.
    super(undefined, network, { staticNetwork: network, cacheTimeout: -1, batchMaxCount: 20 });
    this.#inOrder = inOrder;
  }

  override async _send(payload: JsonRpcPayload | JsonRpcPayload[]): Promise<JsonRpcResult[]> {
    const asked = Array.isArray(payload) ? payload : [payload];
    const broadcasts = asked.filter(isBroadcast);
    const others = asked.filter((one) => !isBroadcast(one));
    const answers = await Promise.all([
      ...broadcasts.map((one) => this.#toAll(one)),
      ...(others.length === 0 ? [] : [this.#toFirst(others)]),
    ]);
    return answers.flat();
  }

  async #toFirst(calls: JsonRpcPayload[]): Promise<JsonRpcResult[]> {
    let failure: unknown;
    for (const node of this.#inOrder()) {
      if (this.destroyed) break;
      try {
        return await node._send(calls.length === 1 && calls[0] !== undefined ? calls[0] : calls);
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  }

  /** The first node that takes it decides; what the others say is theirs. */
  async #toAll(call: JsonRpcPayload): Promise<JsonRpcResult[]> {
    const replies = this.#inOrder().map((node) => node._send(call));
    const taken = replies.map(async (reply) => {
      const answers = await reply;
      if (answers.some((answer) => refusalIn(answer) !== undefined)) throw new TypeError("refused");
      return answers;
    });
    try {
      return await Promise.any(taken);
    } catch {
      const settled = await Promise.allSettled(replies);
      const answered = settled.find((reply) => reply.status === "fulfilled");
      if (answered !== undefined) return answered.value;
      throw settled.find((reply) => reply.status === "rejected")?.reason;
    }
  }
}

function isBroadcast({ method }: JsonRpcPayload): boolean {
  return method === "eth_sendRawTransaction";
}
