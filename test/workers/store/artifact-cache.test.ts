import { mkdtemp, readdir, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { contentId } from "../../../circuits/format/content-id.ts";
import { type ArtifactCache, openArtifactCache } from "../../../workers/store/artifact-cache.ts";
import { StoreError } from "../../../workers/store/store-error.ts";

/** Files of 40 bytes, of which two fit. */
const [A, B, C] = [1, 2, 3].map((value) => new Uint8Array(40).fill(value)) as [Uint8Array, Uint8Array, Uint8Array];
const MAX = 100;

describe("a cache of artifacts", () => {
  let directory: string;
  beforeEach(async () => (directory = await mkdtemp(join(tmpdir(), "assay-cache-"))));
  afterEach(() => rm(directory, { recursive: true }));

  const open = (maxBytes = MAX): Promise<ArtifactCache> => openArtifactCache({ directory, maxBytes });
  const keep = (cache: ArtifactCache, bytes: Uint8Array): Promise<string> => cache.keep(contentId(bytes), bytes);
  const names = async (): Promise<string[]> => (await readdir(directory)).sort();
  const idsOf = (...all: Uint8Array[]): string[] => all.map(contentId).sort();

  it("gives paths and bytes of what it keeps, and null for the rest", async () => {
    const cache = await open();
    const path = await keep(cache, A);
    expect(await cache.find(contentId(A))).to.equal(path);
    expect(await cache.read(contentId(A))).to.deep.equal(A);
    expect([await cache.find(contentId(B)), await cache.read(contentId(B))]).to.deep.equal([null, null]);
  });

  it("makes room with what was not used for longest", async () => {
    const cache = await open();
    await keep(cache, A);
    await keep(cache, B);
    await cache.find(contentId(A));
    await keep(cache, C);
    expect(await names()).to.deep.equal(idsOf(A, C));
  });

  it("knows the order of use, and its cap, after a restart", async () => {
    const before = await open(1000);
    for (const [bytes, usedAt] of [
      [A, 3],
      [B, 1],
      [C, 2],
    ] as const)
      await utimes(await keep(before, bytes), usedAt, usedAt);
    await open();
    expect(await names()).to.deep.equal(idsOf(A, C));
    const after = await open(40);
    expect(await names()).to.deep.equal(idsOf(A));
    expect((await stat(join(directory, contentId(A)))).size).to.equal(40);
    expect(await after.find(contentId(C))).to.equal(null);
  });

  it("refuses what is larger than all of it, and keeps what it has", async () => {
    const cache = await open();
    await keep(cache, A);
    const error: unknown = await keep(cache, new Uint8Array(MAX + 1)).catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(StoreError).with.property("code", "ARTIFACT_TOO_LARGE");
    expect(await names()).to.deep.equal(idsOf(A));
  });

  it("removes a file that the disk damaged, and what a crash left half written", async () => {
    const cache = await open();
    await writeFile(await keep(cache, A), B);
    expect(await cache.read(contentId(A))).to.equal(null);
    const [old, fresh] = [join(directory, "old.part"), join(directory, "fresh.part")];
    for (const part of [old, fresh]) await writeFile(part, A);
    await utimes(old, 1, 1);
    await open();
    expect(await names()).to.deep.equal(["fresh.part"]);
  });

  it("notices what another program removed or wrote", async () => {
    const cache = await open();
    await rm(await keep(cache, A));
    expect(await cache.find(contentId(A))).to.equal(null);
    await writeFile(join(directory, contentId(B)), B);
    expect(await cache.read(contentId(B))).to.deep.equal(B);
  });

  it("never leaves its directory", async () => {
    const cache = await open();
    const error: unknown = await cache.find("../secret").catch((reason: unknown) => reason);
    expect(error).to.have.property("code", "CONTENT_ID");
  });
});
