import { expect } from "chai";
import { keccak256, Wallet } from "ethers";

import {
  enroll,
  LEVEL,
  MEASUREMENT,
  networkHelpers,
  PARAMETERS,
  passTime,
  PRICE,
  quoteFor,
  requestJob,
  served,
  signatureFor,
  STAKE,
  STATE,
} from "../fixture.ts";

const load = () => networkHelpers.loadFixture(served);
const OTHER_CODE = keccak256("0x0bad");

describe("code of another measurement", function () {
  this.timeout(60_000);

  it("cannot take the enrolment of an enclave whose worker is bound", async () => {
    const base = await load();
    const { market, enclaves, worker, stranger } = base;
    const { job } = await requestJob(base, { level: LEVEL.Tee });
    await market.connect(worker.key).claim(job);
    await networkHelpers.time.increase(10);
    const issuedAt = BigInt(await networkHelpers.time.latest()) + 60n;
    const quote = { measurement: OTHER_CODE, issuedAt };
    const hostile = await quoteFor(base, worker.enclave.address, worker.key.address, quote);
    await expect(enclaves.connect(stranger).enroll(0, worker.enclave, worker.key, hostile))
      .to.be.revertedWithCustomError(enclaves, "EnclaveKeyTaken")
      .withArgs(worker.enclave.address, worker.key.address);
    await market.connect(worker.key).fulfill(job, "0x06", await signatureFor(base, job, worker, "0x06"));
  });

  it("that takes a fresh key first is got round with another key, for the same job", async () => {
    const base = await load();
    const { market, enclaves, worker } = base;
    const { job } = await requestJob(base, { level: LEVEL.Tee });
    await market.connect(worker.key).claim(job);
    const taken = new Wallet(keccak256("0x11"));
    await enroll(base, taken, worker.key.address, { measurement: OTHER_CODE });
    await expect(enroll(base, taken, worker.key.address, {})).to.be.revertedWithCustomError(
      enclaves,
      "EnclaveKeyTaken",
    );
    const enclave = new Wallet(keccak256("0x12"));
    await enroll(base, enclave, worker.key.address, {});
    await market
      .connect(worker.key)
      .fulfill(job, "0x06", await signatureFor(base, job, { ...worker, enclave }, "0x06"));
    expect((await enclaves.enclaveOf(enclave)).measurement).to.equal(MEASUREMENT);
  });
});

describe("who takes a worker's key for itself", function () {
  this.timeout(60_000);

  it("pays a stake to make its victim choose another key, and gets nothing that the key earns", async () => {
    const base = await load();
    const { market, workers, stranger, treasury, challenger, versionId } = base;
    const register = (operator: typeof stranger, key: typeof stranger) =>
      workers.connect(operator).register(key, PRICE, STAKE, { value: STAKE });
    await register(stranger, treasury);
    await expect(register(challenger, treasury))
      .to.be.revertedWithCustomError(workers, "KeyTaken")
      .withArgs(treasury.address);
    await register(challenger, base.admin);
    const id = await workers.workerIdOf(base.admin);
    expect((await workers.workerOf(id)).operator).to.equal(challenger.address);

    // What the squatter has is a worker whose key it does not hold: its victim can look, and must not act for it.
    const squatted = await workers.workerIdOf(treasury);
    await workers.connect(stranger).serve(squatted, versionId, 7);
    const { job, jobId, terms } = await requestJob(base);
    await passTime(terms.requestedAt + 2n * PARAMETERS.priorityWindow);
    await workers.connect(base.admin).serve(id, versionId, 7);
    await market.connect(base.admin).execute(job, "0x06");
    const { workerId, state } = await market.statusOf(jobId);
    expect([workerId, state]).to.deep.equal([id, BigInt(STATE.Executed)]);
    await expect(market.connect(stranger).withdrawEarnings(id, stranger))
      .to.be.revertedWithCustomError(market, "NotWorkersOperator")
      .withArgs(id, stranger.address);
  });
});
