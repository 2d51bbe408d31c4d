import { expect } from "chai";

import {
  afterLook,
  type EnrolmentState,
  isOnNotice,
  needsQuote,
  NOT_ENROLLED,
} from "../../../../workers/daemon/enclave/enrolment-state.ts";

const HOUR = 3600;
const FOUND = { expiresAt: 100 * HOUR, enrolledAt: 10 * HOUR, quoteHash: "0x01" };
const ENROLLED: EnrolmentState = { ...FOUND, promised: FOUND.expiresAt };

describe("what is known of an enclave's enrolment", () => {
  it("is news once, when it begins, is renewed, is put on notice and ends", () => {
    const steps = [
      [null, null],
      [FOUND, "enrolled"],
      [FOUND, null],
      [{ ...FOUND, expiresAt: 200 * HOUR, quoteHash: "0x02" }, "enrolled"],
      [{ ...FOUND, expiresAt: 50 * HOUR, quoteHash: "0x02" }, "on notice"],
      [{ ...FOUND, expiresAt: 50 * HOUR, quoteHash: "0x02" }, null],
      [{ ...FOUND, expiresAt: 190 * HOUR, quoteHash: "0x03" }, "enrolled"],
      [null, "ended"],
      [null, null],
    ] as const;
    let state = NOT_ENROLLED;
    for (const [found, news] of steps) {
      const after = afterLook(state, found);
      expect(after.news).to.equal(news);
      state = after.state;
    }
  });

  it("is on notice while the chain's expiry is before the one that the quote was given", () => {
    expect(isOnNotice(ENROLLED)).to.equal(false);
    expect(isOnNotice({ ...ENROLLED, expiresAt: ENROLLED.promised - 1 })).to.equal(true);
    expect(isOnNotice(NOT_ENROLLED)).to.equal(false);
  });

  it("asks for another quote without an enrolment, on notice, and before the end", () => {
    expect(needsQuote(NOT_ENROLLED, 0, HOUR)).to.equal(true);
    expect(needsQuote(ENROLLED, 99 * HOUR - 1, HOUR)).to.equal(false);
    expect(needsQuote(ENROLLED, 99 * HOUR, HOUR)).to.equal(true);
    expect(needsQuote({ ...ENROLLED, expiresAt: 99 * HOUR }, 11 * HOUR, HOUR)).to.equal(true);
  });

  it("does not ask for another quote as long as half of a short life is left", () => {
    const short: EnrolmentState = { ...ENROLLED, enrolledAt: 0, expiresAt: HOUR, promised: HOUR };
    expect(needsQuote(short, HOUR / 2 - 1, HOUR)).to.equal(false);
    expect(needsQuote(short, HOUR / 2, HOUR)).to.equal(true);
  });
});
