import type { FactKind, FaultPoint } from "../../workers/daemon/index.ts";

const LOG = "a log fact: written with all others of its stretch of the chain, as those that are reached are";
const BY_TEST = "needs a scene of its own: ";

/**
 * Every kind of facts: true if mixed jobs of three workers bring it about, so that a worker can be killed on both sides
 * of it; otherwise why not, and what covers it.
 */
export const FACT_KINDS: Readonly<Record<FactKind, true | string>> = {
  // The first of all, and once in the life of a journal.
  anchored: true,
  requested: true,
  claimed: true,
  executed: true,
  challenged: true,
  fulfilled: true,
  settled: true,
  paid: true,
  committed: true,
  "reveals-opened": true,
  revealed: true,
  "copies-agreed": true,
  declined: true,
  answered: true,
  evidence: true,
  salted: true,
  signed: true,
  mined: true,
  closed: true,
  refunded: LOG,
  "seat-lost": LOG,
  "copies-disagreed": LOG,
  "panel-called": LOG,
  "panel-judged": LOG,
  "callback-delivered": LOG,
  "callback-failed": LOG,
  revoked: `${BY_TEST}a reorganisation`,
  unmined: `${BY_TEST}a reorganisation`,
  rejected: `${BY_TEST}a node that does not take a transaction (test/workers/daemon/lane)`,
  lost: `${BY_TEST}another program with the same key (test/workers/daemon/surroundings.test.ts)`,
  refused: `${BY_TEST}a call that would revert (test/workers/daemon/awkward-jobs.test.ts)`,
  failed: `${BY_TEST}a step that does not work (test/workers/daemon/awkward-jobs.test.ts)`,
  unfunded: `${BY_TEST}a key without money (test/workers/daemon/awkward-jobs.test.ts)`,
  replayed: `${BY_TEST}an operator who asks for it`,
  "drain-wanted": `${BY_TEST}an operator who asks for it`,
  returning: `${BY_TEST}a suspension (test/workers/daemon/batches-and-standing.test.ts)`,
};

/** Points that mixed jobs pass. */
export function reachedPoints(): readonly FaultPoint[] {
  const isReached = (kind: string): kind is FactKind => kind in FACT_KINDS && FACT_KINDS[kind as FactKind] === true;
  const ofFacts = Object.keys(FACT_KINDS)
    .filter(isReached)
    .flatMap((kind): FaultPoint[] => [`before-${kind}`, `after-${kind}`]);
  return [...ofFacts, "before-cursor", "after-cursor", "before-broadcast", "after-broadcast"];
}
