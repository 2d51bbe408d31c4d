import { expect } from "chai";

import { createPulse } from "../../../workers/daemon/pulse.ts";

const HOUR = 3_600_000;

describe("the pulse of the work loop", () => {
  const never = new AbortController().signal;

  it("comes by itself after its interval", async () => {
    await createPulse(1).next(never);
  });

  it("comes at once when something wakes it, also if that was before", async () => {
    const pulse = createPulse(HOUR);
    const waiting = pulse.next(never);
    pulse.wake();
    await waiting;
    pulse.wake();
    await pulse.next(never);
  });

  it("is woken once by what came meanwhile, however often it came", async () => {
    const pulse = createPulse(HOUR);
    pulse.wake();
    pulse.wake();
    await pulse.next(never);
    let isOver = false;
    const waiting = pulse.next(never).then(() => (isOver = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect(isOver).to.equal(false);
    pulse.wake();
    await waiting;
  });

  it("ends when it is stopped, before or meanwhile", async () => {
    const pulse = createPulse(HOUR);
    const stopping = new AbortController();
    const waiting = pulse.next(stopping.signal);
    stopping.abort();
    await waiting;
    await pulse.next(stopping.signal);
  });
});
