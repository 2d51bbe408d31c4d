import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { contentId } from "../../../circuits/format/content-id.ts";
import { LocalStore } from "../../../workers/store/local-store.ts";
import {
  type ArtifactKey,
  createArtifactKey,
  makeKeyFile,
  readKeyFile,
} from "../../../workers/store/sealed/artifact-key.ts";
import { decodeGrant, extendGrant, sealFiles } from "../../../workers/store/sealed/grant.ts";
import { SealedSource } from "../../../workers/store/sealed/sealed-source.ts";
import { serveStore } from "../../../workers/store/serve-store.ts";
import { failure } from "./failure.ts";

const model = new TextEncoder().encode("weights that nobody else may see");
const graph = Uint8Array.from({ length: 100_000 }, (_, at) => at % 251);

describe("private artifacts", () => {
  const [first, second, stranger] = [createArtifactKey(), createArtifactKey(), createArtifactKey()];
  let directory: string;
  let store: LocalStore;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "assay-sealed-"));
    store = new LocalStore(directory);
  });

  after(() => rm(directory, { recursive: true }));

  async function keep(grant: Uint8Array, sealed: readonly Uint8Array[] = []): Promise<string> {
    for (const file of sealed) await store.put(file);
    return store.put(grant);
  }

  async function seal(recipients: readonly string[]): Promise<string> {
    const { grant, sealed } = sealFiles([model, graph], recipients);
    return keep(grant, sealed);
  }

  const read = (grant: string, key: ArtifactKey, cid: string) =>
    new SealedSource({ grant, key, sources: [store] }).get(cid);

  it("are opened by each allowed worker, under the content ids that the manifest names", async () => {
    const grant = await seal([first.publicKey, second.publicKey]);
    for (const key of [first, second]) {
      expect(Array.from(await read(grant, key, contentId(model)))).to.deep.equal(Array.from(model));
      expect(Array.from(await read(grant, key, contentId(graph)))).to.deep.equal(Array.from(graph));
    }
  });

  it("are opened by nobody else, and nothing that is kept shows them", async () => {
    const { grant, sealed } = sealFiles([model], [first.publicKey]);
    const cid = await keep(grant, sealed);
    expect((await failure(read(cid, stranger, contentId(model)))).code).to.equal("GRANT_OF_OTHERS");
    for (const bytes of [grant, ...sealed]) expect(Buffer.from(bytes).includes("weights that")).to.equal(false);
  });

  it("are sealed differently each time, so that equal files cannot be told by their seals", () => {
    const [one] = sealFiles([model], [first.publicKey]).sealed;
    const [two] = sealFiles([model], [first.publicKey]).sealed;
    expect(Buffer.from(one ?? model).equals(two ?? model)).to.equal(false);
  });

  it("can be granted to another worker later, without being sealed again", async () => {
    const { grant, sealed } = sealFiles([model], [first.publicKey]);
    await keep(grant, sealed);
    const wider = await keep(extendGrant(decodeGrant(grant), first, [second.publicKey, first.publicKey]));
    expect(Array.from(await read(wider, second, contentId(model)))).to.deep.equal(Array.from(model));
    expect(Array.from(await read(wider, first, contentId(model)))).to.deep.equal(Array.from(model));
    expect((await failure(read(contentId(grant), second, contentId(model)))).code).to.equal("GRANT_OF_OTHERS");
    expect(() => extendGrant(decodeGrant(grant), stranger, [stranger.publicKey])).to.throw("the grant is for 1 other");
  });

  it("are found where grant or address says, beside the stores that a worker has", async () => {
    const elsewhere = new LocalStore(join(directory, "elsewhere"));
    const { grant, sealed } = sealFiles([model], [first.publicKey]);
    for (const file of [...sealed, grant]) await elsewhere.put(file);
    const server = await serveStore({ store: elsewhere });
    try {
      const beside = server.url + contentId(grant);
      expect(Array.from(await read(beside, first, contentId(model)))).to.deep.equal(Array.from(model));
      const wider = await keep(extendGrant(decodeGrant(grant), first, [second.publicKey], server.url));
      expect(Array.from(await read(wider, second, contentId(model)))).to.deep.equal(Array.from(model));
      expect((await failure(read(contentId(grant), first, contentId(model)))).code).to.equal("ARTIFACT_UNAVAILABLE");
    } finally {
      await server.close();
    }
  });

  it("are not looked for at an address that names no grant", async () => {
    const { grant } = sealFiles([model], [first.publicKey]);
    const cid = contentId(grant);
    for (const address of ["", "grant", `file:///${cid}`, `/etc/${cid}`, `${cid}/`, `ipfs:${cid}`])
      expect((await failure(read(address, first, contentId(model)))).code, address).to.equal("GRANT_INVALID");
  });

  it("are refused when a byte of seal, salt or text was changed, or another file was put in its place", async () => {
    const { grant, sealed } = sealFiles([model, graph], [first.publicKey]);
    const [good = model, otherSeal = model] = sealed;
    const decoded = decodeGrant(grant);
    const [entry] = decoded.files;
    const forged = async (bytes: Uint8Array): Promise<string> => {
      const cid = await store.put(bytes);
      const files = [{ cid: entry?.cid ?? "", sealed: cid }];
      return store.put(new TextEncoder().encode(JSON.stringify({ ...decoded, files })));
    };
    const changes = [0, 8, 40, 45, good.length - 1].map((at) =>
      good.map((byte, index) => (index === at ? byte ^ 1 : byte)),
    );
    for (const bytes of [
      ...changes,
      otherSeal,
      good.subarray(0, 30),
      good.subarray(0, good.length - 1),
      new Uint8Array(),
    ])
      expect((await failure(read(await forged(bytes), first, contentId(model)))).code).to.equal("SEAL_BROKEN");
  });

  it("are not looked for in a grant that has others, or is none", async () => {
    const grant = await seal([first.publicKey]);
    expect((await failure(read(grant, first, contentId(Uint8Array.of(1))))).code).to.equal("ARTIFACT_MISSING");
    const decoded = decodeGrant(sealFiles([model], [first.publicKey]).grant);
    const bent = { ...decoded, keys: [{ recipient: first.publicKey, key: "0x00" }] };
    for (const bytes of [
      model,
      new TextEncoder().encode("{}"),
      new TextEncoder().encode(JSON.stringify({ ...decoded, files: [{ cid: "../secret", sealed: "x" }] })),
      new TextEncoder().encode(JSON.stringify(bent)),
    ])
      expect((await failure(read(await store.put(bytes), first, contentId(model)))).code).to.equal("GRANT_INVALID");
  });

  it("are read within the bounds that whoever asks gives for the opened file", async () => {
    const source = new SealedSource({ grant: await seal([first.publicKey]), key: first, sources: [store] });
    expect((await source.get(contentId(graph), { maxBytes: graph.length })).length).to.equal(graph.length);
    const short = await failure(source.get(contentId(graph), { maxBytes: graph.length - 1 }));
    expect(short.message).to.contain("instead of at most");
  });

  it("are sealed to nothing that is no public key", () => {
    for (const recipient of ["", "0x", "0x02", `0x02${"00".repeat(32)}`, `0x05${"11".repeat(32)}`, "worker.example"])
      expect(() => sealFiles([model], [recipient]), recipient).to.throw("is no public key");
  });

  describe("have keys in files", () => {
    it("that are made once, are their user's alone, and read back", async () => {
      const path = join(directory, "keys", "artifact.key");
      const key = await makeKeyFile(path);
      expect((await stat(path)).mode & 0o777).to.equal(0o600);
      expect(await readKeyFile(path)).to.deep.equal(key);
      expect((await failure(makeKeyFile(path))).code).to.equal("KEY_FILE");
    });

    it("whose content is never shown", async () => {
      const path = join(directory, "bent.key");
      for (const text of [`0x${"ab".repeat(31)}`, `0x${"ff".repeat(32)}`, ""]) {
        await writeFile(path, text);
        const { code, message } = await failure(readKeyFile(path));
        expect(code).to.equal("KEY_FILE");
        expect(message).not.to.match(/abab|ffff/);
      }
      expect((await failure(readKeyFile(join(directory, "absent")))).code).to.equal("KEY_FILE");
    });
  });
});
