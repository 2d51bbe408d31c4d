import type { DeclineReason, Hex, Level, RoundKind, SendKind } from "../facts.ts";

/** The one thing to do next for a job. Every action but `wait` and `done` ends in at least one new fact. */
export type Action =
  /** Record why this worker does not work on the job now (`until`: chain time to look again) or ever (null). */
  | { readonly kind: "decline"; readonly reason: DeclineReason; readonly detail: string; readonly until: number | null }
  /** Run the version on the input. */
  | { readonly kind: "execute-model" }
  /** Draw and record what will hide the answer in a commitment: before the commitment is sent, for good. */
  | { readonly kind: "draw-salt"; readonly round: RoundKind }
  /** Sign or prove exactly this output. */
  | { readonly kind: "make-evidence"; readonly level: Exclude<Level, "Vanilla">; readonly output: Hex }
  /** Bytes for this nonce are out: find out what became of them, and broadcast the same ones again if need be. */
  | { readonly kind: "look-up"; readonly send: SendKind; readonly nonce: number }
  /** Simulate, sign, journal and broadcast a new transaction. */
  | { readonly kind: "send"; readonly send: SendKind; readonly output: Hex }
  /** Nothing to do before this chain time, unless a new fact arrives; the present time means: look again soon. */
  | { readonly kind: "wait"; readonly until: number; readonly why: string }
  /** Nothing left to do, unless the chain says something new. */
  | { readonly kind: "done"; readonly why: string };
