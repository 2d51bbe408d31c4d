/** What a worker and its executors say to each other. Either side checks what the other one says. */
import { z } from "zod";

const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array, "must be bytes");
const fileOnDisk = z.strictObject({ cid: z.string(), path: z.string() });

/** The first message: what the process is for. */
const open = z.strictObject({
  kind: z.literal("open"),
  versionId: z.string(),
  /** Canonical JSON. */
  manifest: bytes,
  /** The graph of a version with a circuit, the model of one without. */
  program: fileOnDisk,
  provingKey: fileOnDisk.nullable(),
  /** 1, or more for all cores; null as the prover likes. */
  proverThreads: z.int().positive().nullable(),
});
export type OpenMessage = z.infer<typeof open>;

/** Packed tensors, as the manifest says, whatever the chain sees of them. */
const run = z.strictObject({ kind: z.literal("run"), input: bytes });

const prove = z.strictObject({
  kind: z.literal("prove"),
  /** Packed tensors. */
  input: bytes,
  salt: z.bigint().optional(),
  binding: z.bigint(),
  /** The answer that the proof must be of, as the chain has it. */
  output: bytes,
});
export type ProveMessage = z.infer<typeof prove>;

const request = z.discriminatedUnion("kind", [open, run, prove]);
export type Request = z.infer<typeof request>;

export const question = z.strictObject({ id: z.int(), request });
export type Question = z.infer<typeof question>;

const result = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("opened") }),
  /** Packed tensors. */
  z.strictObject({ kind: z.literal("ran"), output: bytes }),
  z.strictObject({ kind: z.literal("proven"), proof: bytes, publicSignals: z.array(z.bigint()) }),
  z.strictObject({ kind: z.literal("failed"), code: z.string(), message: z.string(), retryable: z.boolean() }),
]);
export type Result = z.infer<typeof result>;
export type ResultOf<K extends Result["kind"]> = Extract<Result, { kind: K }>;

export const answer = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("answer"), id: z.int(), result }),
  /** The process in which this one has proofs made; its memory counts as well. */
  z.strictObject({ kind: z.literal("prover"), pid: z.int().positive() }),
]);
export type Answer = z.infer<typeof answer>;
