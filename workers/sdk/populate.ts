import { populateChallenge } from "./actions/challenge.ts";
import { populateClaim } from "./actions/claim.ts";
import { populateExecute } from "./actions/execute.ts";
import { populateExpire } from "./actions/expire.ts";
import { populateFulfill } from "./actions/fulfill.ts";
import { populateResolve } from "./actions/resolve.ts";
import { populateRetryCallback } from "./actions/retry-callback.ts";
import { populateSettle } from "./actions/settle.ts";

/**
 * The same actions as unsigned calls, for whoever keeps nonces and sends raw transactions itself.
 *
 * @example
 * const { to, data, value } = populate.claim(client, { job });
 */
export const populate = {
  claim: populateClaim,
  execute: populateExecute,
  fulfill: populateFulfill,
  challenge: populateChallenge,
  settle: populateSettle,
  expire: populateExpire,
  resolve: populateResolve,
  retryCallback: populateRetryCallback,
} as const;
