import { expect } from "chai";
import { keccak256, TypedDataEncoder, Wallet } from "ethers";

import { measurement } from "../../workers/tee/development/image.ts";
import { enroll, MEASUREMENT } from "./enclaves.ts";
import {
  addVersion,
  addWorker,
  ethers,
  LEVEL,
  networkHelpers,
  PARAMETERS,
  passTime,
  requestJob,
  served,
  signatureFor,
} from "./fixture.ts";

const load = () => networkHelpers.loadFixture(served);
const OUTPUT_HASH = keccak256("0x06");

describe("the result digest", () => {
  it("is the EIP-712 digest that ethers computes", async () => {
    const base = await load();
    const { market, worker } = base;
    const { job, jobId, terms } = await requestJob(base);
    const { chainId } = await ethers.provider.getNetwork();
    const digest = TypedDataEncoder.hash(
      { name: "Assay", version: "1", chainId, verifyingContract: await market.getAddress() },
      {
        Result: [
          { name: "jobId", type: "bytes32" },
          { name: "versionId", type: "bytes32" },
          { name: "inputHash", type: "bytes32" },
          { name: "outputHash", type: "bytes32" },
          { name: "worker", type: "address" },
          { name: "deadline", type: "uint40" },
        ],
      },
      {
        jobId,
        versionId: job.versionId,
        inputHash: job.inputHash,
        outputHash: OUTPUT_HASH,
        worker: worker.key.address,
        deadline: terms.deadline,
      },
    );
    expect(await market.resultDigest(job, OUTPUT_HASH, worker.key)).to.equal(digest);
  });
});

describe("an enclave's signature", function () {
  this.timeout(60_000);

  const setup = async () => {
    const base = await load();
    const { job, terms } = await requestJob(base, { level: LEVEL.Tee });
    const fulfil = (evidence: string) => base.market.connect(base.worker.key).fulfill(job, "0x06", evidence);
    return { ...base, base, job, terms, fulfil, signature: await signatureFor(base, job, base.worker, "0x06") };
  };

  it("counts for the signed result, and from an enrolled key, only", async () => {
    const { tee, base, job, worker, fulfil } = await setup();
    await expect(fulfil(await signatureFor(base, job, worker, "0x07"))).to.be.revertedWithCustomError(
      tee,
      "EnclaveNotEnrolled",
    );
    const { job: other } = await requestJob(base, { level: LEVEL.Tee });
    await expect(fulfil(await signatureFor(base, other, worker, "0x06"))).to.be.revertedWithCustomError(
      tee,
      "EnclaveNotEnrolled",
    );
  });

  it("counts for the worker of the enclave only", async () => {
    const { tee, base, job, terms, versionId, worker } = await setup();
    const other = await addWorker(base, versionId, 1);
    const digest = await base.market.resultDigest(job, OUTPUT_HASH, other.key);
    await passTime(terms.requestedAt + 2n * PARAMETERS.priorityWindow);
    await expect(base.market.connect(other.key).fulfill(job, "0x06", worker.enclave.signingKey.sign(digest).serialized))
      .to.be.revertedWithCustomError(tee, "EnclaveOfOtherWorker")
      .withArgs(worker.enclave.address, worker.key.address, other.key.address);
  });

  it("counts until the enrolment expires", async () => {
    const base = await load();
    const { tee, enclaves, worker } = base;
    const { expiresAt } = await enclaves.enclaveOf(worker.enclave);
    await networkHelpers.time.increaseTo(expiresAt - 50n);
    const { job } = await requestJob(base, { level: LEVEL.Tee });
    const signature = await signatureFor(base, job, worker, "0x06");
    await expect(enclaves.invalidate(worker.enclave)).to.be.revertedWithCustomError(enclaves, "EnclaveStillValid");
    await passTime(expiresAt);
    await expect(base.market.connect(worker.key).fulfill(job, "0x06", signature)).to.be.revertedWithCustomError(
      tee,
      "EnclaveExpired",
    );
    await expect(enclaves.invalidate(worker.enclave)).to.emit(enclaves, "EnclaveInvalidated");
    await expect(enclaves.invalidate(worker.enclave)).to.be.revertedWithCustomError(enclaves, "EnclaveUnknown");
  });

  it("counts until the worker ends its keys", async () => {
    const { tee, enclaves, worker, fulfil, signature, base, job } = await setup();
    await enclaves.connect(worker.key).endKeys(worker.key);
    await expect(fulfil(signature))
      .to.be.revertedWithCustomError(tee, "EnclaveKeysEnded")
      .withArgs(worker.enclave.address, worker.key.address);
    await enroll(enclaves, worker.enclave, worker.key);
    await fulfil(await signatureFor(base, job, worker, "0x06"));
  });

  it("counts while the deployment accepts the measurement", async () => {
    const { tee, enclaves, admin, versionId, fulfil, signature } = await setup();
    await enclaves.connect(admin).acceptMeasurement(MEASUREMENT, false);
    await expect(fulfil(signature))
      .to.be.revertedWithCustomError(tee, "MeasurementNotAccepted")
      .withArgs(versionId, MEASUREMENT);
  });

  it("is judged by the version's own measurements where it names some", async () => {
    const base = await load();
    const { tee, workers, worker, market } = base;
    const own = measurement("code of its own");
    const versionId = await addVersion(base, { levels: 2, measurements: [own] });
    await workers.connect(worker.key).serve(worker.id, versionId, 2);
    const { job } = await requestJob({ ...base, versionId }, { level: LEVEL.Tee });
    const fulfil = async () =>
      market.connect(worker.key).fulfill(job, "0x06", await signatureFor(base, job, worker, "0x06"));
    await expect(fulfil()).to.be.revertedWithCustomError(tee, "MeasurementNotAccepted");
    const enclave = new Wallet(own);
    await enroll(base.enclaves, enclave, worker.key, { image: "code of its own" });
    await market
      .connect(worker.key)
      .fulfill(job, "0x06", await signatureFor(base, job, { ...worker, enclave }, "0x06"));
  });
});
