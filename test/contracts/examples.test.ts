import { expect } from "chai";

import { ethers, lastJob, MAX_FEE, networkHelpers, proofFor, served } from "./fixture.ts";
import { plainTerms } from "./market/jobs.ts";

describe("the smallest consumer, Triage", () => {
  it("asks with defaults and keeps the proven label", async () => {
    const base = await networkHelpers.loadFixture(served);
    const { market, worker, versionId, stranger } = base;
    const untyped = await ethers.deployContract("Triage", [market, versionId]);
    const triage = await ethers.getContractAt("Triage", untyped);
    await triage.connect(stranger).ask("0x03", { value: MAX_FEE });
    await networkHelpers.mine();
    const { job, jobId, terms } = await lastJob(base);
    expect(plainTerms(terms)).to.include({
      minFee: MAX_FEE / 2n,
      maxFee: MAX_FEE,
      consumer: await triage.getAddress(),
    });
    await market.connect(worker.key).fulfill(job, "0x06", await proofFor(base, job, worker.key.address, 3));
    expect(await triage.labels(jobId)).to.equal(6n);
  });
});
