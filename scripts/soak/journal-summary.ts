import { join } from "node:path";

import type { MarketChain } from "../../test/workers/daemon/market-chain.ts";
import { hexOf } from "../../workers/daemon/chain/job-struct.ts";
import type { FactKind } from "../../workers/daemon/facts.ts";
import { openJournal } from "../../workers/daemon/index.ts";
import { laneState, LANE_KINDS } from "../../workers/daemon/lane/lane-state.ts";

/** What a worker did, from its own journal. */
export interface JournalSummary {
  readonly answered: number;
  readonly evidence: number;
  /** Transactions, replacements not counted. */
  readonly transactions: number;
  /** Jobs whose transaction, or whose item of a batch, failed in a block. */
  readonly reverted: number;
  /** Nonces that bytes of unknown origin used: with one process for each key there is none. */
  readonly lost: number;
  /** Nonces whose fate is not known. */
  readonly pending: number;
  readonly declined: Readonly<Record<string, number>>;
}

const KINDS: readonly FactKind[] = ["answered", "evidence", "mined", "lost", "declined", "signed"];

export async function journalSummary(chain: MarketChain, index: number, directory: string): Promise<JournalSummary> {
  const journal = openJournal(join(directory, "journal.sqlite"), {
    chainId: chain.deployment.chainId,
    market: hexOf(chain.deployment.market),
    workerKey: hexOf(chain.wallet(index).address),
  });
  try {
    const facts = (await journal.factsOfKinds(KINDS)).map(({ fact }) => fact);
    const count = (kind: FactKind): number => facts.filter((fact) => fact.kind === kind).length;
    const declined: Record<string, number> = {};
    for (const fact of facts) if (fact.kind === "declined") declined[fact.reason] = (declined[fact.reason] ?? 0) + 1;
    const nonces = facts.flatMap((fact) => (fact.kind === "signed" ? [fact.nonce] : []));
    return {
      answered: count("answered"),
      evidence: count("evidence"),
      transactions: new Set(nonces).size,
      reverted: facts.filter((fact) => fact.kind === "mined" && !fact.ok).length,
      lost: count("lost"),
      pending: laneState(await journal.factsOfKinds(LANE_KINDS)).pending.size,
      declined,
    };
  } finally {
    await journal.close();
  }
}
