import { expect } from "chai";
import { keccak256 } from "ethers";

import {
  ETHER,
  ethers,
  networkHelpers,
  PARAMETERS,
  passTime,
  PHASE,
  plainJob,
  requestJob,
  type RequestedJob,
  requestOf,
  ROYALTY,
  STAKE,
  STATE,
  type WorkerActor,
} from "../fixture.ts";
import {
  at,
  commit,
  commitmentOf,
  expectBalanced,
  expectOver,
  FEE,
  load,
  playCopies,
  priceOf,
  purses,
  requestCopies,
  reveal,
  RIGHT,
  right,
  SALT,
  type Crowded,
  WRONG,
} from "./rounds-fixture.ts";

const { jobStake } = PARAMETERS;

describe("a job with several copies", function () {
  this.timeout(120_000);

  describe("takes a seat", () => {
    it("only of a job with several copies that is open", async () => {
      const base = await load();
      const { market, crowd } = base;
      const single = await requestJob(base);
      await expect(commit(base, single, at(crowd, 0), RIGHT))
        .to.be.revertedWithCustomError(market, "NotCopies")
        .withArgs(single.jobId);
      const asked = await requestCopies(base, 2);
      const unknown = Object.assign({}, asked.job, { inputHash: ethers.ZeroHash });
      await expect(market.connect(at(crowd, 0).key).commit(unknown, ethers.ZeroHash))
        .to.be.revertedWithCustomError(market, "JobStateMismatch")
        .withArgs(await market.jobIdOf(unknown), STATE.None);
      await playCopies(base, asked, [right, right]);
      await expect(commit(base, asked, at(crowd, 2), RIGHT))
        .to.be.revertedWithCustomError(market, "RoundPhaseMismatch")
        .withArgs(asked.jobId, PHASE.Revealing);
      await market.tally(asked.job, "0x");
      await expect(commit(base, asked, at(crowd, 2), RIGHT))
        .to.be.revertedWithCustomError(market, "JobStateMismatch")
        .withArgs(asked.jobId, STATE.Executed);
    });

    it("once for each worker, which must serve and have the stake, until the deadline", async () => {
      const base = await load();
      const { market, workers, crowd, stranger } = base;
      const asked = await requestCopies(base, 3);
      const [first, second] = [at(crowd, 0), at(crowd, 1)];
      await expect(market.connect(stranger).commit(asked.job, ethers.ZeroHash))
        .to.be.revertedWithCustomError(workers, "WorkerUnknown")
        .withArgs(stranger.address);
      await commit(base, asked, first, RIGHT);
      await expect(commit(base, asked, first, WRONG))
        .to.be.revertedWithCustomError(market, "SeatTaken")
        .withArgs(asked.jobId, first.id);
      await keepFree(base, second, jobStake - 1n);
      await expect(commit(base, asked, second, RIGHT))
        .to.be.revertedWithCustomError(market, "StakeMissing")
        .withArgs(second.id, jobStake - 1n, jobStake);
      await passTime(asked.terms.deadline);
      await expect(commit(base, asked, at(crowd, 2), RIGHT))
        .to.be.revertedWithCustomError(market, "JobTooLate")
        .withArgs(asked.jobId, asked.terms.deadline);
    });

    it("while drawn workers have priority as one of them, whatever stake their own seats hold", async () => {
      const base = await load();
      const { market, crowd } = base;
      const asked = await requestJob(base, { copies: 3n });
      const drawn = await mayCommit(base, asked);
      expect(drawn.length).to.equal(3);
      for (const worker of drawn) await keepFree(base, worker, jobStake);
      const until = asked.terms.requestedAt + 2n * PARAMETERS.priorityWindow;
      const outsider = at(
        crowd.filter((worker) => !drawn.includes(worker)),
        0,
      );
      for (let taken = 0; taken < 3; taken++) {
        expect(await mayCommit(base, asked)).to.deep.equal(drawn.slice(taken));
        const refused = await market
          .connect(outsider.key)
          .commit.staticCall(asked.job, ethers.ZeroHash)
          .catch((reason: unknown) => String(reason));
        expect(refused).to.contain("NotDrawn").and.to.contain(until);
        await commit(base, asked, at(drawn, taken), RIGHT);
      }
      await expectBalanced(base, asked);
    });

    it("tells who is not drawn who is, and until when", async () => {
      const base = await load();
      const { market, crowd } = base;
      const asked = await requestJob(base, { copies: 2n });
      const drawn = await mayCommit(base, asked);
      const outsider = at(
        crowd.filter((worker) => !drawn.includes(worker)),
        0,
      );
      const until = asked.terms.requestedAt + 2n * PARAMETERS.priorityWindow;
      const first = (await market.drawnWorker(asked.job)).workerId;
      await expect(commit(base, asked, outsider, RIGHT))
        .to.be.revertedWithCustomError(market, "NotDrawn")
        .withArgs(asked.jobId, first, until);
      await passTime(until);
      await commit(base, asked, outsider, RIGHT);
    });

    it("as anybody where too few can be drawn, but never one that is left for a drawn worker", async () => {
      const base = await load();
      const { market, workers, crowd } = base;
      const [cheap, ...dear] = crowd;
      for (const worker of dear) await workers.connect(worker.operator).setPrice(worker.id, 10n ** 15n);
      const asked = await requestJob(base, { copies: 2n, minFee: FEE, maxFee: FEE });
      expect((await mayCommit(base, asked)).length).to.equal(crowd.length);
      await commit(base, asked, at(dear, 0), RIGHT);
      expect(await mayCommit(base, asked)).to.deep.equal([cheap]);
      await expect(commit(base, asked, at(dear, 1), RIGHT)).to.be.revertedWithCustomError(market, "NotDrawn");
      await commit(base, asked, at(crowd, 0), RIGHT);
    });

    it("as anybody where the chain has forgotten the hash that would tell who is drawn", async () => {
      const base = await load();
      const asked = await requestJob(base, { copies: 2n });
      await networkHelpers.mine(300, { interval: 0 });
      expect((await mayCommit(base, asked)).length).to.equal(base.crowd.length);
    });

    it("not in the request's own block", async () => {
      const base = await load();
      const { market, requester, crowd } = base;
      await market.connect(requester).request(requestOf(base.versionId, { copies: 2n }), "0x03");
      const { args } = at(await market.queryFilter(market.filters.JobRequested(), "latest"), 0);
      const call = market.connect(at(crowd, 0).key).commit;
      await expect(call.staticCall(plainJob(args.job), ethers.ZeroHash, { blockTag: "latest" }))
        .to.be.revertedWithCustomError(market, "DrawNotReady")
        .withArgs(args.jobId);
    });
  });

  describe("whose seats are not all taken at the deadline", () => {
    it("goes on if a majority committed; the empty seats are not paid", async () => {
      const base = await load();
      const { market, crowd } = base;
      const asked = await requestCopies(base, 3);
      const before = await purses(base);
      await commit(base, asked, at(crowd, 0), RIGHT);
      await passTime(asked.terms.deadline - 100n);
      await expect(market.openReveals(asked.job))
        .to.be.revertedWithCustomError(market, "RoundNotOver")
        .withArgs(asked.jobId, asked.terms.deadline);
      await commit(base, asked, at(crowd, 1), RIGHT);
      await passTime(asked.terms.deadline);
      await expect(market.expire(asked.job))
        .to.be.revertedWithCustomError(market, "QuorumCommitted")
        .withArgs(asked.jobId, 2n, 2n);
      await expect(market.openReveals(asked.job)).to.emit(market, "RevealsOpened");
      await expectBalanced(base, asked);
      await expect(market.openReveals(asked.job))
        .to.be.revertedWithCustomError(market, "RoundPhaseMismatch")
        .withArgs(asked.jobId, PHASE.Revealing);
      await expect(market.expire(asked.job)).to.be.revertedWithCustomError(market, "QuorumCommitted");
      for (const worker of crowd.slice(0, 2)) await reveal(base, asked, worker, RIGHT);
      await market.tally(asked.job, "0x");
      await passTime((await market.statusOf(asked.jobId)).dueAt);
      const { fee, rest } = priceOf(2n, 3n);
      await expect(market.settle(asked.job, "0x"))
        .to.emit(market, "JobSettled")
        .withArgs(asked.jobId, 0n, fee, ROYALTY, 0n);
      await expectOver(base, asked);
      const after = await purses(base);
      expect(after.requester).to.equal(before.requester + FEE - fee);
      expect(after.earned.get(at(crowd, 0).id)).to.equal(rest - rest / 2n);
      expect(after.earned.get(at(crowd, 1).id)).to.equal(rest / 2n);
    });

    it("costs its highest fee then", async () => {
      const base = await load();
      const { market, crowd } = base;
      const asked = await requestCopies(base, 3, { maxFee: 2n * FEE });
      for (const worker of crowd.slice(0, 2)) await commit(base, asked, worker, RIGHT);
      await passTime(asked.terms.deadline);
      await market.openReveals(asked.job);
      expect((await market.roundOf(asked.jobId)).fee).to.equal(2n * FEE);
      await expectBalanced(base, asked);
    });

    it("is refunded if no majority committed, and nobody loses stake", async () => {
      const base = await load();
      const { market, crowd } = base;
      const before = await market.balanceOf(base.requester);
      const asked = await requestCopies(base, 3);
      await commit(base, asked, at(crowd, 0), RIGHT);
      await expect(market.expire(asked.job))
        .to.be.revertedWithCustomError(market, "JobNotDue")
        .withArgs(asked.jobId, asked.terms.deadline);
      await passTime(asked.terms.deadline);
      await expect(market.openReveals(asked.job))
        .to.be.revertedWithCustomError(market, "TooFewCommitments")
        .withArgs(asked.jobId, 1n, 2n);
      await expect(market.expire(asked.job)).to.emit(market, "JobRefunded").withArgs(asked.jobId, 0n, FEE, 0n);
      expect(await market.balanceOf(base.requester)).to.equal(before);
      expect((await market.roundOf(asked.jobId)).phase).to.equal(BigInt(PHASE.Closed));
      await expectOver(base, asked);
      await expect(market.openReveals(asked.job))
        .to.be.revertedWithCustomError(market, "JobStateMismatch")
        .withArgs(asked.jobId, STATE.Refunded);
    });

    it("is refunded if nobody committed at all", async () => {
      const base = await load();
      const asked = await requestCopies(base, 7);
      await passTime(asked.terms.deadline);
      await expect(base.market.expire(asked.job))
        .to.emit(base.market, "JobRefunded")
        .withArgs(asked.jobId, 0n, FEE, 0n);
      await expectOver(base, asked);
    });
  });

  describe("reveals", () => {
    it("only outputs of the version's length, after all commitments and in time", async () => {
      const base = await load();
      const { market, crowd } = base;
      const asked = await requestCopies(base, 2);
      const [first, second] = [at(crowd, 0), at(crowd, 1)];
      await commit(base, asked, first, RIGHT);
      await expect(reveal(base, asked, first, "0x0606"))
        .to.be.revertedWithCustomError(market, "OutputLength")
        .withArgs(2n, 1n);
      await expect(reveal(base, asked, first, RIGHT))
        .to.be.revertedWithCustomError(market, "RoundPhaseMismatch")
        .withArgs(asked.jobId, PHASE.Committing);
      await commit(base, asked, second, RIGHT);
      await reveal(base, asked, first, RIGHT);
      const { dueAt } = await market.roundOf(asked.jobId);
      await passTime(dueAt);
      await expect(reveal(base, asked, second, RIGHT))
        .to.be.revertedWithCustomError(market, "RoundOver")
        .withArgs(asked.jobId, dueAt);
    });

    it("only what the same worker committed to, once: a copied commitment is worth nothing", async () => {
      const base = await load();
      const { market, workers, crowd, stranger } = base;
      const asked = await requestCopies(base, 2);
      const [first, copycat] = [at(crowd, 0), at(crowd, 1)];
      const commitment = commitmentOf(asked.jobId, first.key.address, keccak256(RIGHT));
      await market.connect(first.key).commit(asked.job, commitment);
      await market.connect(copycat.key).commit(asked.job, commitment);
      await expect(reveal(base, asked, first, WRONG))
        .to.be.revertedWithCustomError(market, "CommitmentMismatch")
        .withArgs(asked.jobId, first.id);
      await expect(market.connect(first.key).reveal(asked.job, RIGHT, ethers.ZeroHash)).to.be.revertedWithCustomError(
        market,
        "CommitmentMismatch",
      );
      await reveal(base, asked, first, RIGHT);
      await expect(reveal(base, asked, first, RIGHT))
        .to.be.revertedWithCustomError(market, "AlreadyRevealed")
        .withArgs(asked.jobId, first.id);
      await expect(reveal(base, asked, copycat, RIGHT))
        .to.be.revertedWithCustomError(market, "CommitmentMismatch")
        .withArgs(asked.jobId, copycat.id);
      await expect(reveal(base, asked, at(crowd, 2), RIGHT))
        .to.be.revertedWithCustomError(market, "NoSeat")
        .withArgs(asked.jobId, at(crowd, 2).id);
      await expect(market.connect(stranger).reveal(asked.job, RIGHT, SALT)).to.be.revertedWithCustomError(
        workers,
        "WorkerUnknown",
      );
    });
  });
});

/** Holds all of a worker's stake but `free`, as its anchored receipts would. */
async function keepFree({ workers, anchors }: Crowded, worker: WorkerActor, free: bigint): Promise<void> {
  const holder = await ethers.getImpersonatedSigner(await anchors.getAddress());
  await networkHelpers.setBalance(holder.address, ETHER);
  await workers.connect(holder).reserve(worker.id, STAKE - free);
}

/** The workers whose commitment would be taken now. */
async function mayCommit({ market, crowd }: Crowded, { job }: RequestedJob): Promise<readonly WorkerActor[]> {
  const may: WorkerActor[] = [];
  for (const worker of crowd) {
    const isRefused = await market
      .connect(worker.key)
      .commit.staticCall(job, ethers.ZeroHash)
      .then(
        () => false,
        () => true,
      );
    if (!isRefused) may.push(worker);
  }
  return may;
}
