import { expect } from "chai";

import { CALLBACK_AT, ETHER, ethers, lastJob, PARAMETERS, passTime, requestOf, signatureFor } from "../fixture.ts";
import {
  at,
  BOND,
  expectBalanced,
  FEE,
  load,
  other,
  playCopies,
  RIGHT,
  right,
  silent,
  type Crowded,
  WRONG,
  wrong,
} from "./rounds-fixture.ts";

describe("a job with several copies", function () {
  this.timeout(120_000);

  describe("with a callback", () => {
    const GAS = 200_000n;

    async function consuming(base: Crowded) {
      const consumer = await ethers.deployContract("MoodyConsumer", [base.market]);
      await base.market.deposit(consumer, ETHER, { value: ETHER });
      return consumer;
    }
    type Consumer = Awaited<ReturnType<typeof consuming>>;

    async function ask(base: Crowded, consumer: Consumer, callbackAt: number) {
      const terms = { copies: 3n, minFee: FEE, maxFee: FEE, callbackGas: GAS, callbackAt };
      await consumer.getFunction("ask")(requestOf(base.versionId, terms), "0x03");
      const asked = await lastJob(base);
      await passTime(asked.terms.requestedAt + 2n * PARAMETERS.priorityWindow);
      return asked;
    }
    const seen = async (consumer: Consumer): Promise<readonly unknown[]> => {
      const answer: unknown = await consumer.getFunction("answer")();
      const isFinal: unknown = await consumer.getFunction("isFinal")();
      return [answer, isFinal];
    };

    it("gives the majority's answer to the consumer at the tally, with the output that was revealed", async () => {
      const base = await load();
      const { market } = base;
      const consumer = await consuming(base);
      const asked = await ask(base, consumer, CALLBACK_AT.Executed);
      await playCopies(base, asked, [right, right, wrong]);
      await expect(market.tally(asked.job, "0x"))
        .to.be.revertedWithCustomError(market, "OutputMismatch")
        .withArgs(asked.jobId);
      await expect(market.tally(asked.job, WRONG)).to.be.revertedWithCustomError(market, "OutputMismatch");
      await expect(market.tally(asked.job, RIGHT)).to.emit(market, "CallbackDelivered").withArgs(asked.jobId);
      expect(await seen(consumer)).to.deep.equal([RIGHT, false]);
      await passTime((await market.statusOf(asked.jobId)).dueAt);
      await expect(market.settle(asked.job, "0x")).not.to.emit(market, "CallbackDelivered");
      await expectBalanced(base, asked, [consumer]);
    });

    it("gives it at the settlement if the consumer waits for that", async () => {
      const base = await load();
      const { market } = base;
      const consumer = await consuming(base);
      const asked = await ask(base, consumer, CALLBACK_AT.Final);
      await playCopies(base, asked, [right, right, right]);
      await market.tally(asked.job, "0x");
      await passTime((await market.statusOf(asked.jobId)).dueAt);
      await expect(market.settle(asked.job, WRONG))
        .to.be.revertedWithCustomError(market, "OutputMismatch")
        .withArgs(asked.jobId);
      await expect(market.settle(asked.job, RIGHT)).to.emit(market, "CallbackDelivered");
      expect(await seen(consumer)).to.deep.equal([RIGHT, true]);
    });

    it("gives the answer that evidence decides for", async () => {
      const base = await load();
      const { market, crowd } = base;
      const consumer = await consuming(base);
      const asked = await ask(base, consumer, CALLBACK_AT.Executed);
      await playCopies(base, asked, [other("0x08"), right, wrong]);
      await market.tally(asked.job, "0x");
      const honest = at(crowd, 1);
      await market.connect(honest.key).fulfill(asked.job, RIGHT, await signatureFor(base, asked.job, honest, RIGHT));
      expect(await seen(consumer)).to.deep.equal([RIGHT, true]);
      await expectBalanced(base, asked, [consumer]);
    });

    it("replaces an early answer by the final one when a minority shows that it is right", async () => {
      const base = await load();
      const { market, crowd, challenger } = base;
      const consumer = await consuming(base);
      const asked = await ask(base, consumer, CALLBACK_AT.Executed);
      await playCopies(base, asked, [wrong, right, wrong]);
      await market.tally(asked.job, WRONG);
      expect(await seen(consumer)).to.deep.equal([WRONG, false]);
      await market.connect(challenger).challenge(asked.job, BOND);
      const honest = at(crowd, 1);
      const signature = await signatureFor(base, asked.job, honest, RIGHT);
      await expect(market.connect(honest.key).fulfill(asked.job, RIGHT, signature)).to.emit(
        market,
        "CallbackDelivered",
      );
      expect(await seen(consumer)).to.deep.equal([RIGHT, true]);
      await expectBalanced(base, asked, [consumer]);
    });

    it("does not call again when the majority shows that it was right", async () => {
      const base = await load();
      const { market, crowd, challenger } = base;
      const consumer = await consuming(base);
      const asked = await ask(base, consumer, CALLBACK_AT.Executed);
      await playCopies(base, asked, [right, right, wrong]);
      await market.tally(asked.job, RIGHT);
      await market.connect(challenger).challenge(asked.job, BOND);
      const prover = at(crowd, 1);
      const signature = await signatureFor(base, asked.job, prover, RIGHT);
      await expect(market.connect(prover.key).fulfill(asked.job, RIGHT, signature)).not.to.emit(
        market,
        "CallbackDelivered",
      );
    });

    it("revokes an early answer for which there is no evidence", async () => {
      const base = await load();
      const { market, challenger } = base;
      const consumer = await consuming(base);
      const asked = await ask(base, consumer, CALLBACK_AT.Executed);
      await playCopies(base, asked, [wrong, wrong, silent]);
      await market.tally(asked.job, WRONG);
      await market.connect(challenger).challenge(asked.job, BOND);
      await passTime((await market.statusOf(asked.jobId)).dueAt);
      await market.resolve(asked.job);
      expect(await consumer.getFunction("revocations")()).to.equal(1n);
      await expectBalanced(base, asked, [consumer]);
    });
  });
});
