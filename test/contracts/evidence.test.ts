import { expect } from "chai";
import { concat, getBytes, hexlify, keccak256, toBeHex, TypedDataEncoder, Wallet } from "ethers";

import {
  addVersion,
  addWorker,
  type Deployed,
  enroll,
  ethers,
  LEVEL,
  MEASUREMENT,
  networkHelpers,
  PARAMETERS,
  passTime,
  QUOTE_MAX_AGE,
  quoteFor,
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
    await networkHelpers.time.increaseTo(expiresAt - 5n);
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
    const own = keccak256("0x77");
    const versionId = await addVersion(base, { levels: 2, measurements: [own] });
    await workers.connect(worker.key).serve(worker.id, versionId, 2);
    const { job } = await requestJob({ ...base, versionId }, { level: LEVEL.Tee });
    const fulfil = async () =>
      market.connect(worker.key).fulfill(job, "0x06", await signatureFor(base, job, worker, "0x06"));
    await expect(fulfil()).to.be.revertedWithCustomError(tee, "MeasurementNotAccepted");
    const enclave = new Wallet(own);
    await enroll(base, enclave, worker.key.address, { measurement: own });
    await market
      .connect(worker.key)
      .fulfill(job, "0x06", await signatureFor(base, job, { ...worker, enclave }, "0x06"));
  });
});

describe("enrolling an enclave", function () {
  this.timeout(60_000);

  const enclave = new Wallet(keccak256("0x1234"));
  const send = async (base: Pick<Deployed, "enclaves">, worker: string, quote: Uint8Array) =>
    base.enclaves.enroll(0, enclave, worker, quote);

  it("needs a quote for this key and this worker", async () => {
    const base = await load();
    const { enclaves, stranger, worker } = base;
    const others = await quoteFor(base, enclave.address, worker.key.address, {});
    const needed = await enclaves.reportData(enclave, stranger);
    await expect(send(base, stranger.address, others))
      .to.be.revertedWithCustomError(enclaves, "ReportDataMismatch")
      .withArgs(await enclaves.reportData(enclave, worker.key), needed);
    await expect(send(base, worker.key.address, others)).to.emit(enclaves, "EnclaveEnrolled");
    await expect(send(base, stranger.address, await quoteFor(base, enclave.address, stranger.address, {})))
      .to.be.revertedWithCustomError(enclaves, "EnclaveKeyTaken")
      .withArgs(enclave.address, worker.key.address);
  });

  it("needs a fresh quote, and a renewal a fresher one", async () => {
    const base = await load();
    const { enclaves, quotes, stranger } = base;
    const now = BigInt(await networkHelpers.time.latest());
    const at = (issuedAt: bigint) => quoteFor(base, enclave.address, stranger.address, { issuedAt });
    await expect(send(base, stranger.address, await at(now - QUOTE_MAX_AGE - 10n))).to.be.revertedWithCustomError(
      enclaves,
      "QuoteExpired",
    );
    await expect(send(base, stranger.address, await at(now + 1000n))).to.be.revertedWithCustomError(
      quotes,
      "SimulatedQuoteFromFuture",
    );
    await send(base, stranger.address, await at(now));
    await expect(send(base, stranger.address, await at(now - 1n))).to.be.revertedWithCustomError(
      enclaves,
      "QuoteSuperseded",
    );
    await send(base, stranger.address, await at(now + 1n));
    expect((await enclaves.enclaveOf(enclave)).simulated).to.equal(true);
  });

  it("needs the root's own signature, of the lower half, over every byte", async () => {
    const base = await load();
    const { quotes, enclaves, stranger } = base;
    const quote = await quoteFor(base, enclave.address, stranger.address, {});
    const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
    const twin = getBytes(concat([quote.slice(0, 144), toBeHex(order - BigInt(hexlify(quote.slice(144))), 32)]));
    const forged = await quoteFor(base, enclave.address, stranger.address, { secret: getBytes(keccak256("0x01")) });
    const changed = Uint8Array.from(quote, (byte, index) => (index === 20 ? byte ^ 1 : byte));
    for (const bad of [twin, forged, changed])
      await expect(send(base, stranger.address, bad)).to.be.revertedWithCustomError(quotes, "SimulatedQuoteSignature");
    await expect(send(base, stranger.address, quote.slice(1))).to.be.revertedWithCustomError(
      quotes,
      "SimulatedQuoteLength",
    );
    await expect(send(base, stranger.address, Uint8Array.from([0, ...quote.slice(1)]))).to.be.revertedWithCustomError(
      quotes,
      "SimulatedQuoteMagic",
    );
    await expect(enclaves.enroll(1, enclave, stranger, quote))
      .to.be.revertedWithCustomError(enclaves, "QuoteVerifierUnknown")
      .withArgs(1);
  });

  it("needs a root key that is a point of the curve", async () => {
    const { quotes } = await load();
    const point = [keccak256("0x01"), keccak256("0x02")];
    await expect(ethers.deployContract("SimulatedQuoteVerifier", [...point, 1]))
      .to.be.revertedWithCustomError(quotes, "SimulatedRootKeyInvalid")
      .withArgs(...point);
  });
});
