import { expect } from "chai";
import fc from "fast-check";

import { laneState, nextNonce } from "../../../../workers/daemon/lane/lane-state.ts";
import { JOB_ID, mined, signed } from "../sample-job.ts";
import type { Fact } from "../../../../workers/daemon/facts.ts";

const state = (...facts: Fact[]) => laneState(facts.map((fact) => ({ job: JOB_ID, fact })));
const { transactionHash } = signed("claim", 0);

describe("the nonces of a key", () => {
  it("come after what the chain has counted and what is out", () => {
    expect(nextNonce(state(), 4)).to.equal(4);
    expect(nextNonce(state(signed("claim", 4), signed("claim", 5)), 4)).to.equal(6);
  });

  it("do not repeat when a node lags behind", () => {
    expect(nextNonce(state(signed("claim", 4), mined(4)), 4)).to.equal(5);
  });

  it("fill a gap below others that are out", () => {
    const rejected: Fact = { kind: "rejected", nonce: 4, transactionHash, message: "" };
    expect(nextNonce(state(signed("claim", 4), signed("claim", 5), rejected), 4)).to.equal(4);
  });

  it("go back with a block that was orphaned", () => {
    const facts: Fact[] = [
      signed("claim", 4),
      mined(4),
      { kind: "unmined", nonce: 4, transactionHash },
      { kind: "rejected", nonce: 4, transactionHash, message: "" },
    ];
    expect(nextNonce(state(...facts), 4)).to.equal(4);
  });

  it("are never those of bytes that are out, whatever happened before", () => {
    const nonce = fc.integer({ min: 0, max: 6 });
    const fact: fc.Arbitrary<Fact> = fc.oneof(
      nonce.map((at): Fact => signed("claim", at)),
      nonce.map((at): Fact => mined(at)),
      nonce.map((at): Fact => ({ kind: "unmined", nonce: at, transactionHash })),
      nonce.map((at): Fact => ({ kind: "rejected", nonce: at, transactionHash, message: "" })),
      nonce.map((at): Fact => ({ kind: "lost", nonce: at })),
    );
    fc.assert(
      fc.property(fc.array(fact), nonce, (facts, count) => {
        const lane = state(...facts);
        const next = nextNonce(lane, count);
        expect(lane.pending.has(next)).to.equal(false);
        expect(next).to.be.at.least(count);
      }),
    );
  });
});
