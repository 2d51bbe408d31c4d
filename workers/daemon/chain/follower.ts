/**
 * Follows the market: every log becomes a fact, once, in order, whatever the node does.
 *
 * Words
 * - **head**: the newest block. **target**: the newest block that has enough confirmations to be read.
 * - **mark**: number and hash of a block whose logs are all in the journal; the newest mark is the cursor.
 * - **ancestor**: the newest mark that is still on the chain.
 *
 * One poll:
 * ```
 * newest mark still on the chain? --no--> walk back to the ancestor, revoke what came after it, carry on from there
 *   yes: fetch logs of (mark, target] by ranges (halved when refused), write them with the new marks in one transaction
 * ```
 * A range is written only if its last block had the same hash before and after its logs were fetched: otherwise logs of
 * one branch could be filed under the marks of another, and no later check would find out.
 */
import type { Logger } from "pino";

import type { Deployment } from "../../sdk/deployment.ts";
import { type Hex, isLogFact } from "../facts.ts";
import type { BlockMark, Journal, SubjectFact } from "../journal/journal.ts";
import { WorkerError } from "../worker-error.ts";
import type { Endpoint } from "./endpoint.ts";
import { factsOfLogs, type PanelJobs } from "./log-facts.ts";
import { blockHash, readRange } from "./read-range.ts";
import { orphanedFacts } from "./reorganisation.ts";

export interface Follower {
  /** Reads at most one range. `caughtUp` is false while there is more to read at once. */
  poll(): Promise<{ readonly fresh: readonly SubjectFact[]; readonly caughtUp: boolean }>;
}

export interface FollowerOptions {
  readonly endpoint: Endpoint;
  readonly journal: Journal;
  readonly deployment: Pick<Deployment, "market" | "fromBlock">;
  /** How many blocks must follow one before its logs count; 0 acts on the newest block. */
  readonly confirmations: number;
  /** Blocks asked for at once, at first. */
  readonly maxRange: number;
  readonly logger: Logger;
}

/** Marks read at a time while walking back. */
const MARKS = 4096;

export async function createFollower(options: FollowerOptions): Promise<Follower> {
  const { endpoint, journal, deployment, confirmations, maxRange, logger } = options;

  const panels: PanelJobs = new Map();
  for (const { job, fact } of await journal.factsOfKinds(["panel-called"]))
    if (fact.kind === "panel-called") panels.set(fact.panelId, job);

  const hashAt = async (number: number): Promise<Hex | null> => {
    const block = await endpoint.retrying(`block ${number}`, () => endpoint.provider.getBlock(number));
    return blockHash(block);
  };
  const isOnChain = async (mark: BlockMark): Promise<boolean> => (await hashAt(mark.number)) === mark.hash;

  const walkBack = async (marks: readonly BlockMark[]): Promise<readonly SubjectFact[]> => {
    // Bisection would be wrong with marks of several branches, and reorganisations are short: newest first.
    let ancestor: BlockMark | undefined;
    for (const mark of marks.slice(1)) {
      if (!(await isOnChain(mark))) continue;
      ancestor = mark;
      break;
    }
    if (ancestor === undefined && marks.length >= MARKS)
      throw new WorkerError("CHAIN_REORG_TOO_DEEP", `none of the last ${marks.length} known blocks is on this chain`);
    const from = ancestor?.number ?? deployment.fromBlock - 1;
    logger.warn({ ancestor: from, newest: marks[0]?.number }, "the chain was reorganised");
    return journal.rewind(from, await orphanedFacts(journal, from));
  };

  return {
    async poll() {
      const [newest] = await journal.blocks(1);
      if (newest !== undefined && !(await isOnChain(newest)))
        return { fresh: await walkBack(await journal.blocks(MARKS)), caughtUp: false };
      const head = await endpoint.retrying("the newest block", () => endpoint.provider.getBlockNumber());
      const from = newest === undefined ? deployment.fromBlock : newest.number + 1;
      const target = head - confirmations;
      if (from > target) return { fresh: [], caughtUp: true };

      const wanted = Math.min(target, from + maxRange - 1);
      const range = await readRange(endpoint, { market: deployment.market, from, to: wanted, logger });
      const before = range.lastHash;
      if (before === null || (await hashAt(range.to)) !== before) return { fresh: [], caughtUp: false };
      const facts = factsOfLogs(range.logs, panels);
      const blocks = marksOf(facts, { number: range.to, hash: before });
      return { fresh: await journal.appendBlocks(facts, blocks), caughtUp: range.to === target };
    },
  };
}

function marksOf(facts: readonly SubjectFact[], last: BlockMark): BlockMark[] {
  const marks = new Map<number, BlockMark>();
  for (const { fact } of facts)
    if (isLogFact(fact)) marks.set(fact.log.blockNumber, { number: fact.log.blockNumber, hash: fact.log.blockHash });
  marks.set(last.number, last);
  return [...marks.values()];
}
