import { expect } from "chai";

import { createHeartbeat, healthOf } from "../../../../workers/daemon/observe/heartbeat.ts";

const MINUTE = 60_000;

describe("a worker's health", () => {
  it("is alive at once, and ready once it has caught up", () => {
    const heart = createHeartbeat(() => 0);
    expect(healthOf(heart.latest(), false, 0)).to.deep.include({ alive: true, ready: false });
    heart.began();
    heart.succeeded(1_000);
    expect(healthOf(heart.latest(), false, 10)).to.deep.equal({ alive: true, ready: true, reasons: [] });
    expect(heart.latest()).to.include({ chainTime: 1_000, failure: null });
  });

  it("is alive but not ready while its nodes are away, and says why", () => {
    let now = 0;
    const heart = createHeartbeat(() => now);
    heart.succeeded(1);
    now = 5 * MINUTE;
    heart.failed("RPC_UNREACHABLE");
    const { alive, ready, reasons } = healthOf(heart.latest(), false, now);
    expect([alive, ready]).to.deep.equal([true, false]);
    expect(reasons.join()).to.match(/300 s ago: RPC_UNREACHABLE/);
    heart.succeeded(2);
    expect(healthOf(heart.latest(), false, now).ready).to.equal(true);
  });

  it("is not alive when its loop does not go round", () => {
    const heart = createHeartbeat(() => 0);
    expect(healthOf(heart.latest(), false, 11 * MINUTE).alive).to.equal(false);
  });

  it("is not ready while it stops", () => {
    const heart = createHeartbeat(() => 0);
    heart.succeeded(1);
    expect(healthOf(heart.latest(), true, 0)).to.deep.include({ alive: true, ready: false });
  });
});
