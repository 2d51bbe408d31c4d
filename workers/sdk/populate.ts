import { populateChallenge } from "./actions/challenge.ts";
import { populateClaim } from "./actions/claim.ts";
import { populateCommitVerdict } from "./actions/commit-verdict.ts";
import { populateCommit } from "./actions/commit.ts";
import { populateExecuteBatch } from "./actions/execute-batch.ts";
import { populateExecute } from "./actions/execute.ts";
import { populateExpire } from "./actions/expire.ts";
import { populateFulfillBatch } from "./actions/fulfill-batch.ts";
import { populateFulfill } from "./actions/fulfill.ts";
import { populateOpenReveals } from "./actions/open-reveals.ts";
import { populateResolve } from "./actions/resolve.ts";
import { populateRetryCallback } from "./actions/retry-callback.ts";
import { populateReturnToDraws } from "./actions/return-to-draws.ts";
import { populateRevealVerdict } from "./actions/reveal-verdict.ts";
import { populateReveal } from "./actions/reveal.ts";
import { populateSettleBatch } from "./actions/settle-batch.ts";
import { populateSettle } from "./actions/settle.ts";
import { populateTally } from "./actions/tally.ts";

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
  commit: populateCommit,
  openReveals: populateOpenReveals,
  reveal: populateReveal,
  tally: populateTally,
  commitVerdict: populateCommitVerdict,
  revealVerdict: populateRevealVerdict,
  executeBatch: populateExecuteBatch,
  fulfillBatch: populateFulfillBatch,
  settleBatch: populateSettleBatch,
  returnToDraws: populateReturnToDraws,
} as const;
