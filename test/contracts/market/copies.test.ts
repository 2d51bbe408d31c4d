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
  plainJob,
  requestJob,
  type RequestedJob,
  requestOf,
  ROYALTY,
  signatureFor,
  STAKE,
  STATE,
  type WorkerActor,
} from "../fixture.ts";
import {
  at,
  BOND,
  commit,
  commitmentOf,
  type Crowded,
  expectBalanced,
  expectOver,
  FEE,
  kept,
  load,
  nextTime,
  other,
  playCopies,
  priceOf,
  purses,
  requestCopies,
  reveal,
  RIGHT,
  right,
  SALT,
  SEAT,
  silent,
  tallied,
  WRONG,
  wrong,
} from "./rounds-fixture.ts";

const { jobStake } = PARAMETERS;

describe("a job with several copies", function () {
  this.timeout(120_000);

  it("is answered blindly by distinct workers, revealed, tallied and paid in equal parts", async () => {
    const base = await load();
    const { market, crowd, requester } = base;
    const asked = await requestCopies(base, 3);
    const { job, jobId } = asked;
    await expectBalanced(base, asked);
    for (const seat of [0, 1, 2]) {
      const worker = at(crowd, seat);
      await expect(commit(base, asked, worker, RIGHT))
        .to.emit(market, "Committed")
        .withArgs(jobId, worker.id, seat);
      expect((await market.statusOf(jobId)).state).to.equal(BigInt(STATE.Copying));
      await expectBalanced(base, asked);
    }
    const { phase, dueAt } = await market.roundOf(jobId);
    expect(phase).to.equal(BigInt(PHASE.Revealing));
    expect(dueAt).to.equal(BigInt(await networkHelpers.time.latest()) + PARAMETERS.revealWindow);
    for (const seat of [2, 0, 1]) {
      const worker = at(crowd, seat);
      await expect(reveal(base, asked, worker, RIGHT))
        .to.emit(market, "Revealed")
        .withArgs(jobId, worker.id, keccak256(RIGHT), RIGHT);
      const { state, kept: had } = await market.seatOf(jobId, seat);
      expect([state, had]).to.deep.equal([BigInt(SEAT.Revealed), kept(RIGHT)]);
    }
    const talliedAt = await nextTime();
    await expect(market.tally(job, "0x"))
      .to.emit(market, "CopiesAgreed")
      .withArgs(jobId, kept(RIGHT), 3n, talliedAt + 300n);
    await expectBalanced(base, asked);

    await passTime((await market.statusOf(jobId)).dueAt);
    const before = await purses(base);
    const share = (FEE - ROYALTY) / 3n;
    const rest = FEE - ROYALTY - 3n * share;
    expect(rest > 0n).to.equal(true);
    await expect(market.settle(job, "0x"))
      .to.emit(market, "JobSettled")
      .withArgs(jobId, 0n, FEE, ROYALTY, 0n)
      .and.to.emit(market, "WorkerPaid")
      .withArgs(jobId, at(crowd, 0).id, share + rest)
      .and.to.emit(market, "WorkerPaid")
      .withArgs(jobId, at(crowd, 1).id, share);
    await expectOver(base, asked);
    const after = await purses(base);
    expect(after.owner - before.owner).to.equal(ROYALTY);
    expect(await market.balanceOf(requester)).to.equal(before.requester);
    for (const worker of crowd.slice(0, 3)) expect((await market.standingOf(worker.id)).done).to.equal(1n);
    expect((await market.seatOf(jobId, 0)).state).to.equal(BigInt(SEAT.Released));
  });

  it("gives the requester back what the ramp had not reached when the last seat was taken", async () => {
    const base = await load();
    const { market, crowd, requester } = base;
    const asked = await requestJob(base, { copies: 2n, minFee: FEE, maxFee: 3n * FEE });
    await passTime(asked.terms.requestedAt + 1_000n);
    await commit(base, asked, at(crowd, 0), RIGHT);
    const before = await market.balanceOf(requester);
    await passTime(asked.terms.requestedAt + 2_000n);
    await commit(base, asked, at(crowd, 1), RIGHT);
    const fee = await market.feeAt(asked.job, BigInt(await networkHelpers.time.latest()));
    expect(fee > FEE && fee < 3n * FEE).to.equal(true);
    expect((await market.roundOf(asked.jobId)).fee).to.equal(fee);
    expect(await market.balanceOf(requester)).to.equal(before + 3n * FEE - fee);
    await expectBalanced(base, asked);
  });

  it("is answered by no other step, alone or in a batch, and settled in a batch like any other", async () => {
    const base = await load();
    const { market, crowd } = base;
    const asked = await requestCopies(base, 2);
    const { job, jobId } = asked;
    const worker = at(crowd, 0);
    await expect(market.connect(worker.key).execute(job, RIGHT))
      .to.be.revertedWithCustomError(market, "CopiesNeedCommitment")
      .withArgs(jobId);
    const needed = market.interface.getError("CopiesNeedCommitment")?.selector;
    const batch = market.connect(worker.key);
    expect(await batch.executeBatch.staticCall([{ job, output: RIGHT }])).to.deep.equal([needed]);
    expect(await batch.fulfillBatch.staticCall([{ job, output: RIGHT, evidence: "0x" }])).to.deep.equal([needed]);

    await playCopies(base, asked, [right, right]);
    await market.tally(job, "0x");
    await passTime((await market.statusOf(jobId)).dueAt);
    await expect(market.settleBatch([{ job, output: "0x" }])).to.emit(market, "JobSettled");
    await expectOver(base, asked);
  });

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

  describe("is tallied", () => {
    it("when all have revealed or their time is over, once", async () => {
      const base = await load();
      const { market, crowd } = base;
      const asked = await requestCopies(base, 3);
      await expect(market.tally(asked.job, "0x"))
        .to.be.revertedWithCustomError(market, "JobStateMismatch")
        .withArgs(asked.jobId, STATE.Requested);
      for (const worker of crowd.slice(0, 2)) await commit(base, asked, worker, RIGHT);
      await expect(market.tally(asked.job, "0x"))
        .to.be.revertedWithCustomError(market, "RoundPhaseMismatch")
        .withArgs(asked.jobId, PHASE.Committing);
      await commit(base, asked, at(crowd, 2), RIGHT);
      for (const worker of crowd.slice(0, 2)) await reveal(base, asked, worker, RIGHT);
      const { dueAt } = await market.roundOf(asked.jobId);
      await expect(market.tally(asked.job, "0x"))
        .to.be.revertedWithCustomError(market, "RoundNotOver")
        .withArgs(asked.jobId, dueAt);
      await passTime(dueAt);
      await market.tally(asked.job, "0x");
      await expect(market.tally(asked.job, "0x"))
        .to.be.revertedWithCustomError(market, "JobStateMismatch")
        .withArgs(asked.jobId, STATE.Executed);
    });

    it("and whoever was silent loses stake then: half to the requester, half burnt", async () => {
      const base = await load();
      const { market, crowd, requester } = base;
      const asked = await requestCopies(base, 3);
      await playCopies(base, asked, [right, silent, right]);
      const [had, burnt] = [await market.balanceOf(requester), await ethers.provider.getBalance(BURN)];
      await expect(market.tally(asked.job, "0x"))
        .to.emit(market, "SeatLost")
        .withArgs(asked.jobId, at(crowd, 1).id)
        .and.to.emit(market, "CopiesAgreed");
      expect(await market.balanceOf(requester)).to.equal(had + jobStake / 2n);
      expect(await ethers.provider.getBalance(BURN)).to.equal(burnt + jobStake / 2n);
      expect((await market.standingOf(at(crowd, 1).id)).slashed).to.equal(1n);
      expect((await market.seatOf(asked.jobId, 1)).state).to.equal(BigInt(SEAT.Lost));
      await expectBalanced(base, asked);
    });

    it("and whoever said something else keeps its stake bound, and loses it when the job settles", async () => {
      const base = await load();
      const { market, crowd, requester } = base;
      const asked = await tallied(base, 3, [right, wrong, right]);
      const odd = at(crowd, 1);
      expect((await market.standingOf(odd.id)).slashed).to.equal(0n);
      await expectBalanced(base, asked);
      const { dueAt } = await market.statusOf(asked.jobId);
      await expect(market.settle(asked.job, "0x"))
        .to.be.revertedWithCustomError(market, "JobNotDue")
        .withArgs(asked.jobId, dueAt);
      await passTime(dueAt);
      const [had, burnt] = [await market.balanceOf(requester), await ethers.provider.getBalance(BURN)];
      const { fee } = priceOf(2n, 3n);
      await expect(market.settle(asked.job, "0x"))
        .to.emit(market, "SeatLost")
        .withArgs(asked.jobId, odd.id)
        .and.to.emit(market, "JobSettled")
        .withArgs(asked.jobId, 0n, fee, ROYALTY, 0n);
      expect(await market.balanceOf(requester)).to.equal(had + jobStake / 2n + FEE - fee);
      expect(await ethers.provider.getBalance(BURN)).to.equal(burnt + jobStake / 2n);
      expect(await counters(base, odd)).to.deep.equal([0n, 1n]);
      await expectOver(base, asked);
      await expect(market.settle(asked.job, "0x"))
        .to.be.revertedWithCustomError(market, "JobStateMismatch")
        .withArgs(asked.jobId, STATE.Settled);
    });

    it("without an answer: the requester is refunded and all the silent lose", async () => {
      const base = await load();
      const { market, crowd, requester, versionId } = base;
      const had = await market.balanceOf(requester);
      const asked = await requestCopies(base, 2, { versionId });
      await playCopies(base, asked, [silent, silent]);
      await expect(market.tally(asked.job, "0x"))
        .to.emit(market, "JobRefunded")
        .withArgs(asked.jobId, 0n, FEE, 2n * jobStake);
      expect(await market.balanceOf(requester)).to.equal(had + jobStake);
      for (const worker of crowd.slice(0, 2)) expect(await counters(base, worker)).to.deep.equal([0n, 1n]);
      await expectOver(base, asked);
    });

    it("with answers that are equal but too few: refunded, and who revealed keeps its stake", async () => {
      const base = await load();
      const { market, crowd, requester } = base;
      const had = await market.balanceOf(requester);
      const asked = await requestCopies(base, 3);
      await playCopies(base, asked, [silent, right, silent]);
      await expect(market.tally(asked.job, "0x"))
        .to.emit(market, "JobRefunded")
        .withArgs(asked.jobId, 0n, FEE, 2n * jobStake);
      expect(await market.balanceOf(requester)).to.equal(had + jobStake);
      expect(await counters(base, at(crowd, 1))).to.deep.equal([0n, 0n]);
      expect((await market.seatOf(asked.jobId, 1)).state).to.equal(BigInt(SEAT.Released));
      await expectOver(base, asked);
    });
  });

  describe("without a majority", () => {
    it("is settled by whoever shows evidence, whose operator gets a quarter of what the others lose", async () => {
      const base = await load();
      const { market, crowd, requester } = base;
      const had = await market.balanceOf(requester);
      const asked = await requestCopies(base, 3);
      await playCopies(base, asked, [wrong, right, other("0x08")]);
      const burnt = await ethers.provider.getBalance(BURN);
      const talliedAt = await nextTime();
      await expect(market.tally(asked.job, "0x"))
        .to.emit(market, "CopiesDisagreed")
        .withArgs(asked.jobId, talliedAt + PARAMETERS.evidenceWindow);
      expect((await market.challengeOf(asked.jobId)).fee).to.equal(FEE);
      await expectBalanced(base, asked);

      const honest = at(crowd, 1);
      const operator = await market.balanceOf(honest.operator);
      const signature = await signatureFor(base, asked.job, honest, RIGHT);
      const { fee, rest } = priceOf(1n, 3n);
      await expect(market.connect(honest.key).fulfill(asked.job, RIGHT, signature))
        .to.emit(market, "JobFulfilled")
        .withArgs(asked.jobId, honest.id, RIGHT)
        .and.to.emit(market, "WorkerPaid")
        .withArgs(asked.jobId, honest.id, rest);
      expect(await market.balanceOf(honest.operator)).to.equal(operator + jobStake / 2n);
      expect(await market.balanceOf(requester)).to.equal(had - fee + jobStake / 2n);
      expect(await ethers.provider.getBalance(BURN)).to.equal(burnt + jobStake);
      expect((await market.challengeOf(asked.jobId)).fee).to.equal(0n);
      expect(await counters(base, honest)).to.deep.equal([1n, 0n]);
      await expectOver(base, asked);
    });

    it("is refunded if nobody can, and all that revealed lose", async () => {
      const base = await load();
      const { market, crowd, requester } = base;
      const had = await market.balanceOf(requester);
      const asked = await tallied(base, 2, [wrong, right]);
      const { dueAt } = await market.statusOf(asked.jobId);
      await expect(market.resolve(asked.job))
        .to.be.revertedWithCustomError(market, "JobNotDue")
        .withArgs(asked.jobId, dueAt);
      await passTime(dueAt);
      await expect(market.resolve(asked.job))
        .to.emit(market, "JobRefunded")
        .withArgs(asked.jobId, 0n, FEE, 2n * jobStake);
      expect(await market.balanceOf(requester)).to.equal(had + jobStake);
      for (const worker of crowd.slice(0, 2)) expect(await counters(base, worker)).to.deep.equal([0n, 1n]);
      await expectOver(base, asked);
    });

    it("takes evidence only in time, from a seat, for what that seat revealed", async () => {
      const base = await load();
      const { market, crowd, tee } = base;
      const asked = await requestCopies(base, 3);
      const [liar, honest, mute] = [at(crowd, 0), at(crowd, 1), at(crowd, 2)];
      const signature = await signatureFor(base, asked.job, honest, RIGHT);
      await expect(market.connect(honest.key).fulfill(asked.job, RIGHT, signature))
        .to.be.revertedWithCustomError(market, "JobStateMismatch")
        .withArgs(asked.jobId, STATE.Requested);
      await playCopies(base, asked, [wrong, right, silent]);
      await market.tally(asked.job, "0x");

      const { job, jobId } = asked;
      const ofMute = await signatureFor(base, job, mute, RIGHT);
      const outsider = at(crowd, 3);
      await expect(market.connect(mute.key).fulfill(job, RIGHT, ofMute))
        .to.be.revertedWithCustomError(market, "OutputMismatch")
        .withArgs(jobId);
      await expect(market.connect(outsider.key).fulfill(job, RIGHT, signature))
        .to.be.revertedWithCustomError(market, "NoSeat")
        .withArgs(jobId, outsider.id);
      const ofLiar = await signatureFor(base, job, liar, RIGHT);
      await expect(market.connect(liar.key).fulfill(job, RIGHT, ofLiar)).to.be.revertedWithCustomError(
        market,
        "OutputMismatch",
      );
      // The enclave never signed that, so the signature names nobody that is known.
      await expect(market.connect(liar.key).fulfill(job, WRONG, ofLiar)).to.be.revertedWithCustomError(
        tee,
        "EnclaveNotEnrolled",
      );
      const { dueAt } = await market.statusOf(jobId);
      await passTime(dueAt);
      await expect(market.connect(honest.key).fulfill(job, RIGHT, signature))
        .to.be.revertedWithCustomError(market, "JobTooLate")
        .withArgs(jobId, dueAt);
    });
  });

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

async function counters({ market }: Crowded, worker: WorkerActor): Promise<readonly bigint[]> {
  const { done, slashed } = await market.standingOf(worker.id);
  return [done, slashed];
}
