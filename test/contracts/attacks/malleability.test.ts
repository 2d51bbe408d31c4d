import { expect } from "chai";
import { concat, dataSlice, getBytes, hexlify, Signature, toBeHex } from "ethers";

import { FIELD_ORDER } from "../../../circuits/format/interface-words.ts";
import { doubling } from "../doubling.ts";
import {
  ethers,
  type Job,
  LEVEL,
  networkHelpers,
  proofFor,
  requestJob,
  served,
  signatureFor,
  STATE,
} from "../fixture.ts";
import { malleated } from "../verifiers/trapdoor.ts";

const load = () => networkHelpers.loadFixture(served);
const BASE_FIELD = 21888242871839275222246405745257275088696311157297823662689037894645226208583n;
const SECP256K1_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

/** The other signature that the same key could have made of the same digest. */
function twinOf(signature: string): string {
  const { r, s, v } = Signature.from(signature);
  return concat([r, toBeHex(SECP256K1_ORDER - BigInt(s), 32), toBeHex(v === 27 ? 28 : 27)]);
}

describe("a proof in another of its forms", function () {
  this.timeout(60_000);

  const fulfil = (base: Awaited<ReturnType<typeof load>>, job: Job, evidence: Uint8Array | string) =>
    base.market.connect(base.worker.key).fulfill(job, "0x06", evidence);

  it("settles its job like the first form, and only once", async () => {
    const base = await load();
    const { market, worker } = base;
    const { job, jobId } = await requestJob(base, { level: LEVEL.Zkml });
    const evidence = await proofFor(base, job, worker.key.address, 3);
    const other = concat([malleated(evidence.slice(0, 256), 5n), "0x03"]);
    expect(other).not.to.equal(hexlify(evidence));
    await fulfil(base, job, other);
    const { earned, done } = await market.standingOf(worker.id);
    for (const again of [evidence, other])
      await expect(fulfil(base, job, again))
        .to.be.revertedWithCustomError(market, "JobStateMismatch")
        .withArgs(jobId, STATE.Settled);
    const after = await market.standingOf(worker.id);
    expect([after.earned, after.done]).to.deep.equal([earned, done]);
  });

  it("that is no proof is refused: any byte changed, coordinates not reduced, cut, or of another input", async () => {
    const base = await load();
    const { groth16, worker } = base;
    const { job } = await requestJob(base, { level: LEVEL.Zkml });
    const evidence = await proofFor(base, job, worker.key.address, 3);
    for (const at of [0, 31, 63, 64, 200, 255]) {
      const tampered = Uint8Array.from(evidence, (byte, index) => (index === at ? byte ^ 1 : byte));
      await expect(fulfil(base, job, tampered)).to.be.revertedWithCustomError(groth16, "ProofInvalid");
    }
    for (const word of [0, 1, 2, 6, 7]) {
      const value = BigInt(hexlify(evidence.slice(32 * word, 32 * word + 32))) + BASE_FIELD;
      const aliased = concat([evidence.slice(0, 32 * word), toBeHex(value, 32), evidence.slice(32 * word + 32)]);
      await expect(fulfil(base, job, aliased)).to.be.revertedWithCustomError(groth16, "ProofInvalid");
    }
    await expect(fulfil(base, job, concat([evidence.slice(0, 256), "0x04"]))).to.be.revertedWithCustomError(
      groth16,
      "InputMismatch",
    );
    await expect(fulfil(base, job, evidence.slice(0, 255)))
      .to.be.revertedWithCustomError(groth16, "EvidenceTooShort")
      .withArgs(255, 256);
    await expect(fulfil(base, job, concat([evidence, "0x00"]))).to.be.revertedWithCustomError(groth16, "InputMismatch");
    await fulfil(base, job, evidence);
  });

  it("cannot be had by signals at or above the field's order", async () => {
    const { groth16, models, versionId } = await load();
    const { verificationKey } = await models.terms(versionId);
    const binding = 2n ** 248n - 1n;
    const { prove } = await doubling();
    const evidence = concat([await prove(binding, 100), "0x64c8"]);
    await groth16.verifyProof(verificationKey, binding, evidence);
    for (const alias of [2n ** 248n, binding + FIELD_ORDER, FIELD_ORDER])
      await expect(groth16.verifyProof(verificationKey, alias, evidence))
        .to.be.revertedWithCustomError(groth16, "SignalOutOfField")
        .withArgs(0, alias);
    const zero = concat([await prove(0n, 0), "0x0000"]);
    await groth16.verifyProof(verificationKey, 0n, zero);
    await expect(groth16.verifyProof(verificationKey, FIELD_ORDER, zero)).to.be.revertedWithCustomError(
      groth16,
      "SignalOutOfField",
    );
    await expect(groth16.verifyProof(verificationKey, 1n, zero)).to.be.revertedWithCustomError(groth16, "ProofInvalid");
  });

  it("has no points at infinity: those show nothing", async () => {
    const { groth16, models, versionId } = await load();
    const { verificationKey } = await models.terms(versionId);
    await expect(groth16.verifyProof(verificationKey, 0n, new Uint8Array(258))).to.be.revertedWithCustomError(
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
    expect(Number((await ethers.provider.getBlock("latest"))?.gasUsed)).to.be.below(600_000);
  });
});

describe("a signature in another form", function () {
  this.timeout(60_000);

  it("of an enclave is refused: it has 65 bytes, the lower s, and 27 or 28", async () => {
    const base = await load();
    const { market, tee, worker } = base;
    const { job } = await requestJob(base, { level: LEVEL.Tee });
    const fulfil = (evidence: string) => market.connect(worker.key).fulfill(job, "0x06", evidence);
    const signature = await signatureFor(base, job, worker, "0x06");
    const { r, s, v } = Signature.from(signature);
    await expect(fulfil(twinOf(signature))).to.be.revertedWithCustomError(tee, "SignatureInvalid");
    for (const wrong of [v - 27, 5, 29])
      await expect(fulfil(concat([r, s, toBeHex(wrong, 1)]))).to.be.revertedWithCustomError(tee, "SignatureInvalid");
    await expect(fulfil(concat([r, s, toBeHex(55 - v, 1)]))).to.be.revertedWithCustomError(tee, "EnclaveNotEnrolled");
    for (const short of [dataSlice(signature, 0, 64), concat([signature, "0x00"])])
      await expect(fulfil(short))
        .to.be.revertedWithCustomError(tee, "SignatureLength")
        .withArgs(getBytes(short).length, 65);
    await fulfil(signature);
  });
});
