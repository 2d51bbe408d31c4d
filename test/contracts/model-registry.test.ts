import { expect } from "chai";
import { dataSlice, id, keccak256, MaxUint256, Result, toBeHex, toUtf8String } from "ethers";
import fc from "fast-check";

import type { VersionSpecStruct } from "../../types/ethers-contracts/contracts/ModelRegistry.ts";
import { doubling } from "./doubling.ts";
import { type Deployed, ethers, load, NO_SAMPLE, publish, specOf, TEE, VANILLA, ZKML } from "./verifiers/fixture.ts";

const TEXT = { kind: 3, bits: 8, decimals: 0, shape: [5] };
const DATA_URI = "data:application/json;base64,";

async function add(
  { models, owner }: Pick<Deployed, "models" | "owner">,
  overrides: Partial<VersionSpecStruct>,
  modelId = 1n,
): Promise<string> {
  const spec = specOf(overrides);
  await models.connect(owner).addVersion(modelId, spec, "0x", NO_SAMPLE);
  return models.versionIdOf(modelId, spec);
}

const numbered = (index: number) => ({ manifestDigest: toBeHex(index + 1, 32) });

describe("a version's levels", function () {
  this.timeout(60_000);

  it("may be any, also Vanilla without evidence, but not none and not unknown ones", async () => {
    const base = await load();
    const { models, owner } = base;
    for (const levels of [VANILLA, TEE, VANILLA + TEE]) {
      const versionId = await add(base, { levels });
      expect((await models.requestTerms(versionId)).levels).to.equal(BigInt(levels));
    }
    await publish(base, (await doubling()).key);
    for (const levels of [0, 8, 9])
      await expect(models.connect(owner).addVersion(1, specOf({ levels }), "0x", NO_SAMPLE))
        .to.be.revertedWithCustomError(models, "LevelsInvalid")
        .withArgs(levels);
  });

  it("need a sample proof of 256 bytes where there is a circuit", async () => {
    const { models, owner } = await load();
    const { key } = await doubling();
    const spec = specOf({ levels: ZKML, verificationKeyHash: keccak256(key) });
    for (const length of [0, 255, 257])
      await expect(
        models
          .connect(owner)
          .addVersion(1, spec, key, { binding: 5n, input: "0x03", output: "0x06", proof: new Uint8Array(length) }),
      )
        .to.be.revertedWithCustomError(models, "SampleLength")
        .withArgs(length, 256);
  });
});

describe("a model's token", function () {
  this.timeout(60_000);

  const metadata = async ({ models }: Pick<Deployed, "models">, modelId: bigint): Promise<unknown> => {
    const uri = await models.tokenURI(modelId);
    expect(uri.slice(0, DATA_URI.length)).to.equal(DATA_URI);
    return JSON.parse(Buffer.from(uri.slice(DATA_URI.length), "base64").toString("utf8"));
  };

  it("tells its name, how many versions it has and the newest, in JSON from the chain alone", async () => {
    const base = await load();
    const description = "A model whose answers can be checked on chain.";
    const count = (value: number) => ({ trait_type: "Versions", value });
    expect(await metadata(base, 1n)).to.deep.equal({ name: "doubling", description, attributes: [count(0)] });
    await add(base, numbered(0));
    const value = await add(base, numbered(1));
    expect(await metadata(base, 1n)).to.deep.equal({
      name: "doubling",
      description,
      attributes: [count(2), { trait_type: "Newest version", value }],
    });
    await expect(base.models.tokenURI(2))
      .to.be.revertedWithCustomError(base.models, "ERC721NonexistentToken")
      .withArgs(2);
  });

  it("tells any name as it is: none can break out of the JSON", async () => {
    const base = await load();
    const { models } = base;
    const controls = String.fromCharCode(...Array.from({ length: 32 }, (_, code) => code));
    const names = fc.oneof(
      fc.string({ unit: "binary", maxLength: 40 }),
      fc.constantFrom("", '","name":"other', "\\", '\\"', controls, "</script>", "\u007f\u2028", "模型 🤖"),
    );
    await fc.assert(
      fc.asyncProperty(names, async (name) => {
        const written = toUtf8String(Buffer.from(name, "utf8"));
        await models.registerModel(written);
        expect(await metadata(base, await models.modelCount())).to.include({ name: written });
      }),
      { numRuns: 30 },
    );
  });

  it("answers to the interfaces of ERC-165, ERC-721 with metadata, and the registry", async () => {
    const { models } = await load();
    const own = await ethers.getContractAt("IModelRegistry", await models.getAddress());
    let selectors = 0n;
    own.interface.forEachFunction(({ selector }) => (selectors ^= BigInt(selector)));
    for (const known of ["0x01ffc9a7", "0x80ac58cd", "0x5b5e139f", toBeHex(selectors, 4)])
      expect(await models.supportsInterface(known)).to.equal(true);
    for (const unknown of ["0xffffffff", "0x780e9d63", "0x2a55205a"])
      expect(await models.supportsInterface(unknown)).to.equal(false);
  });

  it("moves with its rights, and cannot be burnt", async () => {
    const base = await load();
    const { models, owner, stranger } = base;
    const versionId = await add(base, {});
    await expect(models.connect(owner).transferFrom(owner, ethers.ZeroAddress, 1)).to.be.revertedWithCustomError(
      models,
      "ERC721InvalidReceiver",
    );
    await models.connect(owner).transferFrom(owner, stranger, 1);
    expect(await models.ownerOfVersion(versionId)).to.equal(stranger.address);
    await expect(models.connect(owner).setDeprecated(versionId, true))
      .to.be.revertedWithCustomError(models, "NotModelOwner")
      .withArgs(1, owner.address);
    await models.connect(stranger).setDeprecated(versionId, true);
    await expect(models.ownerOfVersion(id("no version")))
      .to.be.revertedWithCustomError(models, "VersionUnknown")
      .withArgs(id("no version"));
  });
});

describe("the versions of a model", function () {
  this.timeout(60_000);

  it("are counted, and listed in pages that fit together", async () => {
    const base = await load();
    const { models } = base;
    expect([await models.versionCount(1), await models.versionCount(2)]).to.deep.equal([0n, 0n]);
    const all: string[] = [];
    for (let index = 0; index < 7; index++) all.push(await add(base, numbered(index)));
    expect(await models.versionCount(1)).to.equal(7n);
    for (const size of [1, 2, 3, 7, 10]) {
      const listed: string[] = [];
      for (let start = 0; start < all.length; start += size) listed.push(...(await models.versionsOf(1, start, size)));
      expect(listed).to.deep.equal(all);
    }
    expect([...(await models.versionsOf(1, 5, MaxUint256))]).to.deep.equal(all.slice(5));
    expect([...(await models.versionsOf(1, MaxUint256, MaxUint256))]).to.deep.equal([]);
    expect([...(await models.versionsOf(2, 0, 10))]).to.deep.equal([]);
  });

  it("give a request its terms from one storage slot", async () => {
    const base = await load();
    const { models, stranger } = base;
    const versionId = await add(base, {});
    const call = await models.requestTerms.populateTransaction(versionId);
    const { hash } = await stranger.sendTransaction(call);
    const trace: unknown = await ethers.provider.send("debug_traceTransaction", [hash, {}]);
    expect(JSON.stringify(trace).match(/"SLOAD"/g)?.length).to.equal(1);
  });
});

describe("the registry's logs", function () {
  this.timeout(60_000);

  it("tell everything that it holds", async () => {
    const base = await load();
    const { models, owner, stranger, worker } = base;
    const { key } = await doubling();
    await models.connect(owner).registerModel('another "name"');
    await models.connect(worker).registerModel("");
    const advised = await add(base, { measurements: [id("one"), id("two")], royalty: 2n ** 96n - 1n });
    await publish(base, key);
    const second = await add(base, { levels: VANILLA, inputs: [TEXT], outputs: [TEXT, TEXT] }, 2n);
    await add(
      base,
      { inputs: [{ kind: 1, bits: 4, decimals: 3, shape: [3, 3] }], outputs: [TEXT], devKeys: false },
      2n,
    );
    await models.connect(owner).transferFrom(owner, stranger, 2);
    await models.connect(stranger).setDeprecated(second, true);
    await models.connect(owner).setDeprecated(advised, true);
    await models.connect(owner).setDeprecated(advised, false);
    await models.connect(worker).transferFrom(worker, owner, 3);

    const told = await rebuilt(base);
    expect(BigInt(told.length)).to.equal(await models.modelCount());
    expect(told.map(({ versions }) => versions.length)).to.deep.equal([2, 2, 0]);
    for (const [index, { name, holder, versions }] of told.entries()) {
      const modelId = BigInt(index + 1);
      expect([name, holder]).to.deep.equal([await models.modelName(modelId), await models.ownerOf(modelId)]);
      expect(versions.map(({ versionId }) => versionId)).to.deep.equal([
        ...(await models.versionsOf(modelId, 0, await models.versionCount(modelId))),
      ]);
      for (const { versionId, terms, measurements, keyHash } of versions) {
        const held: unknown = await models.terms(versionId);
        if (!(held instanceof Result)) throw new Error("the terms are not ethers' own");
        expect(held.toObject()).to.deep.equal({ ...terms, modelId });
        for (const measurement of [id("one"), id("two"), id("three")])
          expect(await models.namesMeasurement(versionId, measurement)).to.equal(measurements.includes(measurement));
        const code = await ethers.provider.getCode(terms.verificationKey);
        expect(code === "0x" ? ethers.ZeroHash : keccak256(dataSlice(code, 1))).to.equal(keyHash);
      }
    }
    expect(told[0]?.versions[1]?.keyHash).to.equal(keccak256(key));
  });
});

/** What the registry holds, from its logs and nothing else. */
async function rebuilt({ models }: Pick<Deployed, "models">) {
  const registered = await models.queryFilter(models.filters.ModelRegistered());
  const added = await models.queryFilter(models.filters.VersionAdded());
  const deprecations = await models.queryFilter(models.filters.VersionDeprecated());
  const transfers = await models.queryFilter(models.filters.Transfer());
  return registered.map(({ args: { modelId, name } }) => ({
    name,
    holder: transfers.filter(({ args }) => args.tokenId === modelId).at(-1)?.args.to,
    versions: added
      .filter(({ args }) => args.modelId === modelId)
      .map(({ args: { versionId, spec, verificationKey } }) => {
        const lengthOf = (specs: typeof spec.inputs) => specs.reduce((sum, tensor) => sum + byteLength(tensor), 0n);
        const maybeShorter = (specs: typeof spec.inputs) =>
          specs.length === 1 && specs[0]?.kind === BigInt(TEXT.kind) && (Number(spec.levels) & ZKML) === 0;
        return {
          versionId,
          measurements: [...spec.measurements],
          keyHash: spec.verificationKeyHash,
          terms: {
            royalty: spec.royalty,
            workUnits: spec.workUnits,
            inputBytes: lengthOf(spec.inputs),
            outputBytes: lengthOf(spec.outputs),
            levels: spec.levels,
            deprecated:
              deprecations.filter(({ args }) => args.versionId === versionId).at(-1)?.args.deprecated ?? false,
            textInput: maybeShorter(spec.inputs),
            textOutput: maybeShorter(spec.outputs),
            ownMeasurements: spec.measurements.length !== 0,
            devKeys: spec.devKeys,
            verificationKey,
          },
        };
      }),
  }));
}

function byteLength({ bits, shape }: { bits: bigint; shape: readonly bigint[] }): bigint {
  return (shape.reduce((product, size) => product * size, bits) + 7n) / 8n;
}
