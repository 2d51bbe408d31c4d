import type { DeclineReason, Hex, Job, Level, RoundKind, SendKind } from "../facts.ts";

export type ChainState =
  "Unknown" | "Requested" | "Claimed" | "Copying" | "Executed" | "Challenged" | "Settled" | "Refunded";

export interface SeatView {
  readonly workerId: number;
  /** `committed` and `revealed` seats hold stake. */
  readonly state: "committed" | "revealed" | "lost";
  /** Null until it is revealed. */
  readonly outputHash: Hex | null;
  /** Null until it is revealed; empty in a panel. */
  readonly output: Hex | null;
}

/** A round of commitments: the copies of a job, or the panel that judges it. */
export interface RoundView {
  readonly phase: "Committing" | "Revealing" | "Closed";
  readonly seats: number;
  /** When the phase can be ended by anyone. */
  readonly dueAt: number;
  /** The transaction that began the reveals. */
  readonly openedBy: Hex | null;
  /** In the order of their commitments. */
  readonly taken: readonly SeatView[];
}

/** What the chain says of a job, as far as its unrevoked logs tell. */
export interface ChainView {
  readonly state: ChainState;
  /** Who is bound or was paid; 0 for nobody, and for a job with several copies. */
  readonly workerId: number;
  /** When the present state can be ended by anyone; 0 in `Unknown` and in final states. Seconds. */
  readonly dueAt: number;
  /** The answer on the chain: with several copies that of the majority. */
  readonly output: Hex | null;
  /** Null also if copies disagreed. */
  readonly challenger: Hex | null;
  /** Null for a job that one worker answers. */
  readonly copies: RoundView | null;
  /** Null unless an answer was challenged for which the version has no evidence. */
  readonly panel: RoundView | null;
  /** A callback gave the consumer its answer. */
  readonly delivered: boolean;
  readonly callbackOwed: boolean;
}

/** `pending`: bytes are out, or may be. `free`: no node took them, or other bytes used the nonce. */
export type SendOutcome = "pending" | "mined" | "reverted" | "free";

export interface SentBytes {
  readonly transactionHash: Hex;
  readonly raw: Hex;
  readonly maxFeePerGas: bigint;
}

export interface SendView {
  readonly kind: SendKind;
  readonly nonce: number;
  /** All bytes signed for this nonce, oldest first; at most one of them is ever mined. */
  readonly bytes: readonly SentBytes[];
  readonly outcome: SendOutcome;
  /** The jobs of the batch that it is, this one among them; empty if it is of this job alone. */
  readonly batch: readonly Hex[];
}

export interface Failure {
  readonly step: "answer" | "evidence" | "send";
  readonly code: string;
  readonly message: string;
  readonly retryable: boolean;
  readonly at: number;
}

export interface Refusal {
  readonly send: SendKind;
  readonly error: string;
  readonly detail: string;
  readonly at: number;
}

export interface Decline {
  readonly reason: DeclineReason;
  readonly detail: string;
  readonly until: number | null;
}

export interface EvidenceView {
  readonly level: Exclude<Level, "Vanilla">;
  readonly output: Hex;
  readonly evidence: Hex;
}

/** Everything known of one job. Frozen; made only by `reduce`. */
export interface JobView {
  readonly jobId: Hex;
  readonly job: Job | null;
  readonly input: Hex | null;
  /** The block of the request; null until it was read. */
  readonly requestedIn: number | null;
  readonly chain: ChainView;
  readonly answer: { readonly output: Hex } | null;
  readonly evidence: EvidenceView | null;
  /** What hides the answer in the commitment of a round until it is revealed. */
  readonly salts: Readonly<Record<RoundKind, Hex | null>>;
  readonly sends: readonly SendView[];
  readonly failures: readonly Failure[];
  readonly refusals: readonly Refusal[];
  /** Wei that this job's transactions cost, its share of batches included. */
  readonly gasPaid: bigint;
  /** How many of the sends came before the operator asked for another try: their reverts count no longer. */
  readonly forgiven: number;
  /** When the key last could not pay; null if it could since. */
  readonly unfundedAt: number | null;
  /** The latest reason why this worker does not work on the job. */
  readonly decline: Decline | null;
  readonly closed: boolean;
}
