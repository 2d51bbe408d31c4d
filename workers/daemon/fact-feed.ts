import type { Logger } from "pino";

import type { SubjectFact } from "./journal/journal.ts";

export type FactListener = (fact: SubjectFact) => void;

/** Tells whoever asked of every fact that the journal took, once and in order, after it is durable. */
export interface FactFeed {
  /** From now on; returns how to end it. A listener must not wait for the worker: it is called between its steps. */
  readonly subscribe: (listener: FactListener) => () => void;
}

export interface FactSource extends FactFeed {
  publish(facts: readonly SubjectFact[]): void;
}

export function createFactFeed(logger: Logger): FactSource {
  const listeners = new Set<FactListener>();
  return {
    subscribe(listener) {
      // The same function may listen twice.
      const own: FactListener = (fact) => listener(fact);
      listeners.add(own);
      return () => {
        listeners.delete(own);
      };
    },
    publish(facts) {
      for (const fact of facts)
        for (const listener of listeners)
          try {
            listener(fact);
          } catch (error) {
            // Whoever watches a worker cannot stop it.
            logger.error({ error: String(error) }, "a listener to facts failed");
          }
    },
  };
}
