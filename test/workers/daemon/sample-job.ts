import type { Fact, FactOf, Hex, Job, Level, LogKey } from "../../../workers/daemon/facts.ts";
import type { Context, Offer } from "../../../workers/daemon/job/context.ts";
import { DEFAULT_POLICY, type Policy } from "../../../workers/daemon/job/policy.ts";

export const JOB_ID: Hex = `0x${"0b".repeat(32)}`;
export const KEY: Hex = `0x${"aa".repeat(20)}`;
export const US = 7;
export const OTHER = 8;
export const OUTPUT: Hex = "0x2a";

export function jobAt(level: Level, overrides: Partial<Job> = {}): Job {
  return {
    versionId: `0x${"01".repeat(32)}`,
    inputHash: `0x${"02".repeat(32)}`,
    requester: `0x${"bb".repeat(20)}`,
    consumer: `0x${"00".repeat(20)}`,
    level,
    callbackAt: "Final",
    callbackGas: 0,
    minFee: 1000n,
    maxFee: 3000n,
    requestedAt: 100,
    deadline: 1100,
    challengeWindow: level === "Vanilla" ? 300 : 0,
    copies: 1,
    requestBlock: 1n,
    candidates: 2,
    maxPrice: 100n,
    royalty: 0n,
    outputBytes: 1,
    textOutput: false,
    feeBasisPoints: 0,
    nonce: 0n,
    ...overrides,
  };
}

/** A place in a block whose hash follows from its number and branch. */
export function place(blockNumber: number, logIndex = 0, branch = "0"): LogKey {
  const blockHash: Hex = `0x${branch.repeat(32)}${blockNumber.toString(16).padStart(32, "0")}`;
  return { blockNumber, blockHash, transactionHash: `0x${"0c".repeat(32)}`, logIndex };
}

export function requested(job: Job, log: LogKey = place(1)): FactOf<"requested"> {
  return { kind: "requested", log, job, input: "0x05" };
}

export function signed(send: FactOf<"signed">["send"], nonce: number, mark = "1"): FactOf<"signed"> {
  return {
    kind: "signed",
    send,
    nonce,
    transactionHash: `0x${mark.repeat(64)}`,
    raw: `0x02${mark}0`,
    maxFeePerGas: 10n,
    batch: [],
  };
}

export function mined(nonce: number, ok = true, mark = "1"): FactOf<"mined"> {
  const { blockNumber, blockHash } = place(2);
  return { kind: "mined", nonce, transactionHash: `0x${mark.repeat(64)}`, ok, blockNumber, blockHash, gasUsed: 1n };
}

export const ANSWERED: Fact = { kind: "answered", output: OUTPUT, executor: "reference", milliseconds: 1 };

export function evidence(level: "Tee" | "Zkml"): Fact {
  return { kind: "evidence", level, output: OUTPUT, evidence: "0x1234", milliseconds: 1 };
}

export function contextOf({
  policy,
  offer,
  ...overrides
}: { policy?: Partial<Policy>; offer?: Partial<Offer> | null } & Partial<
  Omit<Context, "policy" | "offer">
> = {}): Context {
  return {
    now: 110,
    head: 1,
    worker: { id: US, key: KEY },
    policy: { ...DEFAULT_POLICY, levels: ["Vanilla", "Tee", "Zkml"], claim: "never", gasMargin: 0, ...policy },
    version: { levels: ["Vanilla", "Tee", "Zkml"], hasCircuit: true },
    serving: true,
    offer:
      offer === null
        ? null
        : {
            fee: 1000n,
            highestFee: 3000n,
            price: 500n,
            draining: false,
            freeStake: 10n,
            jobStake: 1n,
            turn: { rank: 0, holder: US, until: 161 },
            ...offer,
          },
    panel: null,
    evidenceWindow: 600,
    enclaveReady: true,
    working: 0,
    inputMissing: false,
    duties: [],
    pace: { answer: 1, Tee: 1, Zkml: 15 },
    gas: { price: 0n, balance: 10n ** 18n, seen: {}, coinValue: 10n ** 18n },
    market: { priorityWindow: 60, jobStake: 1n, challengeBond: 1n },
    sampled: true,
    bondsOut: 0,
    ...overrides,
  };
}
