import { expect } from "chai";
import { concat, dataSlice, getBytes, hexlify, keccak256, Signature, toBeHex, TypedDataEncoder, Wallet } from "ethers";

import { FIELD_ORDER } from "../../circuits/format/interface-words.ts";
import { doubling } from "./doubling.ts";
import {
  addVersion,
  addWorker,
  type Deployed,
  enroll,
  ethers,
  type Job,
  LEVEL,
  MEASUREMENT,
  networkHelpers,
  PARAMETERS,
  passTime,
  proofFor,
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
    const { job, jobId } = await requestJob(base);
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
        deadline: job.deadline,
      },
    );
    expect(await market.resultDigest(job, OUTPUT_HASH, worker.key)).to.equal(digest);
  });
});

describe("a proof", function () {
  this.timeout(60_000);

  const fulfil = (base: Awaited<ReturnType<typeof load>>, job: Job, evidence: Uint8Array | string, output = "0x06") =>
    base.market.connect(base.worker.key).fulfill(job, output, evidence);

  it("counts for no other job, version, worker or output", async () => {
    const base = await load();
    const { groth16, worker, workers } = base;
    const { job: first } = await requestJob(base, { level: LEVEL.Zkml });
    const proof = await proofFor(base, first, worker.key.address, 3);

    const { job: second } = await requestJob(base, { level: LEVEL.Zkml });
    await expect(fulfil(base, second, proof)).to.be.revertedWithCustomError(groth16, "ProofInvalid");
    await expect(fulfil(base, first, proof, "0x08")).to.be.revertedWithCustomError(groth16, "ProofInvalid");

    const versionId = await addVersion(base, { manifestDigest: keccak256("0x99") });
    await workers.connect(worker.key).serve(worker.id, versionId, 4);
    const { job: other } = await requestJob({ ...base, versionId }, { level: LEVEL.Zkml });
    await expect(fulfil(base, other, proof)).to.be.revertedWithCustomError(groth16, "ProofInvalid");

    const copycat = await addWorker(base, base.versionId, 1);
    await passTime(first.requestedAt + PARAMETERS.priorityWindow);
    await expect(base.market.connect(copycat.key).fulfill(first, "0x06", proof)).to.be.revertedWithCustomError(
      groth16,
      "ProofInvalid",
    );
    await fulfil(base, first, proof);
  });

  it("is refused with any byte changed, non-canonical coordinates, or another input", async () => {
    const base = await load();
    const { groth16, worker } = base;
    const { job } = await requestJob(base, { level: LEVEL.Zkml });
    const proof = await proofFor(base, job, worker.key.address, 3);
    for (const at of [0, 31, 63, 64, 200, 255]) {
      const tampered = Uint8Array.from(proof, (byte, index) => (index === at ? byte ^ 1 : byte));
      await expect(fulfil(base, job, tampered)).to.be.revertedWithCustomError(groth16, "ProofInvalid");
    }
    const q = 21888242871839275222246405745257275088696311157297823662689037894645226208583n;
    for (const word of [0, 1, 2, 6, 7]) {
      const value = BigInt(hexlify(proof.slice(32 * word, 32 * word + 32))) + q;
      const aliased = concat([proof.slice(0, 32 * word), toBeHex(value, 32), proof.slice(32 * word + 32)]);
      await expect(fulfil(base, job, aliased)).to.be.revertedWithCustomError(groth16, "ProofInvalid");
    }
    await expect(fulfil(base, job, concat([proof.slice(0, 256), "0x04"]))).to.be.revertedWithCustomError(
      groth16,
      "InputMismatch",
    );
    await expect(fulfil(base, job, proof.slice(0, 255)))
      .to.be.revertedWithCustomError(groth16, "EvidenceTooShort")
      .withArgs(255, 256);
    await expect(fulfil(base, job, new Uint8Array(257))).to.revert(ethers);
    await fulfil(base, job, proof);
  });

  it("of points at infinity shows nothing", async () => {
    const { groth16, models, versionId } = await load();
    const { verificationKey } = await models.terms(versionId);
    const nothing = new Uint8Array(256);
    await expect(groth16.verifyProof(verificationKey, 0n, "0x00", "0x00", nothing)).to.be.revertedWithCustomError(
      groth16,
      "ProofInvalid",
    );
  });

  it("burns no more than the precompiles' cap when a point is malformed", async () => {
    const base = await load();
    const { job } = await requestJob(base, { level: LEVEL.Zkml });
    const evidence = concat([new Uint8Array(256).fill(1), "0x03"]);
    const sent = base.market.connect(base.worker.key).fulfill(job, "0x06", evidence, { gasLimit: 5_000_000n });
    await expect(sent).to.be.revertedWithCustomError(base.groth16, "ProofInvalid");
    const block = await ethers.provider.getBlock("latest");
    expect(Number(block?.gasUsed)).to.be.below(600_000);
  });

  it("is checked against any key and binding below 2^248", async () => {
    const { groth16, models, versionId } = await load();
    const { verificationKey } = await models.terms(versionId);
    const circuit = await doubling();
    const binding = 2n ** 248n - 1n;
    const proof = await circuit.prove(binding, 100);
    await groth16.verifyProof(verificationKey, binding, "0x64", "0xc8", proof);
    await groth16.verifyProof(verificationKey, 0n, "0x00", "0x00", await circuit.prove(0n, 0));
    for (const wrong of [binding - 1n, 0n])
      await expect(groth16.verifyProof(verificationKey, wrong, "0x64", "0xc8", proof)).to.be.revertedWithCustomError(
        groth16,
        "ProofInvalid",
      );
    for (const tooBig of [2n ** 248n, binding + FIELD_ORDER])
      await expect(groth16.verifyProof(verificationKey, tooBig, "0x64", "0xc8", proof))
        .to.be.revertedWithCustomError(groth16, "SignalOutOfField")
        .withArgs(0, tooBig);
    await expect(groth16.verifyProof(verificationKey, binding, "0x64", new Uint8Array(31), proof))
      .to.be.revertedWithCustomError(groth16, "VerificationKeyLength")
      .withArgs(448 + 3 * 64, 448 + 4 * 64);
    await expect(groth16.verifyProof(groth16, binding, "0x64", "0xc8", proof)).to.be.revertedWithCustomError(
      groth16,
      "VerificationKeyLength",
    );
  });
});

describe("a verification key", function () {
  this.timeout(60_000);

  it("is stored once, at an address that depends on it alone, as code that cannot run", async () => {
    const { groth16 } = await load();
    const { key } = await doubling();
    const first = await groth16.storeKey.staticCall(key);
    await groth16.storeKey(key);
    expect(await groth16.storeKey.staticCall(key)).to.equal(first);
    expect(await ethers.provider.getCode(first)).to.equal(concat(["0x00", key]));
  });

  it("is refused when gamma is delta or its negative, when a point is at infinity or off the curve", async () => {
    const { groth16 } = await load();
    const { key } = await doubling();
    const with_ = (start: number, bytes: Uint8Array) =>
      concat([key.slice(0, start), bytes, key.slice(start + bytes.length)]);
    const unsafe = [
      with_(320, key.slice(192, 320)),
      with_(320, key.slice(192, 256)),
      with_(192, new Uint8Array(128)),
      with_(320, new Uint8Array(128)),
      with_(448 + 64, new Uint8Array(64)),
      with_(448 + 128, new Uint8Array(64).fill(1)),
    ];
    for (const bad of unsafe)
      await expect(groth16.storeKey(bad)).to.be.revertedWithCustomError(groth16, "VerificationKeyUnsafe");
  });

  it("is refused when its length cannot be", async () => {
    const { groth16 } = await load();
    const { key } = await doubling();
    for (const bad of [new Uint8Array(0), key.slice(0, -64), key.slice(0, -1), new Uint8Array(24_600).fill(1)])
      await expect(groth16.storeKey(bad)).to.be.revertedWithCustomError(groth16, "VerificationKeyLength");
  });
});

describe("an enclave's signature", function () {
  this.timeout(60_000);

  const setup = async () => {
    const base = await load();
    const { job } = await requestJob(base, { level: LEVEL.Tee });
    const fulfil = (evidence: string) => base.market.connect(base.worker.key).fulfill(job, "0x06", evidence);
    return { ...base, base, job, fulfil, signature: await signatureFor(base, job, base.worker, "0x06") };
  };

  it("has one form only: 65 bytes, the lower s", async () => {
    const { tee, fulfil, signature } = await setup();
    const { r, s, v } = Signature.from(signature);
    const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
    const twin = concat([r, toBeHex(order - BigInt(s), 32), toBeHex(v === 27 ? 28 : 27)]);
    await expect(fulfil(twin)).to.be.revertedWithCustomError(tee, "SignatureInvalid");
    await expect(fulfil(concat([r, s, "0x05"]))).to.be.revertedWithCustomError(tee, "SignatureInvalid");
    await expect(fulfil(dataSlice(signature, 0, 64)))
      .to.be.revertedWithCustomError(tee, "SignatureLength")
      .withArgs(64, 65);
    await fulfil(signature);
  });

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
    const { tee, base, job, versionId, worker } = await setup();
    const other = await addWorker(base, versionId, 1);
    const digest = await base.market.resultDigest(job, OUTPUT_HASH, other.key);
    await passTime(job.requestedAt + PARAMETERS.priorityWindow);
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
});
