import { expect } from "chai";
import { keccak256, ZeroAddress } from "ethers";

import type { JobDescriptionStruct } from "../../../types/ethers-contracts/contracts/interfaces/IInferenceMarket.ts";
import {
  expectSolvent,
  LEVEL,
  MAX_FEE,
  networkHelpers,
  PARAMETERS,
  passTime,
  requestJob,
  served,
  STATE,
} from "../fixture.ts";
import { alteredJob, plainTerms, requestTogether } from "./jobs.ts";

const load = () => networkHelpers.loadFixture(served);
const BOND = { value: PARAMETERS.challengeBond };

describe("a job of any level", function () {
  this.timeout(60_000);

  for (const level of ["Vanilla", "Tee", "Zkml"] as const)
    it(`at ${level} is refunded in full, and nobody slashed, when nobody acts in time`, async () => {
      const base = await load();
      const { market, requester, worker } = base;
      const before = await market.balanceOf(requester);
      const { job, jobId, terms } = await requestJob(base, { level: LEVEL[level] });
      await expect(market.expire(job))
        .to.be.revertedWithCustomError(market, "JobNotDue")
        .withArgs(jobId, terms.deadline);
      await passTime(terms.deadline);
      await expect(market.connect(worker.key).execute(job, "0x06"))
        .to.be.revertedWithCustomError(market, "JobTooLate")
        .withArgs(jobId, terms.deadline);
      await expect(market.expire(job)).to.emit(market, "JobRefunded").withArgs(jobId, 0n, MAX_FEE, 0n);
      expect(await market.balanceOf(requester)).to.equal(before);
      await expectSolvent(base, [job]);
      await expect(market.expire(job)).to.be.revertedWithCustomError(market, "JobStateMismatch");
    });

  it("has another id with any field changed", async () => {
    const base = await load();
    const { market, stranger } = base;
    const { jobId, terms } = await requestJob(base);
    const changes: JobDescriptionStruct = {
      versionId: keccak256("0x01"),
      inputHash: keccak256("0x02"),
      requester: stranger.address,
      consumer: stranger.address,
      level: LEVEL.Tee,
      callbackAt: 1n,
      callbackGas: terms.callbackGas + 1n,
      minFee: terms.minFee - 1n,
      maxFee: terms.maxFee + 1n,
      requestedAt: terms.requestedAt - 1n,
      deadline: terms.deadline + 1n,
      challengeWindow: terms.challengeWindow + 1n,
      copies: 2n,
      requestBlock: terms.requestBlock + 1n,
      candidates: terms.candidates + 1n,
      maxPrice: terms.maxPrice + 1n,
      royalty: terms.royalty - 1n,
      outputBytes: terms.outputBytes + 1n,
      textOutput: true,
      feeBasisPoints: terms.feeBasisPoints + 1n,
      nonce: terms.nonce + 1n,
    };
    expect(terms.consumer).to.equal(ZeroAddress);
    const ids = new Set([jobId]);
    for (const [field, value] of Object.entries(changes))
      ids.add(await market.jobIdOf(await alteredJob(base, terms, { [field]: value })));
    expect(ids.size).to.equal(1 + Object.keys(plainTerms(terms)).length);
  });

  it("with any field changed is a job that nobody asked for", async () => {
    const base = await load();
    const { market, worker } = base;
    const { terms } = await requestJob(base);
    const changes = [{ minFee: MAX_FEE }, { deadline: terms.deadline + 1n }, { requester: base.stranger.address }];
    for (const change of changes) {
      const other = await alteredJob(base, terms, change);
      for (const step of [
        () => market.connect(worker.key).execute(other, "0x06"),
        () => market.connect(worker.key).claim(other),
        () => market.connect(worker.key).fulfill(other, "0x06", "0x"),
        () => market.expire(other),
        () => market.resolve(other),
        () => market.settle(other, "0x"),
        () => market.challenge(other, BOND),
      ]) {
        await expect(step())
          .to.be.revertedWithCustomError(market, "JobStateMismatch")
          .withArgs(await market.jobIdOf(other), STATE.None);
      }
      await expect(market.retryCallback(other, "0x")).to.be.revertedWithCustomError(market, "NoCallbackOwed");
    }
  });

  it("takes no output of another length", async () => {
    const base = await load();
    const { market, worker } = base;
    const { job } = await requestJob(base);
    for (const output of ["0x", "0x0606"])
      await expect(market.connect(worker.key).execute(job, output))
        .to.be.revertedWithCustomError(market, "OutputLength")
        .withArgs((output.length - 2) / 2, 1);
    const { job: proven } = await requestJob(base, { level: LEVEL.Zkml });
    await expect(market.connect(worker.key).fulfill(proven, "0x0606", "0x"))
      .to.be.revertedWithCustomError(market, "OutputLength")
      .withArgs(2, 1);
  });

  it("has its own id beside an equal request of the same block", async () => {
    const jobs = await requestTogether(await load(), [{}, {}]);
    expect(new Set(jobs.map(({ jobId }) => jobId)).size).to.equal(2);
  });
});
