import { expect } from "chai";

import { contentId } from "../../../circuits/format/content-id.ts";
import { type ArtifactStore, getVersion, HttpStore, listVersions, publishModel } from "../../../workers/sdk/index.ts";
import { failure, type Market, openMarket, ROYALTY, teeOnly, WORK_UNITS } from "./fixture.ts";

describe("publishing a model", () => {
  let market: Market;

  before(async () => {
    market = await openMarket();
  });

  after(() => market.close());

  it("leaves facts on chain, and files that anyone can fetch by content", async () => {
    const { requester, versionId, publication } = market;
    const version = await getVersion(requester, { versionId });
    expect(version.levels).to.deep.equal(["Vanilla", "Tee", "Zkml"]);
    expect(version.inputs).to.deep.equal([{ kind: "uint", bits: 8, decimals: 0, shape: [1] }]);
    expect(version.spec).to.include({ royalty: ROYALTY, workUnits: WORK_UNITS, devKeys: true });
    const source = new HttpStore(version.spec.uri);
    for (const file of [publication.manifest, ...publication.files])
      expect(Array.from(await source.get(contentId(file)))).to.deep.equal(Array.from(file));
  });

  it("names a version by its facts, in letters of either case", async () => {
    const { requester, versionId, modelId } = market;
    const shouted = `0x${versionId.slice(2).toUpperCase()}`;
    expect((await getVersion(requester, { versionId: shouted })).versionId).to.equal(versionId);
    expect((await listVersions(requester, { modelId })).map((version) => version.versionId)).to.deep.equal([versionId]);
    expect(await listVersions(requester, { modelId: modelId + 100n })).to.deep.equal([]);
  });

  it("adds versions to a model that is there, and new models otherwise", async () => {
    const { owner, modelId } = market;
    const second = await publishModel(owner, { ...teeOnly(market), modelId });
    expect(second.modelId).to.equal(modelId);
    const other = await publishModel(owner, teeOnly(market));
    expect(other.modelId).to.equal(modelId + 1n);
    const listed = await listVersions(owner);
    expect(listed.map(({ versionId }) => versionId)).to.deep.equal([
      market.versionId,
      second.versionId,
      other.versionId,
    ]);
  });

  it("takes the address that the store has for the files, unless it is told another", async () => {
    const { owner, requester, publication } = market;
    const address = "ipfs://bafybeia3se6mjtfijs6ni4aqiapxk4q32er2rg4nwdpgjpwn3mj356oue4";
    const published: string[] = [];
    const store: ArtifactStore = {
      get: (cid) => publication.store.get(cid),
      put: (bytes) => publication.store.put(bytes),
      publish: async (files) => {
        for (const file of files) published.push(await publication.store.put(file));
        return address;
      },
    };
    const named = await publishModel(owner, { ...teeOnly(market), store, royalty: 3n, uri: undefined });
    expect((await getVersion(requester, { versionId: named.versionId })).spec.uri).to.equal(address);
    expect(named.uri).to.equal(address);
    expect(published).to.have.members([...publication.files, publication.manifest].map(contentId));
    const told = await publishModel(owner, { ...teeOnly(market), store, royalty: 4n });
    expect(told.uri).to.equal(publication.uri);
  });

  const refusals: readonly (readonly [code: string, what: string, change: (market: Market) => object])[] = [
    ["FILE_MISSING", "a file that the manifest names", ({ publication }) => ({ files: publication.files.slice(1) })],
    ["MANIFEST_INVALID", "a manifest that is none", () => ({ manifest: Uint8Array.of(1) })],
    ["PUBLICATION_INVALID", "a key without the level that needs it", () => ({ levels: ["Tee"] })],
    ["PUBLICATION_INVALID", "a key that the manifest does not name", () => ({ verificationKey: Uint8Array.of(1) })],
    ["PUBLICATION_INVALID", "files that no address leads to", () => ({ uri: undefined })],
    ["VersionExists", "facts that are there already", ({ modelId }) => ({ modelId })],
    [
      "ProofInvalid",
      "a sample that proves nothing",
      ({ publication }) => ({ sample: { ...publication.sample, binding: 2n } }),
    ],
    ["WorkUnitsZero", "no work", () => ({ workUnits: 0n })],
  ];
  for (const [code, what, change] of refusals)
    it(`refuses ${what} with ${code}`, async () => {
      const error = await failure(publishModel(market.owner, { ...market.publication, ...change(market) }));
      expect(error.code).to.equal(code);
    });

  it("lets nobody but the owner add to a model", async () => {
    const { requester, modelId } = market;
    const error = await failure(publishModel(requester, { ...teeOnly(market), royalty: 1n, modelId }));
    expect([error.code, error.details["modelId"]]).to.deep.equal(["NotModelOwner", modelId]);
  });
});
