import { expect } from "chai";
import { keccak256, Wallet } from "ethers";

import { enroll, enrolmentOf, MEASUREMENT } from "../enclaves.ts";
import {
  LEVEL,
  networkHelpers,
  PARAMETERS,
  passTime,
  PRICE,
  requestJob,
  served,
  signatureFor,
  STAKE,
  STATE,
} from "../fixture.ts";

const load = () => networkHelpers.loadFixture(served);

describe("code of another measurement", function () {
  this.timeout(60_000);

  it("cannot take the enrolment of an enclave whose worker is bound, even where it has the key", async () => {
    const base = await load();
    const { market, enclaves, worker, stranger } = base;
    const { job } = await requestJob(base, { level: LEVEL.Tee });
    await market.connect(worker.key).claim(job);
    const hostile = await enrolmentOf(enclaves, worker.enclave, worker.key, { image: "other code" });
    await expect(enclaves.connect(stranger).enroll(hostile))
      .to.be.revertedWithCustomError(enclaves, "EnclaveKeyTaken")
      .withArgs(worker.enclave.address, worker.key.address);
    await market.connect(worker.key).fulfill(job, "0x06", await signatureFor(base, job, worker, "0x06"));
  });

  it("cannot enrol a key that it does not have, so that nobody has to choose another", async () => {
    const { enclaves, worker, stranger } = await load();
    const fresh = new Wallet(keccak256("0x11"));
    const hostile = await enrolmentOf(enclaves, fresh, worker.key, { image: "other code", signer: worker.enclave });
    await expect(enclaves.connect(stranger).enroll(hostile))
      .to.be.revertedWithCustomError(enclaves, "PossessionNotShown")
      .withArgs(fresh.address);
    await enroll(enclaves, fresh, worker.key);
    expect((await enclaves.enclaveOf(fresh)).measurement).to.equal(MEASUREMENT);
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
