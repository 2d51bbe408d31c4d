import { type Fact, type FactOf, type Hex, isLogFact, type LogFact } from "../facts.ts";
import { gasPaidBy } from "./gas-paid.ts";
import type { JobView, SendView } from "./job-view.ts";
import { afterLog, UNKNOWN } from "./reduce-logs.ts";

/** The view of a job after these facts, in the order in which they were journaled. Pure; the same facts give the same view. */
export function reduce(jobId: Hex, facts: readonly Fact[]): JobView {
  const logs = chainOrder(facts);
  const requested = logs.findLast((fact): fact is FactOf<"requested"> => fact.kind === "requested");
  return freeze({
    jobId,
    job: requested?.job ?? null,
    input: requested?.input ?? null,
    requestedIn: requested?.log.blockNumber ?? null,
    chain: logs.reduce(afterLog, UNKNOWN),
    ...ownFacts(facts),
    gasPaid: gasPaidBy(jobId, facts).cost,
  });
}

/** The key that signed the evidence counts no longer, for instance one from before a restart: the next one must sign. */
const KEY_ENDED: ReadonlySet<string> = new Set(["EnclaveNotEnrolled", "EnclaveKeysEnded", "EnclaveExpired"]);

type OwnView = Pick<
  JobView,
  "answer" | "evidence" | "salts" | "sends" | "failures" | "refusals" | "forgiven" | "unfundedAt" | "decline" | "closed"
>;

function ownFacts(facts: readonly Fact[]): OwnView {
  let view: OwnView = {
    answer: null,
    evidence: null,
    salts: { copies: null, panel: null },
    sends: [],
    failures: [],
    refusals: [],
    forgiven: 0,
    unfundedAt: null,
    decline: null,
    closed: false,
  };
  for (const fact of facts) view = afterOwn(view, fact);
  return view;
}

function afterOwn(view: OwnView, fact: Fact): OwnView {
  // News from the chain opens a closed job again.
  if (isLogFact(fact)) return { ...view, closed: false };
  if (isSendFact(fact)) return afterSend(view, fact);
  if (isObstacle(fact)) return afterObstacle(view, fact);
  switch (fact.kind) {
    case "revoked":
      return { ...view, closed: false };
    case "answered":
      return { ...view, answer: { output: fact.output }, decline: null };
    case "evidence":
      return { ...view, evidence: { level: fact.level, output: fact.output, evidence: fact.evidence }, decline: null };
    case "salted":
      return { ...view, salts: { ...view.salts, [fact.round]: fact.salt }, decline: null };
    case "returning":
    case "drain-wanted":
    case "anchored":
      return view;
    case "closed":
      return { ...view, closed: true };
  }
}

type Obstacle = FactOf<"declined" | "refused" | "failed" | "unfunded" | "replayed">;

function isObstacle(fact: Fact): fact is Obstacle {
  const { kind } = fact;
  return kind === "declined" || kind === "refused" || kind === "failed" || kind === "unfunded" || kind === "replayed";
}

/** What stood in the way, or the operator's word that it counts no longer. */
function afterObstacle(view: OwnView, fact: Obstacle): OwnView {
  switch (fact.kind) {
    case "declined":
      return { ...view, decline: { reason: fact.reason, detail: fact.detail, until: fact.until } };
    case "refused":
      return {
        ...view,
        evidence: KEY_ENDED.has(fact.error) ? null : view.evidence,
        refusals: [...view.refusals, { send: fact.send, error: fact.error, detail: fact.detail, at: fact.at }],
      };
    case "failed": {
      const { step, code, message, retryable, at } = fact;
      return { ...view, failures: [...view.failures, { step, code, message, retryable, at }] };
    }
    case "unfunded":
      return { ...view, unfundedAt: fact.at };
    case "replayed":
      return {
        ...view,
        failures: [],
        refusals: [],
        forgiven: view.sends.length,
        unfundedAt: null,
        decline: null,
        closed: false,
      };
  }
}

type SendFact = FactOf<"signed" | "mined" | "unmined" | "rejected" | "lost">;

function isSendFact(fact: Fact): fact is SendFact {
  return "nonce" in fact;
}

function afterSend(view: OwnView, fact: SendFact): OwnView {
  const { sends } = view;
  switch (fact.kind) {
    case "signed":
      return { ...view, sends: afterSigned(sends, fact), unfundedAt: null, decline: null };
    case "mined":
      return { ...view, sends: withOutcome(sends, fact.nonce, fact.ok ? "mined" : "reverted") };
    case "unmined":
      return { ...view, sends: withOutcome(sends, fact.nonce, "pending"), closed: false };
    case "rejected":
    case "lost":
      return { ...view, sends: withOutcome(sends, fact.nonce, "free") };
  }
}

function afterSigned(sends: readonly SendView[], fact: FactOf<"signed">): SendView[] {
  const bytes = { transactionHash: fact.transactionHash, raw: fact.raw, maxFeePerGas: fact.maxFeePerGas };
  // A nonce that became free may be used again, by a new send: only a pending one is being replaced.
  const replaced = sends.findIndex((send) => send.nonce === fact.nonce && send.outcome === "pending");
  if (replaced === -1) {
    const { send: kind, nonce, batch } = fact;
    return [...sends, { kind, nonce, bytes: [bytes], outcome: "pending", batch }];
  }
  return sends.map((send, index) => (index === replaced ? { ...send, bytes: [...send.bytes, bytes] } : send));
}

function withOutcome(sends: readonly SendView[], nonce: number, outcome: SendView["outcome"]): SendView[] {
  const last = sends.findLastIndex((send) => send.nonce === nonce);
  return sends.map((send, index) => (index === last ? { ...send, outcome } : send));
}

/** Unrevoked log facts in the order of the chain, whatever the order in which they were read. */
export function chainOrder(facts: readonly Fact[]): LogFact[] {
  const live = new Map<string, LogFact>();
  for (const fact of facts) {
    // A block may be orphaned and become canonical again: the latest of the two facts counts.
    if (isLogFact(fact)) live.set(`${fact.log.blockHash}:${fact.log.logIndex}`, fact);
    if (fact.kind === "revoked") live.delete(`${fact.blockHash}:${fact.logIndex}`);
  }
  return [...live.values()].sort(
    (one, other) => one.log.blockNumber - other.log.blockNumber || one.log.logIndex - other.log.logIndex,
  );
}

function freeze(view: JobView): JobView {
  for (const part of Object.values(view)) if (typeof part === "object" && part !== null) Object.freeze(part);
  return Object.freeze(view);
}
