import type { Level } from "../facts.ts";

/** What an operator decides; the rest follows from the chain. Times in seconds. */
export interface Policy {
  /** Levels this process can bring evidence for. */
  readonly levels: readonly Level[];
  /**
   * How long an answer with its evidence takes, at most, where neither a measurement nor the version's manifest tells:
   * a job with less time left is declined.
   */
  readonly expectedSeconds: Readonly<Record<Level, number>>;
  /** Added to `expectedSeconds`: room for the transaction to be mined. */
  readonly safetySeconds: number;
  /** Blocks that must follow a job's request before the job is taken: a request that is orphaned pays nothing. */
  readonly confirmations: Readonly<Record<Level, number>>;
  /** More of them for jobs that may pay more: the most that any of these asks for. Fees in the currency's smallest unit. */
  readonly confirmationsByFee: readonly { readonly from: bigint; readonly blocks: number }[];
  /** How many jobs may be worked on at once. */
  readonly concurrency: number;
  /** How many of them this machine runs or proves side by side without one slowing the other. */
  readonly parallel: number;
  /**
   * What a job must earn beyond its gas, as a share of that: 0.5 asks for half as much again. Null: gas is not held
   * against fees.
   */
  readonly gasMargin: number | null;
  /** What a whole coin is worth in the market's currency, in its smallest unit, where that is an ERC-20; else null. */
  readonly coinValue: bigint | null;
  /** The operator is warned when the key's coins pay for fewer jobs than this. */
  readonly warnJobsLeft: number;
  /** `racing`: claim a Zkml job that others may answer before our proof is done. */
  readonly claim: "never" | "racing" | "always";
  /** Post a bound answer before its evidence: never, or when the consumer wants it early. */
  readonly earlyAnswer: "never" | "when-wanted";
  /** What to do about wrong Vanilla answers of others. */
  readonly challenge: "off" | "dry-run" | "on";
  /** Share of others' answers that is checked, 0 to 1. */
  readonly challengeSample: number;
  /** Whose answers are checked: of versions that this worker serves, or of all. */
  readonly challengeVersions: "served" | "all";
  /** Bonds that may be out at once. */
  readonly challengeBonds: number;
  /**
   * Jobs of several copies and panels, in which a worker whose answer is not the majority's loses stake: none of them
   * (`off`), only versions whose answer is defined to the bit (`exact`), or all (`on`).
   */
  readonly rounds: "off" | "exact" | "on";
  /** End a suspension from the draws by ourselves. */
  readonly returnToDraws: boolean;
  /** Seconds from one such return to the next, at least: a worker that lets its turns pass again should be looked at. */
  readonly returnPause: number;
  /** End late jobs of others, at our cost, so that requesters get their money back. */
  readonly expireLate: boolean;
  /** How often a failed callback of a job of ours is repeated. */
  readonly callbackRetries: number;
  /** After a temporary reason, a refusal or a missing balance: seconds until the job is looked at again. */
  readonly recheckSeconds: number;
  /** How often the same step may fail before the job is given up. */
  readonly attempts: number;
}

export const DEFAULT_POLICY: Policy = Object.freeze({
  levels: ["Vanilla", "Zkml"] as const,
  expectedSeconds: Object.freeze({ Vanilla: 1, Tee: 1, Zkml: 15 }),
  safetySeconds: 5,
  confirmations: Object.freeze({ Vanilla: 0, Tee: 0, Zkml: 0 }),
  confirmationsByFee: [],
  concurrency: 4,
  parallel: 1,
  gasMargin: null,
  coinValue: null,
  warnJobsLeft: 20,
  claim: "racing",
  earlyAnswer: "when-wanted",
  challenge: "off",
  challengeSample: 1,
  challengeVersions: "served",
  challengeBonds: 4,
  rounds: "on",
  returnToDraws: true,
  returnPause: 600,
  expireLate: false,
  callbackRetries: 1,
  recheckSeconds: 10,
  attempts: 5,
});
