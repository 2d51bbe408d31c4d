import { expect } from "chai";
import { pino } from "pino";

import { createStopping } from "../../../workers/daemon/stopping.ts";

describe("stopping a worker", () => {
  const logger = pino({ level: "silent" });
  const begin = (unfinished: () => number) => {
    const stops: string[] = [];
    const stopNow = (): Promise<void> => {
      stops.push("stopped");
      return Promise.resolve();
    };
    return { stops, ...createStopping({ unfinished, pause: 1, stopNow, logger }) };
  };

  it("waits for what is unfinished, and takes nothing new meanwhile", async () => {
    let left = 2;
    const { stops, stop, isClosing } = begin(() => left);
    expect(isClosing()).to.equal(false);
    const stopped = stop({ finishWithin: 1000 });
    expect(isClosing()).to.equal(true);
    expect(stops).to.deep.equal([]);
    left = 0;
    await stopped;
    expect(stops).to.deep.equal(["stopped"]);
  });

  it("does not wait longer than it may", async () => {
    const { stops, stop } = begin(() => 1);
    await stop({ finishWithin: 0.01 });
    expect(stops).to.deep.equal(["stopped"]);
  });

  it("waits no more once it is told to stop at once", async () => {
    const { stops, stop } = begin(() => 1);
    const patient = stop({ finishWithin: 1_000_000 });
    await stop();
    await patient;
    expect(stops).to.deep.equal(["stopped", "stopped"]);
  });
});
