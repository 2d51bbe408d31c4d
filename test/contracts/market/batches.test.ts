import { expect } from "chai";
import { keccak256 } from "ethers";

import {
  addWorker,
  CALLBACK_AT,
  ethers,
  expectSolvent,
  LEVEL,
  MIN_FEE,
  networkHelpers,
  PARAMETERS,
  passTime,
  type RequestedJob,
  requestJob,
  ROYALTY,
  STAKE,
  STATE,
} from "../fixture.ts";
import { batching, codeOf, DONE, passShortestLife, PLENTY, sendBatch, statesOf } from "./batching.ts";
import { alteredJob, earnedAndBound, requestTogether, withoutLevel, withSchedule } from "./jobs.ts";

const load = () => networkHelpers.loadFixture(batching);

const answered = (jobs: readonly RequestedJob[], output = "0x06") => jobs.map(({ job }) => ({ job, output }));
const asJobs = (jobs: readonly RequestedJob[]) => jobs.map(({ job }) => job);

describe("a batch of answers", function () {
  this.timeout(60_000);

  it("is executed and settled like each of them", async () => {
    const base = await load();
    const { market, worker, owner } = base;
    const jobs = await requestTogether(base, [{}, {}, { challengeWindow: 400n }]);
    const { codes, receipt } = await sendBatch(base, market.connect(worker.key).executeBatch, answered(jobs));
    expect(codes).to.deep.equal([DONE, DONE, DONE]);
    const executed = receipt.logs.map((log) => market.interface.parseLog(log)?.args[0] as unknown);
    expect(executed).to.deep.equal(jobs.map(({ jobId }) => jobId));
    expect(await statesOf(base, jobs)).to.deep.equal([STATE.Executed, STATE.Executed, STATE.Executed]);
    expect(await earnedAndBound(base, worker)).to.deep.equal([0n, 3n * PARAMETERS.jobStake]);
    await expectSolvent(base, asJobs(jobs));

    await networkHelpers.time.increase(401);
    const settled = await sendBatch(base, market.settleBatch, answered(jobs, "0x"));
    expect(settled.codes).to.deep.equal([DONE, DONE, DONE]);
    expect(await earnedAndBound(base, worker)).to.deep.equal([3n * (MIN_FEE - ROYALTY), 0n]);
    expect(await market.balanceOf(owner)).to.equal(3n * ROYALTY);
    await expectSolvent(base, asJobs(jobs));
  });

  it("may be empty", async () => {
    const base = await load();
    for (const batch of [base.market.executeBatch, base.market.settleBatch]) {
      const { codes, receipt } = await sendBatch(base, batch, []);
      expect([codes.length, receipt.logs.length]).to.deep.equal([0, 0]);
    }
  });

  it("does what can be done beside every kind of bad item, and tells the selector of each one's error", async () => {
    const base = await load();
    const { market, worker, workers, other, secondVersionId, othersVersionId } = base;
    const [late] = await requestTogether(base, [{ timeToLive: 2n * PARAMETERS.priorityWindow + 1n }]);
    await passShortestLife();
    const [good, done, long, unlike, last] = await requestTogether(base, [
      {},
      {},
      {},
      {},
      { versionId: secondVersionId },
    ]);
    const [others] = await requestTogether({ ...base, versionId: othersVersionId }, [{}]);
    await workers.connect(worker.key).serve(worker.id, othersVersionId, 7);
    const [copies] = await requestTogether({ ...base, versionId: othersVersionId }, [{ copies: 2n }]);
    const [claimed] = await requestTogether({ ...base, versionId: othersVersionId }, [{ level: LEVEL.Tee }]);
    if (!late || !good || !done || !long || !unlike || !last || !others || !copies || !claimed)
      throw new Error("a job is missing");
    await market.connect(worker.key).execute(done.job, "0x06");
    const drawn = (await market.drawnWorker(claimed.job)).workerId === worker.id ? worker : other;
    const waiting = drawn === worker ? other : worker;
    await market.connect(drawn.key).claim(claimed.job);

    const mismatch = codeOf(market, "JobStateMismatch");
    const items = [
      [good.job, DONE],
      [late.job, codeOf(market, "JobTooLate")],
      [done.job, mismatch],
      [await alteredJob(base, unlike.terms, { minFee: 1n }), mismatch],
      [await alteredJob(base, unlike.terms, { versionId: keccak256("0x") }), mismatch],
      [withoutLevel(unlike.job), mismatch],
      [withSchedule(unlike.job, (1n << 256n) - 1n), codeOf(market, "CopiesNeedCommitment")],
      [copies.job, codeOf(market, "CopiesNeedCommitment")],
      [others.job, codeOf(market, "NotDrawn")],
      [last.job, DONE],
    ] as const;
    const answers = items.map(([job]) => ({ job, output: "0x06" }));
    const tooLong = { job: long.job, output: "0x0606" };
    const { codes } = await sendBatch(base, market.connect(worker.key).executeBatch, [...answers, tooLong]);
    expect(codes).to.deep.equal([...items.map(([, code]) => code), codeOf(market, "OutputLength")]);
    expect(await statesOf(base, [good, last])).to.deep.equal([STATE.Executed, STATE.Executed]);
    expect(await statesOf(base, [late, long, others, copies])).to.deep.equal(Array(4).fill(STATE.Requested));
    await expectSolvent(base, asJobs([late, good, done, long, unlike, last, others, copies, claimed]));

    const bound = await sendBatch(base, market.connect(waiting.key).executeBatch, answered([claimed]));
    expect(bound.codes).to.deep.equal([codeOf(market, "NotBoundWorker")]);
    const unknown = await sendBatch(base, market.connect(base.stranger).executeBatch, answered([long]));
    expect(unknown.codes).to.deep.equal([codeOf(workers, "WorkerUnknown")]);
  });

  it("is executed as far as the worker's stake goes", async () => {
    const base = await load();
    const { market, worker, workers } = base;
    const jobs = await requestTogether(base, [{}, {}, {}]);
    await workers.connect(worker.operator).startUnbonding(worker.id, STAKE - 2n * PARAMETERS.jobStake);
    const { codes } = await sendBatch(base, market.connect(worker.key).executeBatch, answered(jobs));
    expect(codes).to.deep.equal([DONE, DONE, codeOf(market, "StakeMissing")]);
    await expectSolvent(base, asJobs(jobs));
  });

  it("is settled beside every kind of bad item", async () => {
    const base = await load();
    const { market, worker } = base;
    const consumer = { callbackGas: 50_000n, callbackAt: CALLBACK_AT.Final };
    const jobs = await requestTogether(base, [{}, consumer, { challengeWindow: 5_000n }, { level: LEVEL.Tee }, {}, {}]);
    const [good, calling, undue, tee, waiting, last] = jobs;
    if (!good || !calling || !undue || !tee || !waiting || !last) throw new Error("a job is missing");
    await sendBatch(base, market.connect(worker.key).executeBatch, answered([good, calling, undue, tee, last]));
    await passTime((await market.statusOf(last.jobId)).dueAt);

    const mismatch = codeOf(market, "JobStateMismatch");
    const { codes } = await sendBatch(base, market.settleBatch, [
      { job: good.job, output: "0x" },
      { job: calling.job, output: "0x07" },
      { job: undue.job, output: "0x" },
      { job: tee.job, output: "0x" },
      { job: waiting.job, output: "0x" },
      { job: withoutLevel(good.job), output: "0x" },
      { job: withSchedule(good.job, (1n << 256n) - 1n), output: "0x" },
      { job: last.job, output: "0x" },
    ]);
    const [wrong, early] = [codeOf(market, "OutputMismatch"), codeOf(market, "JobNotDue")];
    expect(codes).to.deep.equal([DONE, wrong, early, mismatch, mismatch, mismatch, mismatch, DONE]);
    expect(await statesOf(base, [good, last])).to.deep.equal([STATE.Settled, STATE.Settled]);
    await expectSolvent(base, asJobs(jobs));
  });

  it("settles jobs with several copies among others", async () => {
    const base = await load();
    const { market, workers, worker, other, othersVersionId } = base;
    await workers.connect(worker.key).serve(worker.id, othersVersionId, 7);
    const [copies] = await requestTogether({ ...base, versionId: othersVersionId }, [{ copies: 2n }]);
    const [single] = await requestTogether(base, [{}]);
    if (!copies || !single) throw new Error("a job is missing");
    await market.connect(worker.key).execute(single.job, "0x06");
    await passShortestLife();
    const salt = ethers.ZeroHash;
    for (const { key } of [worker, other]) {
      const sealed = ethers.AbiCoder.defaultAbiCoder().encode(
        ["bytes32", "address", "bytes32", "bytes32"],
        [copies.jobId, key.address, keccak256("0x06"), salt],
      );
      await market.connect(key).commit(copies.job, keccak256(sealed));
    }
    for (const { key } of [worker, other]) await market.connect(key).reveal(copies.job, "0x06", salt);
    await market.tally(copies.job, "0x");
    await passTime((await market.statusOf(copies.jobId)).dueAt);
    const { codes } = await sendBatch(base, market.settleBatch, answered([copies, single, copies], "0x"));
    expect(codes).to.deep.equal([DONE, DONE, codeOf(market, "JobStateMismatch")]);
    await expectSolvent(base, asJobs([copies, single]));
  });

  it("does each job once, however often it is named", async () => {
    const base = await load();
    const { market, worker } = base;
    const [first, second] = await requestTogether(base, [{}, {}]);
    if (!first || !second) throw new Error("a job is missing");
    const again = [first, first, second, first];
    const mismatch = codeOf(market, "JobStateMismatch");
    const executed = await sendBatch(base, market.connect(worker.key).executeBatch, answered(again));
    expect(executed.codes).to.deep.equal([DONE, mismatch, DONE, mismatch]);
    expect(await earnedAndBound(base, worker)).to.deep.equal([0n, 2n * PARAMETERS.jobStake]);
    await passTime((await market.statusOf(second.jobId)).dueAt);
    const settled = await sendBatch(base, market.settleBatch, answered(again, "0x"));
    expect(settled.codes).to.deep.equal([DONE, mismatch, DONE, mismatch]);
    expect(await earnedAndBound(base, worker)).to.deep.equal([2n * (MIN_FEE - ROYALTY), 0n]);
    await expectSolvent(base, asJobs([first, second]));
  });

  it("of many workers is settled by anyone, each being paid its own", async () => {
    const base = await load();
    const { market, worker, other, stranger, othersVersionId } = base;
    const { job: mine, jobId } = await requestJob(base);
    const { job: others } = await requestJob({ ...base, versionId: othersVersionId });
    await market.connect(worker.key).execute(mine, "0x06");
    await market.connect(other.key).execute(others, "0x06");
    await passTime((await market.statusOf(jobId)).dueAt + 10n);
    const items = [mine, others].map((job) => ({ job, output: "0x" }));
    const { codes } = await sendBatch(base, market.connect(stranger).settleBatch, items);
    expect(codes).to.deep.equal([DONE, DONE]);
    expect(await earnedAndBound(base, worker)).to.deep.equal([MIN_FEE - ROYALTY, 0n]);
    expect(await earnedAndBound(base, other)).to.deep.equal([MIN_FEE - ROYALTY, 0n]);
    await expectSolvent(base, [mine, others]);
  });

  it("has steps that only the market itself may call", async () => {
    const base = await load();
    const { market, worker, stranger } = base;
    const hot = await ethers.getContractAt("InferenceMarket", market);
    const { job } = await requestJob(base);
    for (const caller of [worker.key, worker.operator, stranger]) {
      const calls = [
        () => hot.connect(caller).executeItem(job, "0x06", worker.key),
        () => hot.connect(caller).fulfillItem(job, "0x06", "0x", worker.key, true),
      ];
      for (const call of calls)
        await expect(call()).to.be.revertedWithCustomError(market, "NotSelf").withArgs(caller.address);
    }
  });

  it("leaves workers that join later out of the draw, in a batch as without one", async () => {
    const base = await load();
    const { market, versionId } = base;
    const [first, second] = await requestTogether(base, [{}, {}]);
    if (!first || !second) throw new Error("a job is missing");
    const late = await addWorker(base, versionId, 2);
    const { codes } = await sendBatch(base, market.connect(late.key).executeBatch, answered([first, second]), PLENTY);
    expect(codes).to.deep.equal([codeOf(market, "NotDrawn"), codeOf(market, "NotDrawn")]);
  });
});
