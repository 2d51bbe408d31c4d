import type { Journal, SubjectFact } from "./journal/journal.ts";

/** Follows a journal that others write, too. */
export interface FactTail {
  /** Hands on whatever was appended since the last time, in order; resolves when that is done. */
  sync(): Promise<void>;
}

/** Facts read at once. */
const STRETCH = 500;

/** @param from the place in the journal from which on `take` is called with every fact once. */
export function createFactTail(
  journal: Journal,
  from: number,
  take: (fresh: readonly SubjectFact[]) => Promise<void>,
): FactTail {
  let place = from;
  let turn: Promise<void> = Promise.resolve();

  const read = async (): Promise<void> => {
    for (let more = true; more;) {
      const { facts, last } = await journal.factsAfter(place, STRETCH);
      if (facts.length > 0) await take(facts);
      // What could not be taken is read again.
      place = last;
      more = facts.length === STRETCH;
    }
  };
  return {
    sync() {
      const synced = turn.then(read);
      turn = synced.catch(() => undefined);
      return synced;
    },
  };
}
