import pRetry from "p-retry";
import type { Logger } from "pino";

import { AssayError } from "../../../circuits/format/error.ts";
import { fromRpc } from "../../sdk/rpc-error.ts";

export interface RetryOptions {
  /** How often a call that got no answer is repeated, with growing pauses. */
  readonly retries: number;
  readonly logger: Logger;
  /** Aborted with the reason when nothing is to be repeated any more. */
  readonly signal: AbortSignal;
}

/** Errors of nodes that another attempt may not meet. */
const PASSING: ReadonlySet<string> = new Set(["RPC_UNREACHABLE", "RPC_DISAGREEMENT", "RPC_INCOMPLETE"]);

/** Repeats calls that got no answer that counts, and reports each repetition. Throws the last error, as an `AssayError`. */
export function createRetrying({ retries, logger, signal }: RetryOptions) {
  return <T>(what: string, call: () => Promise<T>): Promise<T> =>
    pRetry(
      async () => {
        try {
          return await call();
        } catch (error) {
          // What a call that was cut off threw says nothing about the chain.
          signal.throwIfAborted();
          throw fromRpc(error, what);
        }
      },
      {
        retries,
        minTimeout: 200,
        maxTimeout: 10_000,
        randomize: true,
        signal,
        shouldRetry: ({ error }) => isPassing(error),
        onFailedAttempt: ({ error, attemptNumber }) => {
          if (isPassing(error))
            logger.warn({ what, attempt: attemptNumber, error: error.message }, "no answer that counts");
        },
      },
    );
}

function isPassing(error: Error): boolean {
  return error instanceof AssayError && error.retryable && PASSING.has(error.code);
}
