import { expect } from "chai";
import { keccak256 } from "ethers";

import { BURN, ethers, PARAMETERS, type RequestedJob, ROYALTY, STATE, type WorkerActor } from "../fixture.ts";
import { challenged, copied, standing } from "./panels-fixture.ts";
import {
  at,
  BOND,
  commitmentOf,
  type Crowded,
  drawnPanel,
  expectBalanced,
  expectOver,
  FEE,
  load,
  other,
  playPanel,
  priceOf,
  purses,
  RIGHT,
  right,
  SALT,
  silent,
  WRONG,
  wrong,
} from "./rounds-fixture.ts";

const { jobStake, challengeBond } = PARAMETERS;

describe("a panel", function () {
  this.timeout(120_000);

  describe("that says the answer is right", () => {
    it("has the worker paid, with half of the bond; the other half is the panel's", async () => {
      const base = await load();
      const { market, crowd, owner } = base;
      const asked = await challenged(base, RIGHT);
      const members = await playPanel(base, asked, [right, right, right]);
      const before = await purses(base);
      const royalties = await market.balanceOf(owner);
      await expect(market.resolve(asked.job))
        .to.emit(market, "PanelJudged")
        .withArgs(asked.jobId, true, true)
        .and.to.emit(market, "JobSettled")
        .withArgs(asked.jobId, at(crowd, 0).id, FEE, ROYALTY, 0n);
      const each = challengeBond / 2n / 3n;
      const extra = (challengeBond / 2n) % 3n;
      expect(extra > 0n).to.equal(true);
      expect(await standing(base, at(crowd, 0))).to.deep.equal({
        done: 1n,
        slashed: 0n,
        earned: FEE - ROYALTY + challengeBond / 2n,
      });
      for (const [i, member] of members.entries())
        expect(await standing(base, member)).to.deep.equal({
          done: 1n,
          slashed: 0n,
          earned: i === 0 ? each + extra : each,
        });
      expect(await market.balanceOf(owner)).to.equal(royalties + ROYALTY);
      const after = await purses(base);
      expect([after.requester, after.challenger, after.burnt]).to.deep.equal([
        before.requester,
        before.challenger,
        before.burnt,
      ]);
      await expectOver(base, asked);
      await expect(market.resolve(asked.job))
        .to.be.revertedWithCustomError(market, "JobStateMismatch")
        .withArgs(asked.jobId, STATE.Settled);
    });

    it("slashes members that said something else or nothing: half to the requester, half burnt", async () => {
      const base = await load();
      const { market, requester } = base;
      for (const odd of [wrong, silent]) {
        const asked = await challenged(base, RIGHT);
        const members = await playPanel(base, asked, [right, odd, right]);
        const [had, burnt] = [await market.balanceOf(requester), await ethers.provider.getBalance(BURN)];
        const slashed = (await standing(base, at(members, 1))).slashed;
        await expect(market.resolve(asked.job))
          .to.emit(market, "SeatLost")
          .withArgs(await market.panelIdOf(asked.jobId), at(members, 1).id);
        expect(await market.balanceOf(requester)).to.equal(had + jobStake / 2n);
        expect(await ethers.provider.getBalance(BURN)).to.equal(burnt + jobStake / 2n);
        expect((await standing(base, at(members, 1))).slashed).to.equal(slashed + 1n);
        await expectOver(base, asked);
      }
    });

    it("decides with two seats if the third stays empty", async () => {
      const base = await load();
      const { market } = base;
      const asked = await challenged(base, RIGHT);
      await playPanel(base, asked, [right, right]);
      await expect(market.resolve(asked.job)).to.emit(market, "PanelJudged").withArgs(asked.jobId, true, true);
      await expectOver(base, asked);
    });

    it("pays copies that agreed, and slashes the minority", async () => {
      const base = await load();
      const { market, crowd, challenger, requester } = base;
      const had = await market.balanceOf(requester);
      const asked = await copied(base, 3, [right, wrong, right]);
      await market.connect(challenger).challenge(asked.job, BOND);
      await expectBalanced(base, asked);
      await playPanel(base, asked, [right, right, right]);
      await market.resolve(asked.job);
      const { fee, rest } = priceOf(2n, 3n);
      const shared = rest + challengeBond / 2n;
      expect((await standing(base, at(crowd, 0))).earned).to.equal(shared - shared / 2n);
      expect((await standing(base, at(crowd, 2))).earned).to.equal(shared / 2n);
      expect((await standing(base, at(crowd, 1))).slashed).to.equal(1n);
      expect(await market.balanceOf(requester)).to.equal(had - fee + jobStake / 2n);
      await expectOver(base, asked);
    });
  });

  describe("that says the answer is wrong", () => {
    it("gives a quarter of the stake each to requester, challenger and panel, and has the rest burnt", async () => {
      const base = await load();
      const { market, crowd, requester, challenger } = base;
      const had = await market.balanceOf(requester);
      const bonded = await market.balanceOf(challenger);
      const asked = await challenged(base, WRONG);
      const members = await playPanel(base, asked, [right, right, right]);
      const burnt = await ethers.provider.getBalance(BURN);
      await expect(market.resolve(asked.job))
        .to.emit(market, "PanelJudged")
        .withArgs(asked.jobId, true, false)
        .and.to.emit(market, "JobRefunded")
        .withArgs(asked.jobId, at(crowd, 0).id, FEE, jobStake);
      const share = jobStake / 4n;
      expect(await market.balanceOf(requester)).to.equal(had + share);
      expect(await market.balanceOf(challenger)).to.equal(bonded + challengeBond + share);
      expect(await ethers.provider.getBalance(BURN)).to.equal(burnt + jobStake - 3n * share);
      let earned = 0n;
      for (const member of members) earned += (await standing(base, member)).earned;
      expect(earned).to.equal(share);
      expect(await standing(base, at(crowd, 0))).to.deep.equal({ done: 0n, slashed: 1n, earned: 0n });
      await expectOver(base, asked);
    });

    it("pays the copies of the minority that was right", async () => {
      const base = await load();
      const { market, crowd, requester, challenger } = base;
      const had = await market.balanceOf(requester);
      const bonded = await market.balanceOf(challenger);
      const asked = await copied(base, 3, [wrong, right, wrong]);
      await market.connect(challenger).challenge(asked.job, BOND);
      await playPanel(base, asked, [right, right, right]);
      const burnt = await ethers.provider.getBalance(BURN);
      await expect(market.resolve(asked.job))
        .to.emit(market, "JobSettled")
        .withArgs(asked.jobId, 0n, priceOf(1n, 3n).fee, ROYALTY, 0n);
      const share = jobStake / 2n;
      expect((await standing(base, at(crowd, 1))).earned).to.equal(priceOf(1n, 3n).rest);
      expect(await market.balanceOf(requester)).to.equal(had - priceOf(1n, 3n).fee + share);
      expect(await market.balanceOf(challenger)).to.equal(bonded + challengeBond + share);
      expect(await ethers.provider.getBalance(BURN)).to.equal(burnt + 2n * jobStake - 3n * share);
      expect((await market.statusOf(asked.jobId)).outputHash).to.equal(keccak256(RIGHT).slice(0, 2 + 44));
      await expectOver(base, asked);
    });

    it("refunds the requester if no copy is right, and all lose", async () => {
      const base = await load();
      const { market, crowd, requester, challenger } = base;
      const had = await market.balanceOf(requester);
      const asked = await copied(base, 3, [wrong, wrong, other("0x08")]);
      await market.connect(challenger).challenge(asked.job, BOND);
      await playPanel(base, asked, [right, right, right]);
      await expect(market.resolve(asked.job))
        .to.emit(market, "JobRefunded")
        .withArgs(asked.jobId, 0n, FEE, 3n * jobStake);
      expect(await market.balanceOf(requester)).to.equal(had + (3n * jobStake) / 4n);
      for (const worker of crowd.slice(0, 3)) expect((await standing(base, worker)).slashed).to.equal(1n);
      await expectOver(base, asked);
    });
  });

  describe("that says what nobody can have answered", () => {
    const NOTHING = ethers.ZeroHash;

    /** The three drawn say that hash, which need not be of any output. */
    async function say(base: Crowded, asked: RequestedJob, hashes: readonly string[]): Promise<readonly WorkerActor[]> {
      const { market } = base;
      const panelId = await market.panelIdOf(asked.jobId);
      const members = await drawnPanel(base, asked);
      const speaking = members.map((member, i) => ({ key: member.key, hash: at(hashes, i) }));
      for (const { key, hash } of speaking)
        await market.connect(key).commitVerdict(asked.job, commitmentOf(panelId, key.address, hash));
      for (const { key, hash } of speaking) await market.connect(key).revealVerdict(asked.job, hash, SALT);
      return members;
    }

    it("holds nobody's money or stake, even if it looks like the answer in the job's status", async () => {
      const base = await load();
      const { market, challenger } = base;
      const asked = await copied(base, 2, [right, right]);
      await market.connect(challenger).challenge(asked.job, BOND);
      const alike = keccak256(RIGHT).slice(0, 2 + 44) + "00".repeat(10);
      await say(base, asked, [alike, alike, alike]);
      await expect(market.resolve(asked.job))
        .to.emit(market, "PanelJudged")
        .withArgs(asked.jobId, true, false)
        .and.to.emit(market, "JobRefunded")
        .withArgs(asked.jobId, 0n, FEE, 2n * jobStake);
      await expectOver(base, asked);
    });

    it("nor like the empty one of copies that disagree", async () => {
      const base = await load();
      const { market } = base;
      const asked = await copied(base, 2, [right, wrong]);
      await say(base, asked, [NOTHING, NOTHING, NOTHING]);
      await expect(market.resolve(asked.job)).to.emit(market, "PanelJudged").withArgs(asked.jobId, true, false);
      await expectOver(base, asked);
    });

    it("nor if only one member says so", async () => {
      const base = await load();
      const { market } = base;
      const asked = await challenged(base, RIGHT);
      await say(base, asked, [NOTHING, keccak256(RIGHT), keccak256(WRONG)]);
      await expect(market.resolve(asked.job)).to.emit(market, "PanelJudged").withArgs(asked.jobId, false, false);
      await expectOver(base, asked);
    });
  });
});
