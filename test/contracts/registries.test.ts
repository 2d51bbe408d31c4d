import { expect } from "chai";
import { keccak256 } from "ethers";

import { doubling } from "./doubling.ts";
import { addVersion, ethers, LEVEL, networkHelpers, NO_SAMPLE, requestJob, served, specOf } from "./fixture.ts";

const load = () => networkHelpers.loadFixture(served);

describe("the registry of models", function () {
  this.timeout(60_000);

  it("mints a token for a model and tells its name", async () => {
    const { models, stranger } = await load();
    await expect(models.connect(stranger).registerModel("a name"))
      .to.emit(models, "ModelRegistered")
      .withArgs(2n, stranger.address, "a name");
    expect([await models.name(), await models.modelName(2), await models.ownerOf(2)]).to.deep.equal([
      "Assay Model",
      "a name",
      stranger.address,
    ]);
    await expect(models.modelName(3)).to.be.revertedWithCustomError(models, "ModelUnknown").withArgs(3);
    await expect(models.terms(keccak256("0x"))).to.be.revertedWithCustomError(models, "VersionUnknown");
  });

  it("takes a version only once, and only from the model's owner", async () => {
    const { models, owner, stranger } = await load();
    const add = (signer: typeof owner, modelId: number) =>
      models.connect(signer).addVersion(modelId, specOf({ levels: 2 }), "0x", NO_SAMPLE);
    await expect(add(stranger, 1)).to.be.revertedWithCustomError(models, "NotModelOwner").withArgs(1, stranger.address);
    await expect(add(owner, 9)).to.be.revertedWithCustomError(models, "ModelUnknown").withArgs(9);
    await add(owner, 1);
    await expect(add(owner, 1)).to.be.revertedWithCustomError(models, "VersionExists");
  });

  it("refuses a version that could never be answered", async () => {
    const { models, owner } = await load();
    const add = (overrides: Parameters<typeof specOf>[0]) =>
      models.connect(owner).addVersion(1, specOf({ levels: 2, ...overrides }), "0x", NO_SAMPLE);
    await expect(add({ workUnits: 0 })).to.be.revertedWithCustomError(models, "WorkUnitsZero");
    await expect(add({ inputs: [] }))
      .to.be.revertedWithCustomError(models, "TensorSpecInvalid")
      .withArgs(0, false);
    const bad = { kind: 0, bits: 5, decimals: 0, shape: [1] };
    const good = { ...bad, bits: 8 };
    await expect(add({ outputs: [good, bad] }))
      .to.be.revertedWithCustomError(models, "TensorSpecInvalid")
      .withArgs(1, true);
  });

  it("lets a text be shorter, unless a circuit reads it", async () => {
    const base = await load();
    const { models, owner, workers, worker, market } = base;
    const text = [{ kind: 3, bits: 8, decimals: 0, shape: [5] }];
    const versionId = await addVersion({ models, owner }, { levels: 2, inputs: text });
    expect((await models.terms(versionId)).textInput).to.equal(true);
    await workers.connect(worker.key).serve(worker.id, versionId, 2);
    await requestJob({ ...base, versionId }, { level: LEVEL.Tee }, "0x6869");
    await expect(requestJob({ ...base, versionId }, { level: LEVEL.Tee }, "0x010203040506"))
      .to.be.revertedWithCustomError(market, "InputLength")
      .withArgs(6, 5);
  });

  it("publishes no dead, foreign or missing key", async () => {
    const { models, groth16, owner } = await load();
    const { key, prove } = await doubling();
    const sample = { binding: 5n, input: "0x03", output: "0x06", proof: await prove(5n, 3) };
    const spec = specOf({ verificationKeyHash: keccak256(key), manifestDigest: keccak256("0x31") });
    const add = (overrides: object, keyGiven: Uint8Array | string, sampleGiven: object) =>
      models.connect(owner).addVersion(1, { ...spec, ...overrides }, keyGiven, { ...sample, ...sampleGiven });
    await expect(add({}, key, { output: "0x07" })).to.be.revertedWithCustomError(groth16, "ProofInvalid");
    await expect(add({}, key, { binding: 6n })).to.be.revertedWithCustomError(groth16, "ProofInvalid");
    await expect(add({}, key, { input: "0x0306", output: "0x" })).to.be.revertedWithCustomError(models, "SampleLength");
    await expect(add({}, "0x", {})).to.be.revertedWithCustomError(models, "VerificationKeyMismatch");
    await expect(add({}, key.slice(1), {})).to.be.revertedWithCustomError(models, "VerificationKeyMismatch");
    await expect(add({ levels: 2 }, key, {})).to.be.revertedWithCustomError(models, "VerificationKeyMismatch");
    await expect(add({ verificationKeyHash: ethers.ZeroHash }, "0x", {})).to.be.revertedWithCustomError(
      models,
      "VerificationKeyMismatch",
    );
    const wide = { inputs: [{ kind: 0, bits: 8, decimals: 0, shape: [40] }] };
    await expect(add(wide, key, { input: new Uint8Array(40) })).to.be.revertedWithCustomError(
      groth16,
      "VerificationKeyLength",
    );
    const unsafe = ethers.concat([key.slice(0, 320), key.slice(192, 320), key.slice(448)]);
    await expect(
      models.connect(owner).addVersion(1, { ...spec, verificationKeyHash: keccak256(unsafe) }, unsafe, sample),
    ).to.be.revertedWithCustomError(groth16, "VerificationKeyUnsafe");
    await add({}, key, {});
  });
});
