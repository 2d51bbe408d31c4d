import { expect } from "chai";

import { BURN, ethers, PARAMETERS } from "../fixture.ts";
import { challenged, copied, standing } from "./panels-fixture.ts";
import {
  at,
  BOND,
  expectBalanced,
  expectOver,
  FEE,
  load,
  other,
  playCopies,
  playPanel,
  priceOf,
  requestCopies,
  RIGHT,
  right,
  SEAT,
  silent,
  wrong,
} from "./rounds-fixture.ts";

const { jobStake, challengeBond } = PARAMETERS;

describe("a panel", function () {
  this.timeout(120_000);

  describe("without a majority", () => {
    const undecided = [
      { name: "nobody sat", plays: [], lost: [] },
      { name: "one sat, whom nobody let speak", plays: [right], lost: [] },
      { name: "two sat and disagreed", plays: [right, wrong], lost: [] },
      { name: "all said different things", plays: [right, wrong, other("0x08")], lost: [] },
      { name: "one of two kept silent", plays: [right, silent], lost: [1] },
      { name: "two of three kept silent", plays: [silent, right, silent], lost: [0, 2] },
    ];
    for (const { name, plays, lost } of undecided) {
      it(`refunds the requester and gives the bond to the worker: ${name}`, async () => {
        const base = await load();
        const { market, crowd, requester, challenger } = base;
        const had = await market.balanceOf(requester);
        const bonded = await market.balanceOf(challenger);
        const asked = await challenged(base, RIGHT);
        const members = await playPanel(base, asked, plays);
        await expect(market.resolve(asked.job))
          .to.emit(market, "PanelJudged")
          .withArgs(asked.jobId, false, false)
          .and.to.emit(market, "JobRefunded")
          .withArgs(asked.jobId, 0n, FEE, 0n);
        expect(await market.balanceOf(requester)).to.equal(had + (BigInt(lost.length) * jobStake) / 2n);
        expect(await market.balanceOf(challenger)).to.equal(bonded);
        expect(await standing(base, at(crowd, 0))).to.deep.equal({ done: 1n, slashed: 0n, earned: challengeBond });
        for (const [i, member] of members.entries()) {
          const isLost = lost.some((index) => index === i);
          expect(await standing(base, member)).to.deep.equal({ done: 0n, slashed: isLost ? 1n : 0n, earned: 0n });
          const { state } = await market.seatOf(await market.panelIdOf(asked.jobId), i);
          expect(state).to.equal(BigInt(isLost ? SEAT.Lost : SEAT.Released));
        }
        await expectOver(base, asked);
      });
    }

    it("gives the bond to the copies that are accused, and lets all others go", async () => {
      const base = await load();
      const { market, crowd, challenger } = base;
      const asked = await copied(base, 3, [right, wrong, right]);
      await market.connect(challenger).challenge(asked.job, BOND);
      await playPanel(base, asked, []);
      await market.resolve(asked.job);
      expect(await standing(base, at(crowd, 0))).to.deep.equal({ done: 1n, slashed: 0n, earned: challengeBond / 2n });
      expect(await standing(base, at(crowd, 1))).to.deep.equal({ done: 0n, slashed: 0n, earned: 0n });
      expect(await standing(base, at(crowd, 2))).to.deep.equal({ done: 1n, slashed: 0n, earned: challengeBond / 2n });
      await expectOver(base, asked);
    });
  });

  describe("for copies that disagree", () => {
    it("is called by the tally, and pays the copies that it says are right from what the others lose", async () => {
      const base = await load();
      const { market, crowd, requester, panelVersionId: versionId } = base;
      const had = await market.balanceOf(requester);
      const asked = await requestCopies({ ...base, versionId }, 2);
      await playCopies(base, asked, [wrong, right]);
      await expect(market.tally(asked.job, "0x")).to.emit(market, "PanelCalled").and.to.emit(market, "CopiesDisagreed");
      await expectBalanced(base, asked);
      const members = await playPanel(base, asked, [right, right, right]);
      const burnt = await ethers.provider.getBalance(BURN);
      await expect(market.resolve(asked.job))
        .to.emit(market, "PanelJudged")
        .withArgs(asked.jobId, true, true)
        .and.to.emit(market, "WorkerPaid")
        .withArgs(asked.jobId, at(crowd, 1).id, priceOf(1n, 2n).rest);
      const share = jobStake / 4n;
      expect(await market.balanceOf(requester)).to.equal(had - priceOf(1n, 2n).fee + share);
      expect(await ethers.provider.getBalance(BURN)).to.equal(burnt + jobStake - 2n * share);
      let earned = 0n;
      for (const member of members) earned += (await standing(base, member)).earned;
      expect(earned).to.equal(share);
      expect((await standing(base, at(crowd, 0))).slashed).to.equal(1n);
      await expectOver(base, asked);
    });

    it("has all lose if none of them is right", async () => {
      const base = await load();
      const { market, requester } = base;
      const had = await market.balanceOf(requester);
      const asked = await copied(base, 2, [wrong, other("0x08")]);
      await playPanel(base, asked, [right, right, right]);
      await expect(market.resolve(asked.job))
        .to.emit(market, "JobRefunded")
        .withArgs(asked.jobId, 0n, FEE, 2n * jobStake);
      expect(await market.balanceOf(requester)).to.equal(had + jobStake / 2n);
      await expectOver(base, asked);
    });

    it("lets all go if it does not decide", async () => {
      const base = await load();
      const { market, crowd, requester } = base;
      const had = await market.balanceOf(requester);
      const asked = await copied(base, 2, [wrong, right]);
      await playPanel(base, asked, []);
      await market.resolve(asked.job);
      expect(await market.balanceOf(requester)).to.equal(had);
      for (const worker of crowd.slice(0, 2))
        expect(await standing(base, worker)).to.deep.equal({ done: 0n, slashed: 0n, earned: 0n });
      await expectOver(base, asked);
    });

    it("is not called where too few serve: the requester is refunded, and all are let go", async () => {
      const base = await load();
      const { market, workers, crowd, requester, panelVersionId: versionId } = base;
      for (const worker of crowd.slice(4)) await workers.connect(worker.key).serve(worker.id, versionId, 0);
      const had = await market.balanceOf(requester);
      const asked = await requestCopies({ ...base, versionId }, 2);
      await playCopies(base, asked, [wrong, right]);
      await expect(market.tally(asked.job, "0x"))
        .to.emit(market, "JobRefunded")
        .withArgs(asked.jobId, 0n, FEE, 0n)
        .and.not.to.emit(market, "PanelCalled");
      expect(await market.balanceOf(requester)).to.equal(had);
      await expectOver(base, asked);
    });
  });
});
