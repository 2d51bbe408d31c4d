import { expect } from "chai";
import { keccak256 } from "ethers";

import type { Fact, SendKind } from "../../../../workers/daemon/facts.ts";
import { reduce } from "../../../../workers/daemon/job/reduce.ts";
import { batchItem, unsignedCall } from "../../../../workers/daemon/steps/unsigned-call.ts";
import { interfaceOf } from "../../../../workers/sdk/contracts.ts";
import { commitmentOf, panelIdOf } from "../../../../workers/sdk/round.ts";
import { ANSWERED, evidence, JOB_ID, jobAt, KEY, mined, OUTPUT, requested, signed } from "../sample-job.ts";
import { DEPLOYMENT } from "../sample-deployment.ts";

const SALT = `0x${"5a".repeat(32)}` as const;

describe("the market call of a send", () => {
  const facts: Fact[] = [
    requested(jobAt("Vanilla", { copies: 3 })),
    ANSWERED,
    evidence("Zkml"),
    { kind: "salted", round: "copies", salt: SALT },
    { kind: "salted", round: "panel", salt: SALT },
  ];
  const parsed = (send: SendKind, of: readonly Fact[] = facts) => {
    const action = { kind: "send", send, output: OUTPUT } as const;
    const call = unsignedCall({ deployment: DEPLOYMENT }, reduce(JOB_ID, of), action, { workerKey: KEY, value: 5n });
    return { call, transaction: interfaceOf("market").parseTransaction({ data: call.data }) };
  };

  const names: [SendKind, string][] = [
    ["claim", "claim"],
    ["execute", "execute"],
    ["fulfill", "fulfill"],
    ["open-reveals", "openReveals"],
    ["tally", "tally"],
    ["challenge", "challenge"],
    ["open-verdicts", "resolve"],
    ["resolve", "resolve"],
    ["settle", "settle"],
    ["expire", "expire"],
    ["retry-callback", "retryCallback"],
  ];
  for (const [send, name] of names)
    it(`is ${name} for ${send}`, () => expect(parsed(send).transaction?.name).to.equal(name));

  it("commits to job, key, answer and salt, and reveals just those", () => {
    const parts = { worker: KEY, outputHash: keccak256(OUTPUT), salt: SALT };
    expect(parsed("commit").transaction?.args[1]).to.equal(commitmentOf({ ...parts, roundId: JOB_ID }));
    const verdict = parsed("commit-verdict").transaction;
    expect(verdict?.args[1]).to.equal(commitmentOf({ ...parts, roundId: panelIdOf(JOB_ID) }));
    expect(parsed("reveal").transaction?.args.slice(1)).to.deep.equal([OUTPUT, SALT]);
    expect(parsed("reveal-verdict").transaction?.args.slice(1)).to.deep.equal([keccak256(OUTPUT), SALT]);
  });

  it("sends value with a challenge only", () => {
    expect(parsed("challenge").call.value).to.equal(5n);
    expect(parsed("settle").call.value).to.equal(0n);
  });

  it("cannot be made without what it needs", () => {
    expect(() => parsed("claim", [])).to.throw("has no request");
    expect(() => parsed("commit", facts.slice(0, 2))).to.throw("has no salt");
    expect(() => parsed("fulfill", facts.slice(0, 2))).to.throw("has no evidence");
    expect(() => parsed("enroll")).to.throw("belongs to no job");
  });

  it("may share a transaction with others of its kind, but not after it failed in one", () => {
    const settle = { kind: "send", send: "settle", output: OUTPUT } as const;
    expect(batchItem(reduce(JOB_ID, facts), settle)?.kind).to.equal("settle");
    const failed = reduce(JOB_ID, [...facts, signed("settle", 3), mined(3, false)]);
    expect(batchItem(failed, settle)).to.equal(undefined);
  });

  it("goes alone for evidence of one copy among several, and for everything that is seldom", () => {
    const fulfill = { kind: "send", send: "fulfill", output: OUTPUT } as const;
    expect(batchItem(reduce(JOB_ID, facts), fulfill)).to.equal(undefined);
    const single = [requested(jobAt("Zkml")), ANSWERED, evidence("Zkml")];
    expect(batchItem(reduce(JOB_ID, single), fulfill)?.kind).to.equal("fulfill");
    expect(batchItem(reduce(JOB_ID, single), { ...fulfill, send: "claim" })).to.equal(undefined);
  });
});
