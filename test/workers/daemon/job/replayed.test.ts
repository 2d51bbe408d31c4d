import { expect } from "chai";

import type { Fact } from "../../../../workers/daemon/facts.ts";
import { nextAction } from "../../../../workers/daemon/job/next-action.ts";
import { reduce } from "../../../../workers/daemon/job/reduce.ts";
import { ANSWERED, contextOf, JOB_ID, jobAt, mined, OUTPUT, requested, signed } from "../sample-job.ts";

const REPLAYED: Fact = { kind: "replayed" };
const CLOSED: Fact = { kind: "closed", why: "given up" };

describe("a job that the operator wants tried again", () => {
  const open = requested(jobAt("Vanilla"));
  const decide = (facts: readonly Fact[]) => nextAction(reduce(JOB_ID, facts), contextOf({ now: 200 }));
  const failed: Fact = { kind: "failed", step: "answer", code: "X", message: "", retryable: false, at: 110 };
  const refused: Fact = { kind: "refused", send: "execute", error: "X", detail: "", at: 110 };
  const declined: Fact = { kind: "declined", reason: "execution-failed", detail: "", until: null };

  it("is open again, and runs though it failed for good", () => {
    const before = [open, failed, declined, CLOSED];
    expect(reduce(JOB_ID, before).closed).to.equal(true);
    expect(decide(before)).to.include({ kind: "done" });
    expect(reduce(JOB_ID, [...before, REPLAYED]).closed).to.equal(false);
    expect(decide([...before, REPLAYED])).to.deep.equal({ kind: "execute-model" });
  });

  it("is sent though it was refused and reverted as often as is allowed", () => {
    const refusals = Array.from({ length: 5 }, () => refused);
    const reverted = Array.from({ length: 5 }, (_, nonce) => [signed("execute", nonce), mined(nonce, false)]).flat();
    for (const obstacles of [refusals, reverted]) {
      expect(decide([open, ANSWERED, ...obstacles])).to.include({ kind: "decline" });
      const again = [open, ANSWERED, ...obstacles, REPLAYED];
      expect(decide(again)).to.deep.equal({ kind: "send", send: "execute", output: OUTPUT });
    }
  });

  it("keeps its one answer, and what was sent for it", () => {
    const facts = [open, ANSWERED, signed("execute", 3), REPLAYED];
    const view = reduce(JOB_ID, facts);
    expect(view.answer).to.deep.equal({ output: OUTPUT });
    expect(decide(facts)).to.deep.equal({ kind: "look-up", send: "execute", nonce: 3 });
  });

  it("looks a reverted transaction up again whose block is orphaned", () => {
    const sent = signed("execute", 3);
    const unmined: Fact = { kind: "unmined", nonce: 3, transactionHash: sent.transactionHash };
    const facts = [open, ANSWERED, sent, mined(3, false), REPLAYED, unmined];
    expect(decide(facts)).to.deep.equal({ kind: "look-up", send: "execute", nonce: 3 });
  });
});
