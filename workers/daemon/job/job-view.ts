import type { DeclineReason, Hex, Job, Level, SendKind } from "../facts.ts";

export type ChainState = "Unknown" | "Requested" | "Claimed" | "Executed" | "Challenged" | "Settled" | "Refunded";

/** What the chain says of a job, as far as its unrevoked logs tell. */
export interface ChainView {
  readonly state: ChainState;
  /** Who is bound or was paid; 0 for nobody. */
  readonly workerId: number;
  /** When the present state can be ended by anyone; 0 in `Unknown` and in final states. Seconds. */
  readonly dueAt: number;
  /** The answer on the chain. */
  readonly output: Hex | null;
  readonly challenger: Hex | null;
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
  readonly chain: ChainView;
  readonly answer: { readonly output: Hex } | null;
  readonly evidence: EvidenceView | null;
  readonly sends: readonly SendView[];
  readonly failures: readonly Failure[];
  readonly refusals: readonly Refusal[];
  /** When the key last could not pay; null if it could since. */
  readonly unfundedAt: number | null;
  /** The latest reason why this worker does not work on the job. */
  readonly decline: Decline | null;
  readonly closed: boolean;
}
