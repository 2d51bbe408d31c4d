import { expect } from "chai";

import type { Fact, Level } from "../../../../workers/daemon/facts.ts";
import { nextAction } from "../../../../workers/daemon/job/next-action.ts";
import type { Policy } from "../../../../workers/daemon/job/policy.ts";
import { reduce } from "../../../../workers/daemon/job/reduce.ts";
import { policyOf } from "../../../../workers/daemon/worker-config.ts";
import { DEPLOYMENT } from "../sample-deployment.ts";
import { ANSWERED, contextOf, JOB_ID, jobAt, OUTPUT, place, requested, US } from "../sample-job.ts";

const REQUESTED_IN = 50;

describe("confirmations of a request", () => {
  const policy: Partial<Policy> = {
    confirmations: { Vanilla: 1, Tee: 0, Zkml: 3 },
    confirmationsByFee: [
      { from: 1000n, blocks: 2 },
      { from: 5000n, blocks: 12 },
    ],
  };
  const at = (head: number, level: Level, maxFee = 10n, more: readonly Fact[] = []) => {
    const facts = [requested(jobAt(level, { minFee: 10n, maxFee }), place(REQUESTED_IN)), ...more];
    const cheap = { fee: 10n, highestFee: 10n, price: 1n };
    return nextAction(reduce(JOB_ID, facts), contextOf({ head, policy, offer: cheap }));
  };

  const needed: readonly (readonly [Level, bigint, number])[] = [
    ["Vanilla", 10n, 1],
    ["Tee", 10n, 0],
    ["Zkml", 10n, 3],
    ["Vanilla", 1000n, 2],
    ["Zkml", 1000n, 3],
    ["Tee", 5000n, 12],
  ];
  for (const [level, fee, blocks] of needed)
    it(`are ${blocks} at ${level} for a fee of up to ${fee}`, () => {
      expect(at(REQUESTED_IN + blocks, level, fee)).to.deep.equal({ kind: "execute-model" });
      if (blocks === 0) return;
      const early = at(REQUESTED_IN + blocks - 1, level, fee);
      expect(early).to.deep.include({ kind: "wait", until: 110 });
    });

  it("are waited for without a word in the journal, and with a reason", () => {
    expect(at(REQUESTED_IN, "Zkml")).to.deep.equal({
      kind: "wait",
      until: 110,
      why: "its request has 0 of 3 confirmations",
    });
  });

  it("do not hold up a job that would be declined anyway", () => {
    const facts = [requested(jobAt("Zkml"), place(REQUESTED_IN))];
    const late = contextOf({ head: REQUESTED_IN, policy, now: 1099 });
    expect(nextAction(reduce(JOB_ID, facts), late)).to.include({ kind: "decline", reason: "deadline-too-close" });
  });

  it("are not asked of a job that this worker is bound to", () => {
    const claimed: Fact = { kind: "claimed", log: place(REQUESTED_IN, 1), workerId: US, dueAt: 700 };
    expect(at(REQUESTED_IN, "Zkml", 10n, [claimed, ANSWERED])).to.include({ kind: "make-evidence", output: OUTPUT });
  });

  it("count from the block that holds the request now, after a reorganisation", () => {
    const first = requested(jobAt("Zkml"), place(REQUESTED_IN));
    const { blockHash, logIndex } = first.log;
    const again = requested(jobAt("Zkml"), place(REQUESTED_IN + 4, 0, "1"));
    const view = reduce(JOB_ID, [first, { kind: "revoked", blockHash, logIndex }, again]);
    expect(view.requestedIn).to.equal(REQUESTED_IN + 4);
    expect(nextAction(view, contextOf({ head: REQUESTED_IN + 5, policy }))).to.include({ kind: "wait" });
  });

  it("must be whole numbers, and nodes and quorums what they can be", () => {
    const config = {
      deployment: DEPLOYMENT,
      rpcUrls: ["ftp://node", "http://two"],
      rpcQuorum: 3,
      websocketUrl: "http://node",
      lagPatience: -1,
      signer: { address: DEPLOYMENT.market, signTransaction: () => Promise.resolve("0x") },
      directory: "worker",
      policy: {
        confirmations: { Vanilla: -1, Tee: 0, Zkml: 0.5 },
        confirmationsByFee: [{ from: -1n, blocks: 1 }],
      },
    };
    const problems: string[] = [];
    try {
      policyOf(config);
    } catch (error) {
      problems.push(...String(error).split("\n").slice(1));
    }
    expect(problems.map((problem) => problem.split(":")[0])).to.deep.equal([
      "rpcUrls",
      "rpcQuorum",
      "websocketUrl",
      "lagPatience",
      "policy.confirmations.Vanilla",
      "policy.confirmations.Zkml",
      "policy.confirmationsByFee",
    ]);
  });
});
