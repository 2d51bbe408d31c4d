import { expect } from "chai";

import type { Fact, Level } from "../../../../workers/daemon/facts.ts";
import { nextAction } from "../../../../workers/daemon/job/next-action.ts";
import { reduce } from "../../../../workers/daemon/job/reduce.ts";
import { termsOf } from "../../../../workers/daemon/job/spending.ts";
import {
  ANSWERED,
  contextOf,
  JOB_ID,
  jobAt,
  KEY,
  mined,
  OTHER,
  OUTPUT,
  place,
  requested,
  signed,
  US,
} from "../sample-job.ts";

const COIN = 10n ** 18n;
const BALANCE = 10n ** 18n;
const gas = (price: bigint, overrides: { balance?: bigint; coinValue?: bigint | null } = {}) => ({
  price,
  balance: BALANCE,
  seen: {},
  coinValue: COIN,
  ...overrides,
});
const duty = (units: bigint) => ({ seconds: 0, dueAt: 5000, gas: units });

describe("a worker that counts its gas", () => {
  const view = (level: Level, facts: readonly Fact[] = []) => reduce(JOB_ID, [requested(jobAt(level)), ...facts]);
  /** The market would pay `fee` wei now. */
  const decide = (level: Level, fee: bigint, overrides: Parameters<typeof contextOf>[0] = {}, facts: Fact[] = []) =>
    nextAction(view(level, facts), contextOf({ offer: { fee, highestFee: 10n * fee, price: 0n }, ...overrides }));
  const executedByOther: Fact = { kind: "executed", log: place(2), workerId: OTHER, output: "0xee", dueAt: 400 };

  it("declines a job whose fee does not cover its gas, and looks again: fees rise and gas falls", () => {
    expect(decide("Vanilla", 1_000_000n, { gas: gas(1n) })).to.include({ kind: "execute-model" });
    expect(decide("Vanilla", 100_000n, { gas: gas(1n) })).to.include({
      kind: "decline",
      reason: "gas-above-fee",
      until: 120,
    });
    expect(decide("Vanilla", 1_000_000n, { gas: gas(100n) })).to.include({ reason: "gas-above-fee" });
  });

  it("asks for as much beyond its gas as the operator wants, or does not look at gas at all", () => {
    const fee = 200_000n;
    expect(decide("Vanilla", fee, { gas: gas(1n) })).to.include({ kind: "execute-model" });
    expect(decide("Vanilla", fee, { gas: gas(1n), policy: { gasMargin: 0.5 } })).to.include({
      reason: "gas-above-fee",
    });
    expect(decide("Vanilla", 0n, { gas: gas(1000n), policy: { gasMargin: null } })).to.include({
      kind: "execute-model",
    });
  });

  it("counts proofs, callbacks, commitments and claims as what they cost", () => {
    const fee = 300_000n;
    expect(decide("Tee", fee, { gas: gas(1n) })).to.include({ kind: "execute-model" });
    expect(decide("Zkml", fee, { gas: gas(1n) })).to.include({ reason: "gas-above-fee" });
    const call = requested(jobAt("Vanilla", { callbackGas: 200_000 }));
    const context = contextOf({ offer: { fee, highestFee: fee, price: 0n }, gas: gas(1n) });
    expect(nextAction(reduce(JOB_ID, [call]), context)).to.include({ reason: "gas-above-fee" });
    const copies = requested(jobAt("Vanilla", { copies: 3 }));
    expect(nextAction(reduce(JOB_ID, [copies]), context)).to.include({ reason: "gas-above-fee" });
  });

  it("holds gas against fees in an ERC-20 only if it was told what a coin is worth", () => {
    const free = { gas: gas(COIN, { coinValue: null, balance: 10n ** 30n }) };
    expect(decide("Vanilla", 1n, free)).to.include({ kind: "execute-model" });
    // A coin is worth a thousand of the smallest units.
    const told = { gas: gas(COIN / 100_000n, { coinValue: 1000n, balance: 10n ** 30n }) };
    expect(decide("Vanilla", 2000n, told)).to.include({ kind: "execute-model" });
    expect(decide("Vanilla", 1000n, told)).to.include({ reason: "gas-above-fee" });
  });

  it("does not answer at a loss, though it has run the model already", () => {
    const dear = { gas: gas(1000n) };
    expect(decide("Vanilla", 1_000_000n, dear, [ANSWERED])).to.include({ reason: "gas-above-fee" });
  });

  it("counts what a job has cost already, reverted transactions too", () => {
    const spent: Fact[] = [
      ANSWERED,
      signed("execute", 1),
      { ...mined(1, false), gasUsed: 60_000n, effectiveGasPrice: 2n },
    ];
    expect(decide("Vanilla", 200_000n, { gas: gas(1n) }, [ANSWERED])).to.include({ kind: "send" });
    expect(decide("Vanilla", 200_000n, { gas: gas(1n) }, spent)).to.include({ reason: "gas-above-fee" });
  });

  it("takes no job whose gas would be missing for those under way", () => {
    const fee = 10n ** 17n;
    const poor = (balance: bigint, duties: ReturnType<typeof duty>[]) => ({ gas: gas(1n, { balance }), duties });
    expect(decide("Vanilla", fee, poor(300_000n, []))).to.include({ kind: "execute-model" });
    expect(decide("Vanilla", fee, poor(300_000n, [duty(100_000n)]))).to.include({
      kind: "decline",
      reason: "insufficient-balance",
      until: 120,
    });
    expect(decide("Vanilla", fee, poor(200_000n, []))).to.include({ reason: "insufficient-balance" });
  });

  it("protects its stake whatever the gas costs", () => {
    const answered = [requested(jobAt("Vanilla")), ANSWERED, { ...executedByOther, workerId: US, output: OUTPUT }];
    const ruin = { now: 500, offer: null, gas: gas(10n ** 15n, { balance: 0n }) };
    expect(nextAction(reduce(JOB_ID, answered), contextOf(ruin))).to.include({ kind: "send", send: "settle" });
    const terms = termsOf(reduce(JOB_ID, answered), "settle", contextOf(ruin));
    expect(terms.most).to.equal(null);
  });

  it("lets no send without stake cost more than the job earns beyond the sends that follow it", () => {
    const context = contextOf({ gas: gas(2n), market: { priorityWindow: 60, jobStake: 1n, challengeBond: 1n } });
    const rich = reduce(JOB_ID, [requested(jobAt("Vanilla", { minFee: 1_000_000n, maxFee: 1_000_000n }))]);
    // Settling takes 60,000 gas and the output's few bytes.
    expect(termsOf(rich, "execute", context)).to.deep.equal({ dueAt: 1100, most: 1_000_000n - 2n * 60_024n });
    const poor = reduce(JOB_ID, [requested(jobAt("Vanilla"))]);
    expect(termsOf(poor, "execute", context)).to.deep.equal({ dueAt: 1100, most: 0n });
    expect(termsOf(poor, "execute", { ...context, policy: { ...context.policy, gasMargin: null } }).most).to.equal(
      null,
    );
  });

  describe("and checks the answers of others", () => {
    const challenge = { policy: { challenge: "on" as const }, offer: null };
    const theirs = [requested(jobAt("Vanilla")), ANSWERED, executedByOther];
    const judge = (overrides: Parameters<typeof contextOf>[0], facts: readonly Fact[] = theirs) =>
      nextAction(reduce(JOB_ID, facts), contextOf({ ...challenge, now: 200, ...overrides }));

    it("challenges a wrong one if its part of the stake pays for the gas", () => {
      const market = { priorityWindow: 60, jobStake: 4n * COIN, challengeBond: 1n };
      expect(judge({ gas: gas(1n), market })).to.include({ kind: "send", send: "challenge" });
      expect(judge({ gas: gas(1n) })).to.include({ kind: "decline", reason: "gas-above-fee" });
      expect(
        termsOf(reduce(JOB_ID, theirs), "challenge", contextOf({ ...challenge, gas: gas(1n), market })),
      ).to.deep.equal({
        dueAt: 400,
        most: COIN - 130_000n,
      });
    });

    it("has no more bonds out than it may", () => {
      expect(judge({ bondsOut: 4 })).to.include({ kind: "decline", reason: "bonds-all-out", until: 210 });
      expect(judge({ bondsOut: 3 })).to.include({ kind: "send", send: "challenge" });
    });

    it("leaves out what is not among those that it checks", () => {
      expect(judge({ sampled: false })).to.include({ kind: "decline", reason: "not-sampled", until: null });
    });

    it("checks versions that it does not serve only if it was told to", () => {
      expect(judge({ serving: false })).to.include({ reason: "taken-by-another" });
      const all = { challenge: "on" as const, challengeVersions: "all" as const };
      expect(judge({ serving: false, policy: all })).to.include({ kind: "send", send: "challenge" });
    });

    it("runs nothing that it could not run in time, or that would take the place of its own jobs", () => {
      const unchecked = [requested(jobAt("Vanilla")), executedByOther];
      expect(judge({}, unchecked)).to.include({ kind: "execute-model" });
      const slow = { pace: { answer: 200, Tee: 1, Zkml: 1 } };
      expect(judge(slow, unchecked)).to.include({ reason: "challenge-too-late" });
      expect(judge({ working: 4 }, unchecked)).to.include({ kind: "decline", reason: "at-capacity", until: 200 });
    });

    it("waits for its own challenge as for any other job with its money in it", () => {
      const challenged: Fact = { kind: "challenged", log: place(3), challenger: KEY, bond: 1n, dueAt: 900 };
      expect(judge({ now: 500 }, [...theirs, challenged])).to.include({ kind: "wait", until: 901 });
    });
  });
});
