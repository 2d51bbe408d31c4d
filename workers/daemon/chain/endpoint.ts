import { FetchRequest, JsonRpcProvider, Network } from "ethers";
import pRetry from "p-retry";
import type { Logger } from "pino";

import type { AssayError } from "../../../circuits/format/error.ts";
import { fromRpc } from "../../sdk/rpc-error.ts";
import { WorkerError } from "../worker-error.ts";

export interface EndpointOptions {
  readonly url: string;
  readonly chainId: number;
  readonly logger: Logger;
  /** Milliseconds that one call may take. */
  readonly timeout: number;
  /** How often a call that got no answer is repeated, with growing pauses. */
  readonly retries: number;
}

/** A node of the chain. */
export interface Endpoint {
  readonly provider: JsonRpcProvider;
  /**
   * Repeats a call that got no answer and reports each repetition. A call that was answered, even with a refusal, is
   * not repeated. Throws the last error, as an `AssayError`.
   */
  readonly retrying: <T>(what: string, call: () => Promise<T>) => Promise<T>;
  /** Makes calls in progress give up after their present attempt. */
  close(): void;
}

/** Throws `CHAIN_ID_MISMATCH` for a node of another chain: everything this worker knows would be about the wrong one. */
export async function openEndpoint(options: EndpointOptions): Promise<Endpoint> {
  const { url, chainId, logger, timeout, retries } = options;
  const request = new FetchRequest(url);
  request.timeout = timeout;
  const network = Network.from(chainId);
  const provider = new JsonRpcProvider(request, network, {
    staticNetwork: network,
    cacheTimeout: -1,
    batchMaxCount: 20,
  });
  const closing = new AbortController();
  const retrying = <T>(what: string, call: () => Promise<T>): Promise<T> =>
    pRetry(
      async () => {
        try {
          return await call();
        } catch (error) {
          // What a call that was cut off threw says nothing about the chain.
          closing.signal.throwIfAborted();
          throw fromRpc(error, what);
        }
      },
      {
        retries,
        minTimeout: 200,
        maxTimeout: 10_000,
        randomize: true,
        signal: closing.signal,
        shouldRetry: ({ error }) => isRetryable(error),
        onFailedAttempt: ({ error, attemptNumber }) => {
          if (isRetryable(error))
            logger.warn({ what, attempt: attemptNumber, error: error.message }, "no answer from the node");
        },
      },
    );
  try {
    const found = await retrying("asking for the chain id", () => askNumber(provider, "eth_chainId"));
    if (found !== BigInt(chainId))
      throw new WorkerError("CHAIN_ID_MISMATCH", `the node is on chain ${found}, not on ${chainId}`, {
        details: { had: found, needed: chainId },
      });
  } catch (error) {
    provider.destroy();
    throw error;
  }
  return {
    provider,
    retrying,
    close() {
      closing.abort(new WorkerError("RPC_UNREACHABLE", "the worker is stopping", { retryable: true }));
      provider.destroy();
    },
  };
}

/** Calls a method that answers with one number. */
export async function askNumber(
  provider: JsonRpcProvider,
  method: string,
  parameters: unknown[] = [],
): Promise<bigint> {
  const answer: unknown = await provider.send(method, parameters);
  return BigInt(String(answer));
}

function isRetryable(error: Error & Partial<Pick<AssayError, "code" | "retryable">>): boolean {
  return error.code === "RPC_UNREACHABLE" && error.retryable === true;
}
