/**
 * What a worker knows, as facts.
 *
 * Words
 * - **fact**: something that happened, written to the journal before anything is done about it, and never changed.
 * - **log fact**: a market event of a job, with the place on the chain it was read from (its *log key*).
 * - **own fact**: something this worker did: an answer computed, evidence made, a transaction signed, a refusal met.
 * - **view**: the fold of all facts of one job (`job/reduce.ts`). **action**: what to do next (`job/next-action.ts`).
 * - **send**: one intended transaction. It keeps its nonce for life; replacing it with a higher fee adds bytes, not a
 *   second send. A batch is one transaction that is a send of several jobs.
 * - **round**: a commitment by each of several workers, then their reveals: the copies of a job, or the panel that
 *   judges it. **seat**: one worker's place in a round.
 *
 * A job from the worker's point of view. States are those of the chain; the lines below each are the facts that the
 * worker adds while the job is in it.
 * ```
 * (nothing) --requested--> Requested
 *     declined      recorded with a reason; temporary ones carry the time at which to look again
 *     answered      at most one for each job, enforced by the journal: the one answer this worker will ever give
 *     evidence      made for exactly that answer
 *     signed        claim | execute | fulfill | commit: durable before it is broadcast
 *       '--> mined (ok | reverted) --> unmined, if its block is orphaned
 *       '--> rejected, when no node took it;  lost, when its nonce was used by other bytes
 *     refused       a simulation reverted: nothing was signed
 *     failed        a step of our own did not work
 *     unfunded      the key cannot pay for gas, bond or fee now
 * Requested --claimed--> Claimed --executed--> Executed --challenged--> Challenged
 *     any of them --settled--> Settled | --refunded--> Refunded
 * Requested --committed--> Copying --reveals-opened, revealed--> --copies-agreed--> Executed
 *     '--> salted    at most once for each round: without its salt a commitment cannot be revealed, and costs stake
 *     Copying --copies-disagreed--> Challenged
 * Challenged --panel-called, committed, reveals-opened, revealed, panel-judged--> Settled | Refunded
 * any log fact --revoked--> as if it had never been read (its block was orphaned)
 * closed: nothing is left to do; a later log fact opens the job again, and so does
 * replayed: the operator wants another try; what was declined, failed and refused before counts no longer
 * ```
 * Invariant: a send is `signed` in the journal before the first node sees its bytes, so that after a crash at any
 * point the worker looks the same bytes up instead of making a second transaction.
 */
import { z } from "zod";

const hex = z.templateLiteral(["0x", z.string()]);
export type Hex = z.infer<typeof hex>;

const LEVELS = ["Vanilla", "Tee", "Zkml"] as const;
export type Level = (typeof LEVELS)[number];

const job = z.strictObject({
  versionId: hex,
  inputHash: hex,
  requester: hex,
  consumer: hex,
  level: z.enum(LEVELS),
  callbackAt: z.enum(["Executed", "Final"]),
  callbackGas: z.int(),
  minFee: z.bigint(),
  maxFee: z.bigint(),
  /** Seconds, like every time of the chain. */
  requestedAt: z.int(),
  deadline: z.int(),
  challengeWindow: z.int(),
  copies: z.int(),
  requestBlock: z.bigint(),
  candidates: z.int(),
  maxPrice: z.bigint(),
  royalty: z.bigint(),
  outputBytes: z.int(),
  textOutput: z.boolean(),
  /** The protocol's part of the fee. */
  feeBasisPoints: z.int(),
  nonce: z.bigint(),
});
/** A job as in `JobRequested`. */
export type Job = z.infer<typeof job>;

const logKey = z.strictObject({
  blockNumber: z.int(),
  blockHash: hex,
  transactionHash: hex,
  logIndex: z.int(),
});
/** Where on the chain a log fact was read. The same event in another block is another fact. */
export type LogKey = z.infer<typeof logKey>;

/**
 * What a worker can send for a job. `open-verdicts` and `resolve` are the same call, which first begins the reveals of
 * a panel and then ends the job. Those from `prepare-quote` on belong to no job.
 */
const SEND_KINDS = [
  "claim",
  "execute",
  "fulfill",
  "commit",
  "open-reveals",
  "reveal",
  "tally",
  "challenge",
  "commit-verdict",
  "open-verdicts",
  "reveal-verdict",
  "settle",
  "expire",
  "resolve",
  "retry-callback",
  "prepare-quote",
  "enroll",
  "return-to-draws",
  "set-draining",
  "settle-payment",
  "collect-vouchers",
  "anchor-receipts",
  "show-receipt",
  "release-anchor",
] as const;
export type SendKind = (typeof SEND_KINDS)[number];
const sendKind = z.enum(SEND_KINDS);

export const ROUND_KINDS = ["copies", "panel"] as const;
export type RoundKind = (typeof ROUND_KINDS)[number];
const round = z.enum(ROUND_KINDS);

const DECLINE_REASONS = [
  "not-serving",
  "level-not-configured",
  "fee-below-price",
  "gas-above-fee",
  "not-drawn-yet",
  "not-drawn",
  "deadline-too-close",
  "queue-too-long",
  "too-slow",
  "rounds-not-wanted",
  "draining",
  "stake-too-low",
  "at-capacity",
  "insufficient-balance",
  "execution-failed",
  "evidence-failed",
  "evidence-too-late",
  "reveal-too-late",
  "salt-missing",
  "refused-by-chain",
  "reverted-on-chain",
  "taken-by-another",
  "not-reproducible",
  "would-challenge",
  "challenge-too-late",
  "not-sampled",
  "bonds-all-out",
  "output-differs-from-ours",
  "input-not-here",
  "version-quarantined",
] as const;
export type DeclineReason = (typeof DECLINE_REASONS)[number];

const log = { log: logKey };
const fact = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("requested"), ...log, job, input: hex }),
  z.strictObject({ kind: z.literal("claimed"), ...log, workerId: z.int(), dueAt: z.int() }),
  z.strictObject({ kind: z.literal("executed"), ...log, workerId: z.int(), output: hex, dueAt: z.int() }),
  z.strictObject({ kind: z.literal("challenged"), ...log, challenger: hex, bond: z.bigint(), dueAt: z.int() }),
  z.strictObject({ kind: z.literal("fulfilled"), ...log, workerId: z.int(), output: hex }),
  z.strictObject({ kind: z.literal("settled"), ...log, workerId: z.int(), fee: z.bigint() }),
  z.strictObject({
    kind: z.literal("refunded"),
    ...log,
    workerId: z.int(),
    refund: z.bigint(),
    slashed: z.bigint(),
  }),
  z.strictObject({ kind: z.literal("committed"), ...log, round, workerId: z.int(), seat: z.int() }),
  z.strictObject({ kind: z.literal("reveals-opened"), ...log, round, dueAt: z.int() }),
  /** `output` is empty in a panel. */
  z.strictObject({ kind: z.literal("revealed"), ...log, round, workerId: z.int(), outputHash: hex, output: hex }),
  z.strictObject({ kind: z.literal("seat-lost"), ...log, round, workerId: z.int() }),
  /** A seat's earnings. */
  z.strictObject({ kind: z.literal("paid"), ...log, round, workerId: z.int(), amount: z.bigint() }),
  /** `outputHash`: its first 28 bytes. */
  z.strictObject({ kind: z.literal("copies-agreed"), ...log, outputHash: hex, dueAt: z.int() }),
  z.strictObject({ kind: z.literal("copies-disagreed"), ...log, dueAt: z.int() }),
  z.strictObject({ kind: z.literal("panel-called"), ...log, panelId: hex, seats: z.int(), dueAt: z.int() }),
  z.strictObject({ kind: z.literal("panel-judged"), ...log, decided: z.boolean(), upheld: z.boolean() }),
  z.strictObject({ kind: z.literal("callback-delivered"), ...log }),
  z.strictObject({ kind: z.literal("callback-failed"), ...log, reason: hex }),
  /** The block of that log was orphaned. */
  z.strictObject({ kind: z.literal("revoked"), blockHash: hex, logIndex: z.int() }),

  z.strictObject({
    kind: z.literal("declined"),
    reason: z.enum(DECLINE_REASONS),
    detail: z.string(),
    /** Chain time at which the reason may be gone; null: never. */
    until: z.int().nullable(),
  }),
  z.strictObject({
    kind: z.literal("answered"),
    output: hex,
    executor: z.enum(["reference", "onnx-runtime"]),
    milliseconds: z.number(),
    /** What was run; older facts do not say. */
    versionId: hex.optional(),
  }),
  z.strictObject({
    kind: z.literal("evidence"),
    level: z.enum(["Tee", "Zkml"]),
    output: hex,
    evidence: hex,
    milliseconds: z.number(),
    versionId: hex.optional(),
  }),
  /** Drawn before the commitment of a round is sent; 32 bytes. */
  z.strictObject({ kind: z.literal("salted"), round, salt: hex }),
  z.strictObject({
    kind: z.literal("signed"),
    send: sendKind,
    nonce: z.int(),
    transactionHash: hex,
    raw: hex,
    /** Highest price per unit of gas, in wei, that these bytes pay. */
    maxFeePerGas: z.bigint(),
    /** The jobs of a batch in its order; empty for a transaction of one job. The first one's look-ups tell of all. */
    batch: z.array(hex).readonly().default([]),
  }),
  z.strictObject({
    kind: z.literal("mined"),
    nonce: z.int(),
    transactionHash: hex,
    ok: z.boolean(),
    blockNumber: z.int(),
    blockHash: hex,
    gasUsed: z.bigint(),
    /** Wei that each unit of gas cost; older facts do not say. */
    effectiveGasPrice: z.bigint().optional(),
  }),
  /** The block that held the transaction was orphaned: it is pending again. */
  z.strictObject({ kind: z.literal("unmined"), nonce: z.int(), transactionHash: hex }),
  /** No node took the bytes and none ever will; the nonce is free. */
  z.strictObject({ kind: z.literal("rejected"), nonce: z.int(), transactionHash: hex, message: z.string() }),
  /** The nonce was used by bytes that this journal does not know. */
  z.strictObject({ kind: z.literal("lost"), nonce: z.int() }),
  /** A simulation reverted, so nothing was signed. `error` is the contract's error or what the node said. */
  z.strictObject({ kind: z.literal("refused"), send: sendKind, error: z.string(), detail: z.string(), at: z.int() }),
  z.strictObject({
    kind: z.literal("failed"),
    step: z.enum(["answer", "evidence", "send"]),
    code: z.string(),
    message: z.string(),
    retryable: z.boolean(),
    /** Chain time. */
    at: z.int(),
  }),
  z.strictObject({ kind: z.literal("unfunded"), send: sendKind, message: z.string(), at: z.int() }),
  /** This worker was found suspended and says that it is back; belongs to no job. Chain time. */
  z.strictObject({ kind: z.literal("returning"), misses: z.int(), at: z.int() }),
  /** Its owner wants the worker to get no new jobs, or to get some again; belongs to no job. Wall clock, in seconds. */
  z.strictObject({ kind: z.literal("drain-wanted"), draining: z.boolean(), at: z.int() }),
  /** The operator wants the job to be tried again. */
  z.strictObject({ kind: z.literal("replayed") }),
  /** The first block of the chain that this journal is of; belongs to no job. */
  z.strictObject({ kind: z.literal("anchored"), genesis: hex }),
  z.strictObject({ kind: z.literal("closed"), why: z.string() }),
]);
export type Fact = z.infer<typeof fact>;
export type FactKind = Fact["kind"];
export type FactOf<K extends FactKind> = Extract<Fact, { kind: K }>;
export type LogFact = Extract<Fact, { log: LogKey }>;

/** Kinds of log facts. */
export const LOG_KINDS = [
  "requested",
  "claimed",
  "executed",
  "challenged",
  "fulfilled",
  "settled",
  "refunded",
  "committed",
  "reveals-opened",
  "revealed",
  "seat-lost",
  "paid",
  "copies-agreed",
  "copies-disagreed",
  "panel-called",
  "panel-judged",
  "callback-delivered",
  "callback-failed",
] as const satisfies readonly LogFact["kind"][];

/** Throws zod's error if the value is no fact. */
export function parseFact(value: unknown): Fact {
  return fact.parse(value);
}

export function isLogFact(candidate: Fact): candidate is LogFact {
  return "log" in candidate;
}
