import { expect } from "chai";
import { keccak256 } from "ethers";

import {
  BURN,
  CALLBACK_AT,
  ETHER,
  ethers,
  lastJob,
  networkHelpers,
  PARAMETERS,
  passTime,
  PHASE,
  requestJob,
  type RequestedJob,
  requestOf,
  ROYALTY,
  STATE,
  type WorkerActor,
} from "../fixture.ts";
import {
  at,
  BOND,
  commitmentOf,
  commitVerdict,
  type Crowded,
  drawnPanel,
  expectBalanced,
  expectOver,
  FEE,
  load,
  nextTime,
  other,
  PANEL_SEATS,
  type Play,
  playCopies,
  playPanel,
  priceOf,
  purses,
  requestCopies,
  revealVerdict,
  RIGHT,
  right,
  SALT,
  SEAT,
  silent,
  WRONG,
  wrong,
} from "./rounds-fixture.ts";

const { jobStake, challengeBond, evidenceWindow, revealWindow } = PARAMETERS;

/** A challenged answer of one worker, the first of the crowd, for which no evidence counts. */
async function challenged(base: Crowded, output: string): Promise<RequestedJob> {
  const { market, crowd, challenger, panelVersionId: versionId } = base;
  const asked = await requestJob({ ...base, versionId }, { minFee: FEE, maxFee: FEE });
  await passTime(asked.terms.requestedAt + 2n * PARAMETERS.priorityWindow);
  await market.connect(at(crowd, 0).key).execute(asked.job, output);
  await market.connect(challenger).challenge(asked.job, BOND);
  await expectBalanced(base, asked);
  return asked;
}

/** Copies for which no evidence counts, tallied. */
async function copied(base: Crowded, copies: number, plays: readonly Play[]): Promise<RequestedJob> {
  const asked = await requestCopies({ ...base, versionId: base.panelVersionId }, copies);
  await playCopies(base, asked, plays);
  await base.market.tally(asked.job, "0x");
  await expectBalanced(base, asked);
  return asked;
}

const standing = async ({ market }: Crowded, { id }: WorkerActor) => {
  const { done, slashed, earned } = await market.standingOf(id);
  return { done, slashed, earned };
};

describe("a panel", function () {
  this.timeout(120_000);

  it("is called by the challenge of an answer for which no evidence exists, which then does not count", async () => {
    const base = await load();
    const { market, crowd, challenger, panelVersionId: versionId } = base;
    const asked = await requestJob({ ...base, versionId });
    await passTime(asked.terms.requestedAt + 2n * PARAMETERS.priorityWindow);
    const worker = at(crowd, 0);
    await market.connect(worker.key).execute(asked.job, RIGHT);
    const panelId = await market.panelIdOf(asked.jobId);
    expect((await market.roundOf(panelId)).phase).to.equal(BigInt(PHASE.None));
    const now = await nextTime();
    await expect(market.connect(challenger).challenge(asked.job, BOND))
      .to.emit(market, "PanelCalled")
      .withArgs(asked.jobId, panelId, PANEL_SEATS, now + evidenceWindow)
      .and.to.emit(market, "JobChallenged")
      .withArgs(asked.jobId, challenger.address, challengeBond, now + evidenceWindow + revealWindow);
    await expect(market.connect(worker.key).fulfill(asked.job, RIGHT, "0x"))
      .to.be.revertedWithCustomError(market, "PanelJudges")
      .withArgs(asked.jobId);
    await expect(market.resolve(asked.job))
      .to.be.revertedWithCustomError(market, "JobNotDue")
      .withArgs(asked.jobId, now + evidenceWindow);
  });

  it("needs three workers that serve besides those of the job", async () => {
    const base = await load();
    const { market, workers, crowd, challenger, panelVersionId: versionId } = base;
    const asked = await requestJob({ ...base, versionId });
    await passTime(asked.terms.requestedAt + 2n * PARAMETERS.priorityWindow);
    await market.connect(at(crowd, 0).key).execute(asked.job, RIGHT);
    for (const worker of crowd.slice(3)) await workers.connect(worker.key).serve(worker.id, versionId, 0);
    await expect(market.connect(challenger).challenge(asked.job, BOND))
      .to.be.revertedWithCustomError(market, "PanelTooSmall")
      .withArgs(2n, PANEL_SEATS);
    for (const worker of crowd) await workers.connect(worker.key).serve(worker.id, versionId, 0);
    await expect(market.connect(challenger).challenge(asked.job, BOND))
      .to.be.revertedWithCustomError(market, "PanelTooSmall")
      .withArgs(0n, PANEL_SEATS);
    for (const worker of crowd.slice(0, 4)) await workers.connect(worker.key).serve(worker.id, versionId, 1);
    await market.connect(challenger).challenge(asked.job, BOND);
    expect((await drawnPanel(base, asked)).map(({ id }) => id)).to.have.members(crowd.slice(1, 4).map(({ id }) => id));
  });

  it("counts against that only seats that were taken", async () => {
    const base = await load();
    const { market, workers, crowd, challenger, panelVersionId: versionId } = base;
    for (const worker of crowd.slice(7)) await workers.connect(worker.key).serve(worker.id, versionId, 0);
    const asked = await copied(base, 7, [right, right, right, right]);
    await expect(market.connect(challenger).challenge(asked.job, BOND)).to.emit(market, "PanelCalled");
    expect((await drawnPanel(base, asked)).map(({ id }) => id)).to.have.members(crowd.slice(4, 7).map(({ id }) => id));
  });

  describe("is drawn", () => {
    it("from a hash that is not known in the challenge's block, without the job's workers", async () => {
      const base = await load();
      const { market, crowd } = base;
      const asked = await copied(
        base,
        7,
        Array.from({ length: 7 }, () => right),
      );
      await market.connect(base.challenger).challenge(asked.job, BOND);
      const panelId = await market.panelIdOf(asked.jobId);
      await expect(market.panelDraw.staticCall(asked.job, { blockTag: "latest" }))
        .to.be.revertedWithCustomError(market, "DrawNotReady")
        .withArgs(panelId);
      const members = await drawnPanel(base, asked);
      expect(members.length).to.equal(3);
      expect(new Set(members).size).to.equal(3);
      for (const worker of crowd.slice(0, 7)) {
        expect(members).not.to.contain(worker);
        await expect(commitVerdict(base, asked, worker, RIGHT))
          .to.be.revertedWithCustomError(market, "NotDrawnForPanel")
          .withArgs(panelId, worker.id);
      }
    });

    it("in the first half of the window three, in the second six, and nobody else", async () => {
      const base = await load();
      const { market, crowd } = base;
      const asked = await challenged(base, RIGHT);
      const panelId = await market.panelIdOf(asked.jobId);
      const { dueAt } = await market.roundOf(panelId);
      const early = await drawnPanel(base, asked);
      expect(early.length).to.equal(3);
      await networkHelpers.time.increaseTo(dueAt - evidenceWindow / 2n);
      expect(await market.panelDraw(asked.job)).to.deep.equal(early.map(({ id }) => id));
      await passTime(dueAt - evidenceWindow / 2n);
      const late = await drawnPanel(base, asked);
      expect(late.length).to.equal(6);
      expect(late.slice(0, 3)).to.deep.equal(early);
      const outsider = at(
        crowd.filter((worker) => !late.includes(worker)),
        1,
      );
      await expect(commitVerdict(base, asked, outsider, RIGHT))
        .to.be.revertedWithCustomError(market, "NotDrawnForPanel")
        .withArgs(panelId, outsider.id);

      await commitVerdict(base, asked, at(late, 4), RIGHT);
      expect(await market.panelDraw(asked.job)).to.deep.equal([0, 1, 2, 3, 5].map((i) => at(late, i).id));
      await commitVerdict(base, asked, at(late, 3), RIGHT);
      await commitVerdict(base, asked, at(late, 0), RIGHT);
      expect(await market.panelDraw(asked.job)).to.deep.equal([]);
      await expect(commitVerdict(base, asked, at(late, 1), RIGHT))
        .to.be.revertedWithCustomError(market, "RoundPhaseMismatch")
        .withArgs(panelId, PHASE.Revealing);
      await expectBalanced(base, asked);
    });

    it("and nobody's seat falls to the next one when those that sit have no stake left", async () => {
      const base = await load();
      const { market, workers, anchors } = base;
      const asked = await challenged(base, RIGHT);
      const members = await drawnPanel(base, asked);
      const holder = await ethers.getImpersonatedSigner(await anchors.getAddress());
      await networkHelpers.setBalance(holder.address, ETHER);
      for (const { id } of members) await workers.connect(holder).reserve(id, ETHER - jobStake);
      for (let taken = 0; taken < 3; taken++) {
        expect(await market.panelDraw(asked.job)).to.deep.equal(members.slice(taken).map(({ id }) => id));
        await commitVerdict(base, asked, at(members, taken), RIGHT);
      }
    });

    it("anew every 200 blocks until somebody sits, because chains forget hashes", async () => {
      const base = await load();
      const { market } = base;
      const asked = await challenged(base, RIGHT);
      const { seedBlock } = await market.roundOf(await market.panelIdOf(asked.jobId));
      const drawnAt = async (block: bigint) => {
        const now = BigInt(await ethers.provider.getBlockNumber());
        await networkHelpers.mine(block - now, { interval: 0 });
        return (await market.panelDraw(asked.job)).join();
      };
      const eras: string[] = [];
      for (const era of [0n, 1n, 2n, 3n]) {
        const first = await drawnAt(seedBlock + era * 200n + 1n);
        expect(await drawnAt(seedBlock + era * 200n + 200n)).to.equal(first);
        eras.push(first);
      }
      expect(new Set(eras).size > 1).to.equal(true);
      const members = await drawnPanel(base, asked);
      await commitVerdict(base, asked, at(members, 1), RIGHT);
      await networkHelpers.mine(1_000, { interval: 0 });
      expect(await market.panelDraw(asked.job)).to.deep.equal([0, 2].map((i) => at(members, i).id));
    });
  });

  describe("hears", () => {
    it("each member once, in time, in its two phases", async () => {
      const base = await load();
      const { market, workers, stranger } = base;
      const asked = await challenged(base, RIGHT);
      const panelId = await market.panelIdOf(asked.jobId);
      const members = await drawnPanel(base, asked);
      const [first, second, third] = [at(members, 0), at(members, 1), at(members, 2)];
      await expect(market.connect(stranger).commitVerdict(asked.job, ethers.ZeroHash)).to.be.revertedWithCustomError(
        workers,
        "WorkerUnknown",
      );
      await expect(commitVerdict(base, asked, first, RIGHT))
        .to.emit(market, "Committed")
        .withArgs(panelId, first.id, 0n);
      await expect(commitVerdict(base, asked, first, RIGHT))
        .to.be.revertedWithCustomError(market, "SeatTaken")
        .withArgs(panelId, first.id);
      await expect(revealVerdict(base, asked, first, RIGHT))
        .to.be.revertedWithCustomError(market, "RoundPhaseMismatch")
        .withArgs(panelId, PHASE.Committing);
      await commitVerdict(base, asked, second, RIGHT);
      await commitVerdict(base, asked, third, RIGHT);
      await expectBalanced(base, asked);
      await expect(market.resolve(asked.job))
        .to.be.revertedWithCustomError(market, "JobNotDue")
        .withArgs(asked.jobId, (await market.roundOf(panelId)).dueAt);
      await expect(revealVerdict(base, asked, first, WRONG)).to.be.revertedWithCustomError(
        market,
        "CommitmentMismatch",
      );
      await expect(revealVerdict(base, asked, first, RIGHT))
        .to.emit(market, "Revealed")
        .withArgs(panelId, first.id, keccak256(RIGHT), "0x");
      await expect(revealVerdict(base, asked, first, RIGHT))
        .to.be.revertedWithCustomError(market, "AlreadyRevealed")
        .withArgs(panelId, first.id);
      await expect(revealVerdict(base, asked, at(base.crowd, 0), RIGHT))
        .to.be.revertedWithCustomError(market, "NoSeat")
        .withArgs(panelId, at(base.crowd, 0).id);
      const { dueAt } = await market.roundOf(panelId);
      await passTime(dueAt);
      await expect(revealVerdict(base, asked, second, RIGHT))
        .to.be.revertedWithCustomError(market, "RoundOver")
        .withArgs(panelId, dueAt);
    });

    it("nobody after its window, nor before it is called", async () => {
      const base = await load();
      const { market, crowd } = base;
      const quiet = await requestJob(base, { minFee: FEE, maxFee: FEE });
      await expect(commitVerdict(base, quiet, at(crowd, 1), RIGHT))
        .to.be.revertedWithCustomError(market, "RoundPhaseMismatch")
        .withArgs(await market.panelIdOf(quiet.jobId), PHASE.None);
      expect(await market.panelDraw(quiet.job)).to.deep.equal([]);
      await passTime(quiet.terms.deadline);
      await market.expire(quiet.job);

      const asked = await challenged(base, RIGHT);
      const panelId = await market.panelIdOf(asked.jobId);
      const members = await drawnPanel(base, asked);
      const { dueAt } = await market.roundOf(panelId);
      await passTime(dueAt);
      await expect(commitVerdict(base, asked, at(members, 0), RIGHT))
        .to.be.revertedWithCustomError(market, "RoundOver")
        .withArgs(panelId, dueAt);
      expect(await market.panelDraw(asked.job)).to.deep.equal([]);
    });
  });

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

  it("takes no salt but the one that was committed to", async () => {
    const base = await load();
    const { market } = base;
    const asked = await challenged(base, RIGHT);
    const members = await drawnPanel(base, asked);
    for (const member of members) await commitVerdict(base, asked, member, RIGHT);
    const first = at(members, 0);
    expect(SALT).not.to.equal(ethers.ZeroHash);
    await expect(market.connect(first.key).revealVerdict(asked.job, keccak256(RIGHT), ethers.ZeroHash))
      .to.be.revertedWithCustomError(market, "CommitmentMismatch")
      .withArgs(await market.panelIdOf(asked.jobId), first.id);
  });
});
