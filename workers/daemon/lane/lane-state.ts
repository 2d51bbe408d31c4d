import type { FactKind } from "../facts.ts";
import type { SubjectFact } from "../journal/journal.ts";

export const LANE_KINDS: readonly FactKind[] = ["signed", "mined", "unmined", "rejected", "lost"];

/** Which nonces of the key are taken. */
export interface LaneState {
  /** Bytes with these nonces are out, or may be. */
  readonly pending: ReadonlySet<number>;
  /** One more than the highest nonce that was mined. */
  readonly floor: number;
}

/** The lane after these facts, of all subjects, in the order of the journal. */
export function laneState(
  facts: readonly SubjectFact[],
  start: LaneState = { pending: new Set(), floor: 0 },
): LaneState {
  const pending = new Set(start.pending);
  let { floor } = start;
  for (const { fact } of facts) {
    switch (fact.kind) {
      case "signed":
        pending.add(fact.nonce);
        break;
      case "unmined":
        pending.add(fact.nonce);
        floor = Math.min(floor, fact.nonce);
        break;
      case "mined":
        pending.delete(fact.nonce);
        floor = Math.max(floor, fact.nonce + 1);
        break;
      case "rejected":
      case "lost":
        pending.delete(fact.nonce);
        break;
      default:
        break;
    }
  }
  return { pending, floor };
}

/**
 * The lowest nonce that nothing of ours uses. `mined` is the chain's count; a node that lags behind may report less than
 * we have already seen. A nonce that became free below pending ones is found first: they wait for it.
 */
export function nextNonce(state: LaneState, mined: number): number {
  let nonce = Math.max(mined, state.floor);
  while (state.pending.has(nonce)) nonce++;
  return nonce;
}
