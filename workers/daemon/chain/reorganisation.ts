import { type FactOf, isLogFact, LOG_KINDS } from "../facts.ts";
import type { Journal, SubjectFact } from "../journal/journal.ts";

/**
 * What to record when blocks above `ancestor` are no longer on the chain: their logs are revoked, and our transactions
 * in them are pending again.
 */
export async function orphanedFacts(journal: Journal, ancestor: number): Promise<SubjectFact[]> {
  return [...(await orphanedLogs(journal, ancestor)), ...(await orphanedTransactions(journal, ancestor))];
}

async function orphanedLogs(journal: Journal, ancestor: number): Promise<SubjectFact[]> {
  const live = new Map<string, SubjectFact>();
  for (const { job, fact } of await journal.factsOfKinds([...LOG_KINDS, "revoked"])) {
    if (fact.kind === "revoked") live.delete(`${job}:${fact.blockHash}:${fact.logIndex}`);
    else if (isLogFact(fact) && fact.log.blockNumber > ancestor) {
      const { blockHash, logIndex } = fact.log;
      live.set(`${job}:${blockHash}:${logIndex}`, { job, fact: { kind: "revoked", blockHash, logIndex } });
    }
  }
  return [...live.values()];
}

async function orphanedTransactions(journal: Journal, ancestor: number): Promise<SubjectFact[]> {
  const mined = new Map<string, { readonly job: SubjectFact["job"]; readonly fact: FactOf<"mined"> }>();
  for (const { job, fact } of await journal.factsOfKinds(["mined", "unmined"])) {
    // A batch is mined for each of its jobs.
    if (fact.kind === "mined") mined.set(`${job}:${fact.transactionHash}`, { job, fact });
    if (fact.kind === "unmined") mined.delete(`${job}:${fact.transactionHash}`);
  }
  return [...mined.values()]
    .filter(({ fact }) => fact.blockNumber > ancestor)
    .map(({ job, fact }) => ({
      job,
      fact: { kind: "unmined", nonce: fact.nonce, transactionHash: fact.transactionHash },
    }));
}
