import { expect } from "chai";
import { keccak256 } from "ethers";

import { measurement } from "../../../../workers/tee/development/image.ts";
import { enroll, enrolmentOf, MEASUREMENT } from "../../enclaves.ts";
import { addVersion, addWorker, ethers, LEVEL, passTime, requestJob, signatureFor } from "../../fixture.ts";
import { ENCLAVE, load } from "./fixture.ts";

describe("the end of a worker's enclave keys", function () {
  this.timeout(60_000);

  it("is at once, for all that it has enrolled, and for nobody else", async () => {
    const base = await load();
    const { enclaves, worker } = base;
    const other = await addWorker(base, base.versionId, 1);
    await enroll(enclaves, ENCLAVE, worker.key);
    await expect(enclaves.connect(worker.key).endKeys(worker.key))
      .to.emit(enclaves, "KeysEnded")
      .withArgs(worker.key.address, 1);
    const current = async (key: { address: string }) => (await enclaves.bindingOf(key.address)).current;
    expect(await Promise.all([ENCLAVE, worker.enclave, other.enclave].map(current))).to.deep.equal([
      false,
      false,
      true,
    ]);
    expect([await enclaves.epochOf(worker.key), await enclaves.epochOf(other.key)]).to.deep.equal([1n, 0n]);
  });

  it("is the key's to say, or its operator's, and no stranger's", async () => {
    const base = await load();
    const { enclaves, workers, worker, stranger } = base;
    const other = await addWorker(base, base.versionId, 1);
    await enclaves.connect(worker.operator).endKeys(worker.key);
    await enclaves.connect(worker.key).endKeys(worker.key);
    expect(await enclaves.epochOf(worker.key)).to.equal(2n);
    for (const caller of [stranger, other.key, other.operator])
      await expect(enclaves.connect(caller).endKeys(worker.key))
        .to.be.revertedWithCustomError(enclaves, "NotOfWorker")
        .withArgs(worker.key.address, caller.address);
    // A key that is no worker's has only itself.
    await expect(enclaves.connect(worker.operator).endKeys(stranger))
      .to.be.revertedWithCustomError(workers, "WorkerUnknown")
      .withArgs(stranger.address);
    await enclaves.connect(stranger).endKeys(stranger);
    // Nor has an operator a say over the key that it put aside.
    await workers.connect(worker.operator).setKey(worker.id, base.treasury);
    await expect(enclaves.connect(worker.operator).endKeys(worker.key)).to.be.revertedWithCustomError(
      workers,
      "WorkerUnknown",
    );
  });

  it("makes quotes from before it worthless, and takes the same key with a new one", async () => {
    const { enclaves, worker } = await load();
    const before = await enrolmentOf(enclaves, ENCLAVE, worker.key);
    await enclaves.connect(worker.operator).endKeys(worker.key);
    await expect(enclaves.enroll(before)).to.be.revertedWithCustomError(enclaves, "ReportDataMismatch");
    await enroll(enclaves, ENCLAVE, worker.key);
    expect((await enclaves.enclaveOf(ENCLAVE)).epoch).to.equal(1n);
    expect((await enclaves.bindingOf(ENCLAVE)).current).to.equal(true);
  });

  it("lets anyone remove them", async () => {
    const { enclaves, worker, stranger } = await load();
    await expect(enclaves.invalidate(worker.enclave))
      .to.be.revertedWithCustomError(enclaves, "EnclaveStillValid")
      .withArgs(worker.enclave.address);
    await enclaves.connect(worker.key).endKeys(worker.key);
    await expect(enclaves.connect(stranger).invalidate(worker.enclave))
      .to.emit(enclaves, "EnclaveInvalidated")
      .withArgs(worker.enclave.address, MEASUREMENT);
    await expect(enclaves.invalidate(worker.enclave))
      .to.be.revertedWithCustomError(enclaves, "EnclaveUnknown")
      .withArgs(worker.enclave.address);
  });
});

describe("an enrolment that expired", () => {
  it("may be removed by anyone, and not a second before", async () => {
    const { enclaves, worker } = await load();
    const { expiresAt } = await enclaves.enclaveOf(worker.enclave);
    await passTime(expiresAt - 2n);
    await expect(enclaves.invalidate(worker.enclave)).to.be.revertedWithCustomError(enclaves, "EnclaveStillValid");
    await passTime(expiresAt - 1n);
    await enclaves.invalidate(worker.enclave);
    expect((await enclaves.enclaveOf(worker.enclave)).quoteHash).to.equal(ethers.ZeroHash);
  });
});

describe("a measurement that is withdrawn", function () {
  this.timeout(60_000);

  it("lets anyone remove the enclaves that run it", async () => {
    const { enclaves, admin, worker, stranger } = await load();
    await expect(enclaves.connect(admin).acceptMeasurement(MEASUREMENT, false))
      .to.emit(enclaves, "MeasurementAccepted")
      .withArgs(MEASUREMENT, false);
    expect(await enclaves.isAccepted(MEASUREMENT)).to.equal(false);
    await enclaves.connect(stranger).invalidate(worker.enclave);
    expect((await enclaves.enclaveOf(worker.enclave)).measurement).to.equal(ethers.ZeroHash);
  });

  it("still counts for a version that names it, from enclaves that enrol anew, which stay", async () => {
    const base = await load();
    const { enclaves, admin, worker, workers, market } = base;
    const versionId = await addVersion(base, { levels: 2, measurements: [MEASUREMENT] });
    await workers.connect(worker.key).serve(worker.id, versionId, 2);
    const { job } = await requestJob({ ...base, versionId }, { level: LEVEL.Tee });
    await enclaves.connect(admin).acceptMeasurement(MEASUREMENT, false);
    await enclaves.invalidate(worker.enclave);
    await enroll(enclaves, worker.enclave, worker.key);
    // Withdrawn again, what was not accepted in between is as it was.
    await enclaves.connect(admin).acceptMeasurement(MEASUREMENT, false);
    await expect(enclaves.invalidate(worker.enclave)).to.be.revertedWithCustomError(enclaves, "EnclaveStillValid");
    await market.connect(worker.key).fulfill(job, "0x06", await signatureFor(base, job, worker, "0x06"));
  });

  it("and accepted again leaves its enclaves alone", async () => {
    const { enclaves, admin, worker } = await load();
    await enclaves.connect(admin).acceptMeasurement(MEASUREMENT, false);
    await enclaves.connect(admin).acceptMeasurement(MEASUREMENT, true);
    expect(await enclaves.isAccepted(MEASUREMENT)).to.equal(true);
    await expect(enclaves.invalidate(worker.enclave)).to.be.revertedWithCustomError(enclaves, "EnclaveStillValid");
  });

  it("does not touch code that was never accepted", async () => {
    const { enclaves, admin, worker } = await load();
    const image = "code that only versions name";
    await enroll(enclaves, ENCLAVE, worker.key, { image });
    for (const code of [measurement(image), keccak256("0x01")])
      await enclaves.connect(admin).acceptMeasurement(code, false);
    await expect(enclaves.invalidate(ENCLAVE)).to.be.revertedWithCustomError(enclaves, "EnclaveStillValid");
  });
});

describe("the grace of a registry", () => {
  const LONGEST = 90 * 86_400;

  it("is at most 90 days", async () => {
    const { enclaves, manager, workers } = await load();
    const deploy = (grace: number) => ethers.deployContract("EnclaveRegistry", [manager, workers, grace]);
    expect(await (await deploy(LONGEST)).grace()).to.equal(BigInt(LONGEST));
    await expect(deploy(LONGEST + 1))
      .to.be.revertedWithCustomError(enclaves, "GraceTooLong")
      .withArgs(LONGEST + 1, LONGEST);
  });
});
