import { expect } from "chai";
import { concat } from "ethers";

import type { JobStruct } from "../../../types/ethers-contracts/contracts/interfaces/IInferenceMarket.ts";
import {
  addVersion,
  expectSolvent,
  type Job,
  LEVEL,
  MAX_FEE,
  MIN_FEE,
  networkHelpers,
  PARAMETERS,
  proofFor,
  ROYALTY,
  signatureFor,
  STATE,
} from "../fixture.ts";
import { type Batching, batching, codeOf, DONE, sendBatch, statesOf } from "./batching.ts";
import { alteredJob, earnedAndBound, requestTogether, withoutLevel, withSchedule } from "./jobs.ts";

const load = () => networkHelpers.loadFixture(batching);
const ZKML = { level: LEVEL.Zkml };

/** A proof that the job is answered with 6, and a wrong one: of another job or for another worker. */
const proven = async (base: Batching, job: Job, of = job) => ({
  job,
  output: "0x06",
  evidence: await proofFor(base, of, base.worker.key.address, 3),
});
const signed = async (base: Batching, job: Job) => ({
  job,
  output: "0x06",
  evidence: await signatureFor(base, job, base.worker, "0x06"),
});

describe("a batch of answers with evidence", function () {
  this.timeout(60_000);

  it("shares one product of pairings among proofs of one version", async () => {
    const base = await load();
    const { market, worker } = base;
    const batch = market.connect(worker.key).fulfillBatch;
    const jobs = await requestTogether(base, Array(5).fill(ZKML));
    const items = [];
    for (const { job } of jobs) items.push(await proven(base, job));
    const alone = await sendBatch(base, batch, items.slice(0, 1));
    const together = await sendBatch(base, batch, items.slice(1));
    expect([...alone.codes, ...together.codes]).to.deep.equal(Array(5).fill(DONE));
    // A proof alone takes four pairings, and each that is added to others takes one.
    expect((together.receipt.gasUsed - alone.receipt.gasUsed) / 3n < 130_000n).to.equal(true);
    expect(alone.receipt.gasUsed > 250_000n).to.equal(true);
    expect(await statesOf(base, jobs)).to.deep.equal(Array(5).fill(STATE.Settled));
    expect(await earnedAndBound(base, worker)).to.deep.equal([5n * (MIN_FEE - ROYALTY), 0n]);
    await expectSolvent(
      base,
      jobs.map(({ job }) => job),
    );
  });

  it("refuses a bad proof among good ones alone, with the reason it has without a batch", async () => {
    const base = await load();
    const { market, groth16, worker } = base;
    const jobs = await requestTogether(base, Array(6).fill(ZKML));
    const [first, other, short, input, output, last] = jobs;
    if (!first || !other || !short || !input || !output || !last) throw new Error("a job is missing");
    const good = await proven(base, first.job);
    const { codes } = await sendBatch(base, market.connect(worker.key).fulfillBatch, [
      good,
      await proven(base, other.job, first.job),
      { ...good, job: short.job, evidence: "0x00" },
      { ...good, job: input.job, evidence: concat([good.evidence.slice(0, 256), "0x04"]) },
      { ...good, job: output.job, output: "0x08" },
      await proven(base, last.job),
    ]);
    const invalid = codeOf(groth16, "ProofInvalid");
    const [tooShort, otherInput] = [codeOf(groth16, "EvidenceTooShort"), codeOf(groth16, "InputMismatch")];
    expect(codes).to.deep.equal([DONE, invalid, tooShort, otherInput, invalid, DONE]);
    expect(await statesOf(base, [first, last])).to.deep.equal([STATE.Settled, STATE.Settled]);
    expect(await statesOf(base, [other, short, input, output])).to.deep.equal(Array(4).fill(STATE.Requested));
    await expectSolvent(
      base,
      jobs.map(({ job }) => job),
    );
  });

  it("refuses what is bad for another reason than its proof, though the proof was good with the others", async () => {
    const base = await load();
    const { market, worker, other } = base;
    const [first, twice, early] = await requestTogether(base, [ZKML, ZKML, ZKML]);
    if (!first || !twice || !early) throw new Error("a job is missing");
    await market.connect(worker.key).execute(early.job, "0x07");
    const items = [
      await proven(base, first.job),
      await proven(base, twice.job),
      await proven(base, twice.job),
      await proven(base, early.job),
    ];
    const { codes } = await sendBatch(base, market.connect(worker.key).fulfillBatch, items);
    const [mismatch, unlike] = [codeOf(market, "JobStateMismatch"), codeOf(market, "OutputMismatch")];
    expect(codes).to.deep.equal([DONE, DONE, mismatch, unlike]);
    expect(await earnedAndBound(base, worker)).to.deep.equal([2n * (MIN_FEE - ROYALTY), PARAMETERS.jobStake]);

    const again = await sendBatch(base, market.connect(other.key).fulfillBatch, items.slice(2));
    expect(again.codes).to.deep.equal([mismatch, codeOf(market, "NotBoundWorker")]);
    await expectSolvent(base, [first.job, twice.job, early.job]);
  });

  it("takes versions, levels and jobs that nobody asked for as they come", async () => {
    const base = await load();
    const { market, worker, workers, challenger, secondVersionId, othersVersionId } = base;
    const teeOnly = await addVersion(base, { levels: 2 });
    await workers.connect(worker.key).serve(worker.id, teeOnly, 2);
    const second = { versionId: secondVersionId };
    const jobs = await requestTogether(base, [
      ZKML,
      ZKML,
      { level: LEVEL.Tee },
      {},
      {},
      { ...second, ...ZKML },
      { ...second, ...ZKML },
      { versionId: teeOnly, level: LEVEL.Tee },
      { versionId: teeOnly, level: LEVEL.Tee },
    ]);
    const [a, b, tee, vanilla, challenged, c, d, e, f] = jobs;
    if (!a || !b || !tee || !vanilla || !challenged || !c || !d || !e || !f) throw new Error("a job is missing");
    const [drawn] = await requestTogether({ ...base, versionId: othersVersionId }, [ZKML]);
    if (!drawn) throw new Error("a job is missing");
    await workers.connect(worker.key).serve(worker.id, othersVersionId, 7);
    const [copies] = await requestTogether({ ...base, versionId: othersVersionId }, [{ copies: 2n }]);
    if (!copies) throw new Error("a job is missing");
    await market.connect(worker.key).execute(challenged.job, "0x06");
    await market.connect(challenger).challenge(challenged.job, { value: PARAMETERS.challengeBond });

    const unknown = (job: JobStruct) => ({ job, output: "0x06", evidence: "0x" });
    const mismatch = codeOf(market, "JobStateMismatch");
    const items = [
      [await proven(base, a.job), DONE],
      [await proven(base, challenged.job), DONE],
      [unknown(withoutLevel(a.job)), mismatch],
      [unknown(withSchedule(a.job, (1n << 256n) - 1n)), codeOf(market, "CopiesNeedCommitment")],
      [unknown(await alteredJob(base, a.terms, { minFee: MAX_FEE })), mismatch],
      [unknown(await alteredJob(base, a.terms, { versionId: challenged.jobId })), mismatch],
      [await proven(base, c.job), DONE],
      [await proven(base, d.job), DONE],
      [await proven(base, b.job), DONE],
      [await signed(base, tee.job), DONE],
      [unknown(vanilla.job), codeOf(market, "EvidenceNotNeeded")],
      [await signed(base, e.job), DONE],
      [await signed(base, f.job), DONE],
      [unknown(copies.job), codeOf(market, "CopiesNeedCommitment")],
      [await proven(base, drawn.job), codeOf(market, "NotDrawn")],
    ] as const;
    const { codes } = await sendBatch(
      base,
      market.connect(worker.key).fulfillBatch,
      items.map(([item]) => item),
    );
    expect(codes).to.deep.equal(items.map(([, code]) => code));
    expect(await statesOf(base, [a, b, c, d, e, f, tee, challenged])).to.deep.equal(Array(8).fill(STATE.Settled));
    await expectSolvent(
      base,
      [...jobs, drawn, copies].map(({ job }) => job),
    );
  });

  it("pays the bond of challenged answers that are proved together", async () => {
    const base = await load();
    const { market, worker, challenger } = base;
    const jobs = await requestTogether(base, [{}, {}]);
    for (const { job } of jobs) {
      await market.connect(worker.key).execute(job, "0x06");
      await market.connect(challenger).challenge(job, { value: PARAMETERS.challengeBond });
    }
    const items = await Promise.all(jobs.map(({ job }) => proven(base, job)));
    const { codes } = await sendBatch(base, market.connect(worker.key).fulfillBatch, items);
    expect(codes).to.deep.equal([DONE, DONE]);
    const each = MIN_FEE - ROYALTY + PARAMETERS.challengeBond;
    expect(await earnedAndBound(base, worker)).to.deep.equal([2n * each, 0n]);
    await expectSolvent(
      base,
      jobs.map(({ job }) => job),
    );
  });

  it("counts for nobody but its caller, as evidence names the worker", async () => {
    const base = await load();
    const { market, groth16, workers, versionId, worker, other, stranger } = base;
    const jobs = await requestTogether(base, [ZKML, ZKML]);
    const items = await Promise.all(jobs.map(({ job }) => proven(base, job)));
    const outsider = await sendBatch(base, market.connect(stranger).fulfillBatch, items);
    expect(outsider.codes).to.deep.equal(Array(2).fill(codeOf(workers, "WorkerUnknown")));
    await workers.connect(other.key).serve(other.id, versionId, 7);
    await networkHelpers.time.increase(2n * PARAMETERS.priorityWindow);
    const copycat = await sendBatch(base, market.connect(other.key).fulfillBatch, items);
    expect(copycat.codes).to.deep.equal(Array(2).fill(codeOf(groth16, "ProofInvalid")));
    const own = await sendBatch(base, market.connect(worker.key).fulfillBatch, items);
    expect(own.codes).to.deep.equal([DONE, DONE]);
  });

  it("may be empty", async () => {
    const base = await load();
    const { codes, receipt } = await sendBatch(base, base.market.fulfillBatch, []);
    expect([codes.length, receipt.logs.length]).to.deep.equal([0, 0]);
  });

  it("tells what failed for lack of gas, which gives no reason, and can be sent again", async () => {
    const base = await load();
    const { market, worker } = base;
    const [asked] = await requestTogether(base, [ZKML]);
    if (!asked) throw new Error("a job is missing");
    const item = await proven(base, asked.job);
    const batch = market.connect(worker.key).fulfillBatch;
    const unexplained = codeOf(market, "FailedWithoutReason");
    let gasLimit = 0n;
    for (let tried = 240_000n; gasLimit === 0n && tried < 340_000n; tried += 4_000n) {
      const codes = await batch.staticCall([item], { gasLimit: tried }).catch(() => []);
      if (codes[0] === unexplained) gasLimit = tried;
    }
    const starved = await sendBatch(base, batch, [item], { gasLimit });
    expect(starved.codes).to.deep.equal([unexplained]);
    expect(await statesOf(base, [asked])).to.deep.equal([STATE.Requested]);
    expect((await sendBatch(base, batch, [item])).codes).to.deep.equal([DONE]);
  });
});
