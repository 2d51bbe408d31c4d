/**
 * Sends that belong to no job: what a worker earns off the market is settled through the same lane, so that one key has
 * one order of nonces. A send is `signed` in the journal before a node sees it; whoever waits for it is told once it is in a
 * block that counts. After a restart nobody waits any more, but what is pending is looked up to its end all the same.
 */
import type { UnsignedCall } from "../../sdk/access.ts";
import type { FactFeed } from "../fact-feed.ts";
import type { Fact, Hex, SendKind } from "../facts.ts";
import type { SendView } from "../job/job-view.ts";
import { reduce } from "../job/reduce.ts";
import { type Journal, NO_JOB } from "../journal/journal.ts";
import type { NonceLane } from "../lane/nonce-lane.ts";
import { WorkerError } from "../worker-error.ts";

const OWN_SENDS = [
  "settle-payment",
  "collect-vouchers",
  "anchor-receipts",
  "show-receipt",
  "release-anchor",
] as const satisfies readonly SendKind[];
export type OwnSendKind = (typeof OWN_SENDS)[number];

/** A transaction that is in a block. */
export interface OwnSend {
  readonly transactionHash: Hex;
  /** False if it reverted. */
  readonly ok: boolean;
}

export interface OwnSends {
  /**
   * Resolves when the transaction is in a block that counts. Throws `SEND_REFUSED` if it would revert, `INSUFFICIENT_BALANCE`
   * and `SEND_LOST` (both retryable): nothing was done then; `WORKER_STOPPING` if it is not known yet.
   */
  send(kind: OwnSendKind, call: UnsignedCall): Promise<OwnSend>;
  /** Looks up what is pending. */
  tend(): Promise<void>;
  close(): void;
}

interface Entry {
  readonly facts: Fact[];
  readonly ended: PromiseWithResolvers<OwnSend>;
}

/** Sends whose end is known are kept in mind for a while: a reorganisation may make them pending again. */
const KEPT = 500;

export interface OwnSendsOptions {
  readonly journal: Journal;
  readonly lane: NonceLane;
  readonly feed: FactFeed;
}

export async function createOwnSends({ journal, lane, feed }: OwnSendsOptions): Promise<OwnSends> {
  const entries = new Map<number, Entry>();
  let turn: Promise<unknown> = Promise.resolve();
  let closed = false;
  /** What the send that is being made came to. */
  let hear: ((fact: Fact) => void) | undefined;

  const viewOf = ({ facts }: Entry): SendView | undefined => reduce(NO_JOB, facts).sends[0];
  const tell = (entry: Entry): void => {
    const last = entry.facts.at(-1);
    if (last?.kind === "mined") entry.ended.resolve({ transactionHash: last.transactionHash, ok: last.ok });
    else if (viewOf(entry)?.outcome === "free")
      entry.ended.reject(lost("no node took the transaction, or its nonce was used by another one"));
  };
  const take = (fact: Fact): void => {
    if (fact.kind === "refused" || fact.kind === "unfunded") hear?.(fact);
    if (!("nonce" in fact)) return;
    const known = entries.get(fact.nonce);
    if (known !== undefined) {
      known.facts.push(fact);
      tell(known);
    } else if (fact.kind === "signed" && isOwn(fact.send)) {
      const ended = Promise.withResolvers<OwnSend>();
      // Nobody may be waiting.
      ended.promise.catch(() => undefined);
      entries.set(fact.nonce, { facts: [fact], ended });
      hear?.(fact);
    }
  };
  const forget = (): void => {
    for (const [nonce, entry] of entries) {
      if (entries.size <= KEPT) return;
      if (viewOf(entry)?.outcome !== "pending") entries.delete(nonce);
    }
  };

  const sign = async (kind: OwnSendKind, call: UnsignedCall): Promise<Entry> => {
    if (closed) throw stopping();
    const heard: Fact[] = [];
    hear = (fact) => "send" in fact && fact.send === kind && heard.push(fact);
    try {
      await lane.send(NO_JOB, kind, call);
    } finally {
      hear = undefined;
    }
    const outcome = heard.at(-1);
    if (outcome?.kind === "unfunded")
      throw new WorkerError("INSUFFICIENT_BALANCE", outcome.message, { retryable: true });
    if (outcome?.kind === "refused")
      throw new WorkerError("SEND_REFUSED", `${call.label} would revert: ${outcome.error}: ${outcome.detail}`, {
        details: { kind, error: outcome.error },
      });
    const entry = outcome?.kind === "signed" ? entries.get(outcome.nonce) : undefined;
    if (entry === undefined) throw lost("the transaction was not signed");
    return entry;
  };

  for (const fact of await journal.factsOf(NO_JOB)) take(fact);
  forget();
  const unsubscribe = feed.subscribe(({ job, fact }) => {
    if (job === NO_JOB) take(fact);
  });

  return {
    async send(kind, call) {
      const signing = turn.then(() => sign(kind, call));
      turn = signing.catch(() => undefined);
      return (await signing).ended.promise;
    },
    async tend() {
      for (const entry of [...entries.values()]) {
        const view = viewOf(entry);
        if (view?.outcome === "pending") await lane.lookUp(NO_JOB, view);
      }
      forget();
    },
    close() {
      closed = true;
      unsubscribe();
      for (const { ended } of entries.values()) ended.reject(stopping());
    },
  };
}

function isOwn(kind: SendKind): boolean {
  return OWN_SENDS.some((own) => own === kind);
}

function lost(message: string): WorkerError {
  return new WorkerError("SEND_LOST", message, { retryable: true });
}

function stopping(): WorkerError {
  return new WorkerError("WORKER_STOPPING", "the worker is stopping", { retryable: true });
}
