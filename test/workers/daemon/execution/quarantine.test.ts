import { expect } from "chai";

import { createQuarantine } from "../../../../workers/daemon/execution/quarantine.ts";

const HOUR = 3600;

function quarantineAt() {
  let seconds = 1_000_000;
  const quarantine = createQuarantine({ faults: 3, seconds: 60, now: () => seconds * 1000 });
  return {
    ...quarantine,
    pass: (more: number) => (seconds += more),
    /** Seconds that are left. */
    left: (version: string) => ((quarantine.of(version)?.until ?? seconds * 1000) - seconds * 1000) / 1000,
  };
}

describe("the quarantine of a version", () => {
  it("begins with the third fault, and concerns no other version", () => {
    const versions = quarantineAt();
    expect(versions.note("a", "EXECUTOR_CRASHED")).to.equal(null);
    expect(versions.note("a", "EXECUTOR_CRASHED")).to.equal(null);
    expect(versions.note("b", "EXECUTOR_CRASHED")).to.equal(null);
    expect(versions.note("a", "EXECUTOR_MEMORY")).to.include({ versionId: "a", faults: 3, why: "EXECUTOR_MEMORY" });
    expect([versions.left("a"), versions.left("b")]).to.deep.equal([60, 0]);
    expect(versions.of("b")).to.equal(null);
  });

  it("ends by itself, and doubles with each further fault, up to six hours", () => {
    const versions = quarantineAt();
    for (let count = 0; count < 2; count++) versions.note("a", "EXECUTOR_TIMEOUT");
    const pauses = Array.from({ length: 12 }, () => {
      versions.note("a", "EXECUTOR_TIMEOUT");
      const pause = versions.left("a");
      expect(versions.all()).to.have.length(1);
      versions.pass(pause);
      expect(versions.all()).to.deep.equal([]);
      return pause;
    });
    expect(pauses).to.deep.equal([60, 120, 240, 480, 960, 1920, 3840, 7680, 15_360, 6 * HOUR, 6 * HOUR, 6 * HOUR]);
  });

  it("is forgotten after an hour without a fault, counted from its end", () => {
    const versions = quarantineAt();
    for (let count = 0; count < 4; count++) versions.note("a", "EXECUTOR_CRASHED");
    versions.pass(versions.left("a") + HOUR);
    versions.note("a", "EXECUTOR_CRASHED");
    expect(versions.of("a")).to.include({ faults: 5 });
    versions.pass(versions.left("a") + HOUR + 1);
    versions.note("a", "EXECUTOR_CRASHED");
    expect(versions.of("a")).to.equal(null);
  });
});
