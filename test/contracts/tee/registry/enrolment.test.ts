import { expect } from "chai";
import { keccak256, Signature, toBeHex, ZeroAddress } from "ethers";

import { flipped } from "../../../../workers/tee/development/authority.ts";
import { measurement } from "../../../../workers/tee/development/image.ts";
import { enroll, enrolmentOf, MEASUREMENT, simulatedVerifier } from "../../enclaves.ts";
import { addWorker, ethers, networkHelpers, passTime, QUOTE_MAX_AGE } from "../../fixture.ts";
import { believed, ENCLAVE, load, now, OTHER_ENCLAVE } from "./fixture.ts";

/** Where EIP-2935 puts its history, the code that it has there, and how far back it reaches. */
const HISTORY = "0x0000F90827F1C53a10cb7A02335B175320002935";
const HISTORY_CODE =
  "0x3373fffffffffffffffffffffffffffffffffffffffe14604657602036036042575f35600143038111604257611fff81430311604257611fff9006545f5260205ff35b5f5ffd5b5f35611fff60014303065500";
const HISTORY_BLOCKS = 8_191;
const SECP256K1_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

describe("the enrolment of an enclave", function () {
  this.timeout(60_000);

  it("may be sent by anyone, and says all that results are checked by, with the quote", async () => {
    const { enclaves, worker, stranger } = await load();
    const enrolment = await enrolmentOf(enclaves, ENCLAVE, worker.key);
    const quoteHash = keccak256(enrolment.quote);
    const verifierId = await simulatedVerifier(enclaves);
    const sending = enclaves.connect(stranger).enroll(enrolment);
    await sending;
    const enrolledAt = await now();
    const expiresAt = enrolledAt + QUOTE_MAX_AGE;
    await expect(sending)
      .to.emit(enclaves, "EnclaveEnrolled")
      .withArgs(
        ENCLAVE.address,
        worker.key.address,
        MEASUREMENT,
        expiresAt,
        true,
        0,
        verifierId,
        quoteHash,
        enrolment.blockNumber,
      );
    await expect(sending).to.emit(enclaves, "QuoteShown").withArgs(ENCLAVE.address, quoteHash, enrolment.quote);
    expect([...(await enclaves.enclaveOf(ENCLAVE))]).to.deep.equal([
      worker.key.address,
      expiresAt,
      0n,
      verifierId,
      true,
      MEASUREMENT,
      quoteHash,
      enrolledAt,
      enrolment.blockNumber,
    ]);
    expect([...(await enclaves.bindingOf(ENCLAVE))]).to.deep.equal([worker.key.address, MEASUREMENT, expiresAt, true]);
  });

  it("is not there for a key that never enrolled", async () => {
    const { enclaves } = await load();
    expect((await enclaves.enclaveOf(ENCLAVE)).worker).to.equal(ZeroAddress);
    expect((await enclaves.bindingOf(ENCLAVE)).worker).to.equal(ZeroAddress);
  });

  it("needs report data that bind key, worker, epoch, registry and chain, and the block's hash", async () => {
    const base = await load();
    const { enclaves, worker } = base;
    const blockNumber = (await ethers.provider.getBlockNumber()) - 1;
    const [high, low] = await enclaves.reportData(ENCLAVE, worker.key, blockNumber);
    const { chainId } = await ethers.provider.getNetwork();
    const bound = [chainId, await enclaves.getAddress(), ENCLAVE.address, worker.key.address, 0n];
    const types = ["uint256", "address", "address", "address", "uint32"];
    expect(high).to.equal(keccak256(ethers.AbiCoder.defaultAbiCoder().encode(types, bound)));
    expect(low).to.equal((await ethers.provider.getBlock(blockNumber))?.hash);

    const other = await addWorker(base, base.versionId, 1);
    const [foreign] = await enclaves.reportData(ENCLAVE, other.key, blockNumber);
    const withHigh = { blockNumber: BigInt(blockNumber), reportData: ethers.concat([foreign, low]) };
    await expect(enclaves.enroll(await enrolmentOf(enclaves, ENCLAVE, worker.key, withHigh)))
      .to.be.revertedWithCustomError(enclaves, "ReportDataMismatch")
      .withArgs(foreign, high);
    const [, earlier] = await enclaves.reportData(ENCLAVE, worker.key, blockNumber - 1);
    const withLow = { blockNumber: BigInt(blockNumber), reportData: ethers.concat([high, earlier]) };
    await expect(enclaves.enroll(await enrolmentOf(enclaves, ENCLAVE, worker.key, withLow)))
      .to.be.revertedWithCustomError(enclaves, "ReportDataMismatch")
      .withArgs(earlier, low);
  });

  it("cannot be replayed by another worker, even one that has the enclave's signature for itself", async () => {
    const base = await load();
    const { enclaves, worker } = base;
    const thief = await addWorker(base, base.versionId, 1);
    const genuine = await enrolmentOf(enclaves, ENCLAVE, worker.key);
    const stolen = { ...genuine, worker: thief.key.address };
    await expect(enclaves.connect(thief.key).enroll(stolen))
      .to.be.revertedWithCustomError(enclaves, "PossessionNotShown")
      .withArgs(ENCLAVE.address);
    const signed = await enrolmentOf(enclaves, ENCLAVE, thief.key, { quote: () => ethers.getBytes(genuine.quote) });
    await expect(
      enclaves.connect(thief.key).enroll({ ...signed, blockNumber: genuine.blockNumber }),
    ).to.be.revertedWithCustomError(enclaves, "ReportDataMismatch");
  });

  it("needs a block of which the chain knows the hash", async () => {
    const { enclaves, worker } = await load();
    const enrolment = await enrolmentOf(enclaves, ENCLAVE, worker.key);
    const next = BigInt(await ethers.provider.getBlockNumber()) + 1n;
    for (const blockNumber of [next, next + 1n, 2n ** 256n - 1n])
      await expect(enclaves.enroll({ ...enrolment, blockNumber }))
        .to.be.revertedWithCustomError(enclaves, "QuoteStale")
        .withArgs(blockNumber);
    // One that knows none, as Hardhat's, does not stand for a hash with the data of its failure.
    await networkHelpers.mine(257);
    await expect(enclaves.enroll(enrolment))
      .to.be.revertedWithCustomError(enclaves, "QuoteStale")
      .withArgs(enrolment.blockNumber);
    await expect(enclaves.reportData(ENCLAVE, worker.key, enrolment.blockNumber)).to.be.revertedWithCustomError(
      enclaves,
      "QuoteStale",
    );
  });

  it("takes blocks from before the last 256 where the chain keeps a history of them", async () => {
    const { enclaves, worker } = await load();
    const enrolment = await enrolmentOf(enclaves, ENCLAVE, worker.key);
    const blockNumber = Number(enrolment.blockNumber);
    const hash = (await ethers.provider.getBlock(blockNumber))?.hash ?? "";
    await networkHelpers.mine(300);
    await networkHelpers.setCode(HISTORY, HISTORY_CODE);
    await networkHelpers.setStorageAt(HISTORY, blockNumber % HISTORY_BLOCKS, hash);
    await networkHelpers.mine(HISTORY_BLOCKS - 310);
    await enclaves.enroll(enrolment);
    expect((await enclaves.enclaveOf(ENCLAVE)).blockNumber).to.equal(enrolment.blockNumber);
    await networkHelpers.mine(20);
    await expect(enclaves.reportData(ENCLAVE, worker.key, blockNumber))
      .to.be.revertedWithCustomError(enclaves, "QuoteStale")
      .withArgs(blockNumber);
    // Nor does anything else that may be there.
    await networkHelpers.setCode(HISTORY, "0x600160005260406000f3");
    await expect(enclaves.reportData(ENCLAVE, worker.key, blockNumber)).to.be.revertedWithCustomError(
      enclaves,
      "QuoteStale",
    );
  });

  it("needs the enclave key's own signature, with s in the lower half, over these very bytes", async () => {
    const { enclaves, worker } = await load();
    const enrolment = await enrolmentOf(enclaves, ENCLAVE, worker.key);
    const signature = Signature.from(ethers.hexlify(enrolment.keySignature));
    const high = ethers.concat([
      signature.r,
      toBeHex(SECP256K1_ORDER - BigInt(signature.s), 32),
      signature.v === 27 ? "0x1c" : "0x1b",
    ]);
    // The attestation key's signature in a quote has a twin that is valid, too.
    const twin = (made: Uint8Array) => {
      const changed = Uint8Array.from(made);
      changed.set(flipped(made.slice(636, 700)), 636);
      return changed;
    };
    const { quote } = await enrolmentOf(enclaves, ENCLAVE, worker.key, { quote: twin });
    const bad = [
      (await enrolmentOf(enclaves, ENCLAVE, worker.key, { signer: OTHER_ENCLAVE })).keySignature,
      high,
      signature.compactSerialized,
      "0x",
      ethers.hexlify(new Uint8Array(65)),
    ].map((keySignature) => ({ ...enrolment, keySignature }));
    for (const each of [...bad, { ...enrolment, quote }, { ...bad[4], enclaveKey: ZeroAddress }])
      await expect(enclaves.enroll({ ...enrolment, ...each })).to.be.revertedWithCustomError(
        enclaves,
        "PossessionNotShown",
      );
    await enclaves.enroll(await enrolmentOf(enclaves, ENCLAVE, worker.key, { quote: twin }));
  });

  it("needs a quote verifier that is there, and passes its reason on", async () => {
    const { enclaves, quotes, certificates, worker } = await load();
    const enrolment = await enrolmentOf(enclaves, ENCLAVE, worker.key);
    const count = await enclaves.quoteVerifierCount();
    await expect(enclaves.enroll({ ...enrolment, verifierId: count }))
      .to.be.revertedWithCustomError(enclaves, "QuoteVerifierUnknown")
      .withArgs(count);
    const broken = (made: Uint8Array) => made.with(650, (made[650] ?? 0) ^ 1);
    await expect(
      enclaves.enroll(await enrolmentOf(enclaves, ENCLAVE, worker.key, { quote: broken })),
    ).to.be.revertedWithCustomError(quotes, "QuoteSignature");
    // Intel's verifier comes first, and knows no development root.
    await expect(enclaves.enroll({ ...enrolment, verifierId: 0 })).to.be.revertedWithCustomError(
      certificates,
      "RootUnknown",
    );
  });

  it("needs a quote that has not expired", async () => {
    const base = await load();
    const { enclaves, worker } = base;
    const past = await believed(base, ENCLAVE, worker.key.address, { validUntil: await now() });
    await expect(enclaves.enroll(past))
      .to.be.revertedWithCustomError(enclaves, "QuoteExpired")
      .withArgs(await now());
    const validUntil = (await now()) + 100n;
    const last = await believed(base, ENCLAVE, worker.key.address, { validUntil });
    await networkHelpers.time.setNextBlockTimestamp(validUntil);
    await enclaves.enroll(last);
    expect(await now()).to.equal((await enclaves.enclaveOf(ENCLAVE)).expiresAt);
  });
});

describe("the renewal of an enclave", function () {
  this.timeout(60_000);

  it("needs a quote that binds a later block, so that none does anything twice", async () => {
    const { enclaves, worker, stranger } = await load();
    const first = await enrolmentOf(enclaves, ENCLAVE, worker.key);
    const second = await enrolmentOf(enclaves, ENCLAVE, worker.key, { blockNumber: BigInt(first.blockNumber) - 1n });
    await enclaves.enroll(first);
    const { expiresAt } = await enclaves.enclaveOf(ENCLAVE);
    await networkHelpers.time.increase(100);
    for (const replayed of [first, second])
      await expect(enclaves.connect(stranger).enroll(replayed))
        .to.be.revertedWithCustomError(enclaves, "QuoteSuperseded")
        .withArgs(replayed.blockNumber, first.blockNumber);
    const third = await enrolmentOf(enclaves, ENCLAVE, worker.key);
    await enclaves.connect(stranger).enroll(third);
    const renewed = await enclaves.enclaveOf(ENCLAVE);
    expect(renewed.expiresAt).to.be.greaterThan(expiresAt + 100n);
    expect([renewed.quoteHash, renewed.blockNumber]).to.deep.equal([keccak256(third.quote), third.blockNumber]);
  });

  it("may be shorter: what is later is truer", async () => {
    const base = await load();
    const { enclaves, worker } = base;
    await enroll(enclaves, ENCLAVE, worker.key);
    const validUntil = (await now()) + 60n;
    await enclaves.enroll(await believed(base, ENCLAVE, worker.key.address, { validUntil }));
    expect((await enclaves.enclaveOf(ENCLAVE)).expiresAt).to.equal(validUntil);
  });

  it("is for the same worker and code, until the enrolment is over", async () => {
    const base = await load();
    const { enclaves, worker } = base;
    const other = await addWorker(base, base.versionId, 1);
    await enroll(enclaves, ENCLAVE, worker.key);
    const ofOther = () => enrolmentOf(enclaves, ENCLAVE, other.key);
    const ofOtherCode = () => enrolmentOf(enclaves, ENCLAVE, worker.key, { image: "other code" });
    for (const make of [ofOther, ofOtherCode])
      await expect(enclaves.enroll(await make()))
        .to.be.revertedWithCustomError(enclaves, "EnclaveKeyTaken")
        .withArgs(ENCLAVE.address, worker.key.address);

    await passTime((await enclaves.enclaveOf(ENCLAVE)).expiresAt);
    await enclaves.enroll(await ofOtherCode());
    expect((await enclaves.enclaveOf(ENCLAVE)).measurement).to.equal(measurement("other code"));
    await enclaves.connect(worker.key).endKeys(worker.key);
    await enclaves.enroll(await ofOther());
    expect((await enclaves.enclaveOf(ENCLAVE)).worker).to.equal(other.key.address);
  });
});

describe("quote verifiers", () => {
  it("are found by their numbers, with kind and whether they are simulated", async () => {
    const { enclaves, trusting, trustingId } = await load();
    const kind = ethers.encodeBytes32String("trusting");
    const found = await enclaves.quoteVerifierOf(trustingId);
    expect([...found]).to.deep.equal([await trusting.getAddress(), kind, true]);
    await expect(enclaves.quoteVerifierOf(trustingId + 1n))
      .to.be.revertedWithCustomError(enclaves, "QuoteVerifierUnknown")
      .withArgs(trustingId + 1n);
    await expect(enclaves.addQuoteVerifier(trusting))
      .to.emit(enclaves, "QuoteVerifierAdded")
      .withArgs(trustingId + 1n, await trusting.getAddress(), kind, true);
  });
});
