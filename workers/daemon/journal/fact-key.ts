import { type Fact, isLogFact } from "../facts.ts";

/**
 * The key under which a fact is unique in its job; null for facts that may repeat. A log is taken once, and once more
 * after it was revoked: a block may be orphaned and become canonical again.
 * @param revocations how often the place of the fact (`placeOf`) was revoked before.
 */
export function factKey(fact: Fact, revocations: number): string | null {
  const place = placeOf(fact);
  if (place !== null) return `${fact.kind === "revoked" ? "revoked:" : ""}${place}:${revocations}`;
  // One salt for a round: two commitments of ours must never differ in it, and a second one is refused by the index.
  return fact.kind === "salted" ? `salted:${fact.round}` : null;
}

/** Where on the chain the log is that a fact tells or revokes; null for other facts. */
export function placeOf(fact: Fact): string | null {
  if (fact.kind === "revoked") return `${fact.blockHash}:${fact.logIndex}`;
  return isLogFact(fact) ? `${fact.log.blockHash}:${fact.log.logIndex}` : null;
}

/** What the keys of a place's revocations begin with. */
export function revocationsOf(place: string): string {
  return `revoked:${place}:`;
}
