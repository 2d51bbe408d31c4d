import { expect } from "chai";

import { CALLBACK_AT, ETHER, ethers, lastJob, PARAMETERS, passTime, requestOf } from "../fixture.ts";
import {
  at,
  BOND,
  type Crowded,
  expectBalanced,
  FEE,
  load,
  playCopies,
  playPanel,
  RIGHT,
  right,
  WRONG,
  wrong,
} from "./rounds-fixture.ts";

describe("a panel", function () {
  this.timeout(120_000);

  describe("and the consumer", () => {
    const consuming = async (base: Crowded, callbackAt: number, copies: bigint) => {
      const consumer = await ethers.deployContract("MoodyConsumer", [base.market]);
      await base.market.deposit(consumer, ETHER, { value: ETHER });
      const terms = { copies, minFee: FEE, maxFee: FEE, callbackGas: 200_000n, callbackAt };
      await consumer.getFunction("ask")(requestOf(base.panelVersionId, terms), "0x03");
      const asked = await lastJob(base);
      await passTime(asked.terms.requestedAt + 2n * PARAMETERS.priorityWindow);
      return { consumer, asked };
    };

    it("gets an upheld answer from whoever repeats it, if it waits for the final one", async () => {
      const base = await load();
      const { market, crowd, challenger } = base;
      const { consumer, asked } = await consuming(base, CALLBACK_AT.Final, 1n);
      await market.connect(at(crowd, 0).key).execute(asked.job, RIGHT);
      await market.connect(challenger).challenge(asked.job, BOND);
      await playPanel(base, asked, [right, right, right]);
      await market.resolve(asked.job);
      await expect(market.retryCallback(asked.job, WRONG))
        .to.be.revertedWithCustomError(market, "OutputMismatch")
        .withArgs(asked.jobId);
      await market.retryCallback(asked.job, RIGHT);
      expect(await consumer.getFunction("answer")()).to.equal(RIGHT);
      expect(await consumer.getFunction("isFinal")()).to.equal(true);
      await expect(market.retryCallback(asked.job, RIGHT))
        .to.be.revertedWithCustomError(market, "NoCallbackOwed")
        .withArgs(asked.jobId);
      await expectBalanced(base, asked, [consumer]);
    });

    it("need not be told again what it was told early", async () => {
      const base = await load();
      const { market, crowd, challenger } = base;
      const { asked } = await consuming(base, CALLBACK_AT.Executed, 1n);
      await market.connect(at(crowd, 0).key).execute(asked.job, RIGHT);
      await market.connect(challenger).challenge(asked.job, BOND);
      await playPanel(base, asked, [right, right, right]);
      await market.resolve(asked.job);
      await expect(market.retryCallback(asked.job, RIGHT)).to.be.revertedWithCustomError(market, "NoCallbackOwed");
    });

    it("that failed with an early answer gets it once the panel upheld it", async () => {
      const base = await load();
      const { market, crowd, challenger } = base;
      const { consumer, asked } = await consuming(base, CALLBACK_AT.Executed, 1n);
      const [good, reverts] = [0, 1];
      await consumer.getFunction("setMood")(reverts, "0x");
      await market.connect(at(crowd, 0).key).execute(asked.job, RIGHT);
      await market.connect(challenger).challenge(asked.job, BOND);
      await playPanel(base, asked, [right, right, right]);
      await market.resolve(asked.job);
      await consumer.getFunction("setMood")(good, "0x");
      await expect(market.retryCallback(asked.job, RIGHT)).to.emit(market, "CallbackDelivered");
      expect(await consumer.getFunction("isFinal")()).to.equal(true);
    });

    it("is told that an overturned answer does not count, as it is when no verdict comes", async () => {
      for (const plays of [[right, right, right], []]) {
        const base = await load();
        const { market, crowd, challenger } = base;
        const { consumer, asked } = await consuming(base, CALLBACK_AT.Executed, 1n);
        await market.connect(at(crowd, 0).key).execute(asked.job, WRONG);
        await market.connect(challenger).challenge(asked.job, BOND);
        await playPanel(base, asked, plays);
        await market.resolve(asked.job);
        expect(await consumer.getFunction("revocations")()).to.equal(1n);
        await expectBalanced(base, asked, [consumer]);
      }
    });

    it("gets the minority's answer in place of the early one when the panel says so", async () => {
      const base = await load();
      const { market, challenger } = base;
      const { consumer, asked } = await consuming(base, CALLBACK_AT.Executed, 3n);
      await playCopies(base, asked, [wrong, right, wrong]);
      await market.tally(asked.job, WRONG);
      expect(await consumer.getFunction("answer")()).to.equal(WRONG);
      await market.connect(challenger).challenge(asked.job, BOND);
      await playPanel(base, asked, [right, right, right]);
      await market.resolve(asked.job);
      await market.retryCallback(asked.job, RIGHT);
      expect(await consumer.getFunction("answer")()).to.equal(RIGHT);
      expect(await consumer.getFunction("isFinal")()).to.equal(true);
      await expectBalanced(base, asked, [consumer]);
    });
  });
});
