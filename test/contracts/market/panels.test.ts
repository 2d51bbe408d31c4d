import { expect } from "chai";
import { keccak256 } from "ethers";

import { ETHER, ethers, networkHelpers, PARAMETERS, passTime, PHASE, requestJob } from "../fixture.ts";
import { challenged, copied } from "./panels-fixture.ts";
import {
  at,
  BOND,
  commitVerdict,
  drawnPanel,
  expectBalanced,
  FEE,
  load,
  nextTime,
  PANEL_SEATS,
  revealVerdict,
  RIGHT,
  right,
  SALT,
  WRONG,
} from "./rounds-fixture.ts";

const { jobStake, challengeBond, evidenceWindow, revealWindow } = PARAMETERS;

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
