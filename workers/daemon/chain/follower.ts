/**
 * Follows the market: every log becomes a fact, once, in order, whatever the nodes do.
 *
 * Words
 * - **head**: the newest block that most nodes have. **target**: the newest block with enough confirmations to be read.
 * - **mark**: number and hash of a block up to which all logs are in the journal; the newest mark is the cursor.
 * - **ancestor**: the newest mark that is still on the chain.
 * - **near, far**: near blocks are read one by one, with every log accounted for; far ones by ranges.
 *
 * One poll:
 * ```
 * far from the target?   newest mark on the chain? logs of a range (halved when refused), and the mark of its last block
 * near it?               headers whose parents are the marks before them, logs of each by its hash, a mark for each
 * at it?                 newest mark on the chain?
 * a mark is not on the chain --> walk back to the ancestor, revoke what came after it, carry on from there
 * ```
 * A range is written only if its last block had the same hash before and after its logs were fetched: otherwise logs of
 * one branch could be filed under the marks of another, and no later check would find out.
 *
 * Nodes that do not have the newest mark are behind, or the chain became shorter: they get some time before that is believed.
 */
import type { Logger } from "pino";

import type { Deployment } from "../../sdk/deployment.ts";
import { isLogFact } from "../facts.ts";
import type { BlockMark, Journal, SubjectFact } from "../journal/journal.ts";
import { WorkerError } from "../worker-error.ts";
import type { Endpoint } from "./endpoint.ts";
import { factsOfLogs, knownPanels } from "./log-facts.ts";
import { checkGenesis } from "./market-check.ts";
import { readNear } from "./read-near.ts";
import { hashAt, readRange } from "./read-range.ts";
import { orphanedFacts } from "./reorganisation.ts";

export interface Follower {
  /** Reads at most one stretch of blocks. `caughtUp` is false while there is more to read at once. */
  poll(): Promise<Poll>;
  /** The newest block of the last poll; 0 before it. */
  head(): number;
}

export interface Poll {
  readonly fresh: readonly SubjectFact[];
  readonly caughtUp: boolean;
}

export interface FollowerOptions {
  readonly endpoint: Endpoint;
  readonly journal: Journal;
  readonly deployment: Pick<Deployment, "market" | "fromBlock">;
  /** How many blocks must follow one before its logs count; 0 acts on the newest block. */
  readonly confirmations: number;
  /** Blocks asked for at once, at first. */
  readonly maxRange: number;
  /** Milliseconds that nodes may lack a block that was read already before the chain counts as having become shorter. */
  readonly lagPatience: number;
  readonly logger: Logger;
  readonly clock?: () => number;
}

/** Marks read at a time while walking back. */
const MARKS = 4096;
/** Blocks before the target that are read one by one at least. Twice as many begin a range, so that ranges are worth it. */
const NEAR = 32;
/** The chain changed while it was read. */
const AGAIN: Poll = Object.freeze({ fresh: [], caughtUp: false });
/** A range that was not refused lets the next one be longer by this part. */
const GROWTH = 8;

export async function createFollower(options: FollowerOptions): Promise<Follower> {
  const { endpoint, journal, confirmations, maxRange, lagPatience, logger, clock = Date.now } = options;
  const { market, fromBlock } = options.deployment;
  let head = 0;
  let width = maxRange;
  let behindSince: number | null = null;

  const panels = await knownPanels(journal);

  const isOnChain = async (mark: BlockMark): Promise<boolean> => (await hashAt(endpoint, mark.number)) === mark.hash;

  /** Null if the newest mark is on the chain after all. */
  const walkBack = async (): Promise<Poll | null> => {
    const marks = await journal.blocks(MARKS);
    // Bisection would be wrong with marks of several branches, and reorganisations are short: newest first.
    let ancestor: BlockMark | undefined;
    for (const mark of marks) {
      if (!(await isOnChain(mark))) continue;
      ancestor = mark;
      break;
    }
    if (ancestor === undefined) {
      await checkGenesis(endpoint, journal);
      if (marks.length >= MARKS)
        throw new WorkerError("CHAIN_REORG_TOO_DEEP", `none of the last ${marks.length} known blocks is on this chain`);
    }
    if (ancestor !== undefined && ancestor === marks[0]) return null;
    const from = ancestor?.number ?? fromBlock - 1;
    logger.warn({ ancestor: from, newest: marks[0]?.number }, "the chain was reorganised");
    return { fresh: await journal.rewind(from, await orphanedFacts(journal, from)), caughtUp: false };
  };

  const readFar = async (newest: BlockMark | undefined, from: number, target: number): Promise<Poll> => {
    if (newest !== undefined && !(await isOnChain(newest))) return (await walkBack()) ?? AGAIN;
    const wanted = Math.min(target, from + width - 1);
    const range = await readRange(endpoint, { market, from, to: wanted, logger });
    width = range.to < wanted ? range.to - from + 1 : Math.min(maxRange, width + Math.ceil(width / GROWTH));
    if (range.lastHash === null) throw missing(range.to, head);
    if ((await hashAt(endpoint, range.to)) !== range.lastHash) return AGAIN;
    const facts = factsOfLogs(range.logs, panels);
    const blocks = marksOf(facts, { number: range.to, hash: range.lastHash });
    logger.debug({ from, to: range.to, head }, "read a range of blocks");
    return { fresh: await journal.appendBlocks(facts, blocks), caughtUp: false };
  };

  const readNewest = async (newest: BlockMark | undefined, from: number, target: number): Promise<Poll> => {
    const parent = newest?.number === from - 1 ? newest : null;
    const near = { market, from, to: target };
    let read = await readNear(endpoint, { ...near, parent });
    if (read.isForked) {
      const back = await walkBack();
      if (back !== null) return back;
      // Development chains skip blocks that they make up later, with other parents: then what is at each height must do.
      read = await readNear(endpoint, { ...near, parent: null });
      if (parent !== null && !(await isOnChain(parent))) return AGAIN;
    }
    const { logs, marks } = read;
    if (marks.length === 0) throw missing(from, head);
    return {
      fresh: await journal.appendBlocks(factsOfLogs(logs, panels), marks),
      caughtUp: marks.at(-1)?.number === target,
    };
  };

  /** The nodes do not have the newest mark, which says little; but a mark that they do not have where they have another block does. */
  const waitForNodes = async (newest: BlockMark): Promise<Poll> => {
    behindSince ??= clock();
    const within = (await journal.blocks(MARKS)).find(({ number }) => number <= head);
    if (within === undefined) await checkGenesis(endpoint, journal);
    const isReplaced = within !== undefined && !(await isOnChain(within));
    const back = isReplaced || clock() - behindSince >= lagPatience ? await walkBack() : null;
    if (back !== null) return back;
    logger.warn({ head, read: newest.number }, "the nodes are behind what was read already");
    return { fresh: [], caughtUp: true };
  };

  return {
    head: () => head,
    async poll() {
      const [newest] = await journal.blocks(1);
      head = await endpoint.head();
      if (newest !== undefined && head < newest.number) return waitForNodes(newest);
      behindSince = null;
      const from = newest === undefined ? fromBlock : newest.number + 1;
      const target = head - confirmations;
      if (target - from >= 2 * NEAR) return readFar(newest, from, target - NEAR);
      if (target >= from) return readNewest(newest, from, target);
      if (newest !== undefined && !(await isOnChain(newest))) return (await walkBack()) ?? AGAIN;
      return { fresh: [], caughtUp: true };
    },
  };
}

function missing(number: number, head: number): WorkerError {
  const message = `block ${number} is not there, though block ${head} is said to be the newest`;
  return new WorkerError("RPC_INCOMPLETE", message, { retryable: true, details: { number, head } });
}

function marksOf(facts: readonly SubjectFact[], last: BlockMark): BlockMark[] {
  const marks = new Map<number, BlockMark>();
  for (const { fact } of facts)
    if (isLogFact(fact)) marks.set(fact.log.blockNumber, { number: fact.log.blockNumber, hash: fact.log.blockHash });
  marks.set(last.number, last);
  return [...marks.values()];
}
