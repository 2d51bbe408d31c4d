import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { unixfs } from "@helia/unixfs";
import { FsBlockstore } from "blockstore-fs";
import { expect } from "chai";
import { CID } from "multiformats/cid";

import { contentId } from "../../../circuits/format/content-id.ts";
import { HttpStore } from "../../../workers/sdk/index.ts";
import type { IpfsStore } from "../../../workers/store/ipfs/ipfs-store.ts";
import { openPins } from "../../../workers/store/open-store.ts";
import { serveStore } from "../../../workers/store/serve-store.ts";
import { failure } from "./failure.ts";
import { type KuboServer, startKuboServer } from "./kubo-server.ts";

const small = new TextEncoder().encode("a manifest");
const large = Uint8Array.from({ length: 1_200_000 }, (_, at) => (at * at) >> 7);
const other = new TextEncoder().encode("another manifest");

async function same(read: Promise<Uint8Array>, bytes: Uint8Array): Promise<void> {
  expect(Buffer.compare(await read, bytes)).to.equal(0);
}

describe("a version published to IPFS", () => {
  let directory: string;
  let store: IpfsStore;
  let kubo: KuboServer;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "assay-ipfs-"));
    store = await openPins(`ipfs:${join(directory, "in-process")}`);
    kubo = await startKuboServer({ directory: join(directory, "kubo") });
  });

  after(async () => {
    await kubo.close();
    await rm(directory, { recursive: true });
  });

  it("is a UnixFS directory in which each file has its content id as its name", async () => {
    const uri = await store.publish([small, large]);
    const fs = unixfs({ blockstore: new FsBlockstore(join(directory, "in-process", "blocks")) });
    const names: string[] = [];
    for await (const { name } of fs.ls(CID.parse(uri.slice("ipfs://".length)))) names.push(name);
    expect(names.sort()).to.deep.equal([small, large].map(contentId).sort());
  });

  it("has blocks of at most 1 MiB, which is what travels between nodes", async () => {
    await store.publish([large]);
    const blocks = new FsBlockstore(join(directory, "in-process", "blocks"));
    for await (const { bytes } of blocks.getAll()) {
      let length = 0;
      for await (const chunk of bytes) length += chunk.length;
      expect(length).to.be.at.most(2 ** 20);
    }
  });

  it("has the same address whoever adds it, in whatever order", async () => {
    const remote = await openPins(`kubo+${kubo.url}`);
    const addresses = [await store.publish([small, large]), await store.publish([large, small])];
    expect(new Set([...addresses, await remote.publish([small, large])]).size).to.equal(1);
  });

  it("is read below its address, by node and by gateway, and nothing else is found there", async () => {
    const uri = await store.publish([small, large]);
    await same(below(store, uri).get(contentId(large)), large);
    expect((await failure(below(store, uri).get(contentId(other)))).code).to.equal("ARTIFACT_MISSING");
    const server = await serveStore({ store });
    try {
      const gateway = below(new HttpStore(server.url), uri);
      await same(gateway.get(contentId(large)), large);
      await same(gateway.get(contentId(small)), small);
      expect((await failure(gateway.get(contentId(other)))).code).to.equal("ARTIFACT_UNAVAILABLE");
    } finally {
      await server.close();
    }
  });

  it("has an address that is no other kind of address", () => {
    const gateway = new HttpStore("https://gateway.example/ipfs/");
    const cid = contentId(small);
    for (const uri of [
      "https://example.org/",
      `ipfs:/${cid}`,
      `ipfs://${cid}/../x`,
      "ipfs://no-cid",
      `ipfs://${cid}?x=1`,
      "",
    ])
      expect([store.below(uri), gateway.below(uri)], uri).to.deep.equal([undefined, undefined]);
    expect(new HttpStore("https://example.org/files/").below(`ipfs://${cid}`)).to.equal(undefined);
  });

  it("is given up without harm to another that has some of the same files", async () => {
    for (const pinned of [store, await openPins(`kubo+${kubo.url}`)]) {
      const first = await pinned.publish([small, large]);
      const second = await pinned.publish([small, other]);
      await pinned.unpin(first);
      expect(await pinned.pins())
        .to.include(second)
        .and.not.include(first);
      await same(pinned.get(contentId(small)), small);
      await same(below(pinned, second).get(contentId(other)), other);
      expect((await failure(pinned.unpin(first))).code).to.equal("PIN_UNKNOWN");
      await pinned.unpin(second);
    }
  });

  it("leaves no block behind once it is given up", async () => {
    const path = join(directory, "alone");
    const pinned = await openPins(`ipfs:${path}`);
    await pinned.unpin(await pinned.publish([small, large]));
    const left = await readdir(path, { recursive: true, withFileTypes: true });
    expect(left.filter((entry) => entry.isFile())).to.deep.equal([]);
    expect((await failure(pinned.get(contentId(large)))).code).to.equal("ARTIFACT_MISSING");
  });

  it("is refused when a block was damaged, and healed by putting it again", async () => {
    const path = join(directory, "damaged");
    const damaged = await openPins(`ipfs:${path}`);
    const cid = await damaged.put(small);
    const [block] = (await readdir(join(path, "blocks"), { recursive: true })).filter((name) => name.endsWith(".data"));
    await writeFile(join(path, "blocks", block ?? ""), other);
    expect((await failure(damaged.get(cid))).code).to.equal("CONTENT_MISMATCH");
    await damaged.put(small);
    await same(damaged.get(cid), small);
  });
});

describe("a Kubo node (a stand-in for it)", () => {
  it("is asked with the operator's authorization, and says so when it refuses", async () => {
    const directory = await mkdtemp(join(tmpdir(), "assay-kubo-"));
    const kubo = await startKuboServer({ directory, authorization: "Bearer abc" });
    try {
      const stranger = await openPins(`kubo+${kubo.url}`);
      const refused = await failure(stranger.put(small));
      expect(refused.code).to.equal("STORE_UNAVAILABLE");
      expect(refused.message).to.contain("403");
      const owner = await openPins(`kubo+${kubo.url}`, { kuboAuthorization: "Bearer abc" });
      await same(owner.get(await owner.put(small)), small);
    } finally {
      await kubo.close();
      await rm(directory, { recursive: true });
    }
  });

  it("fetches from other nodes what is below an address, and searches for no content id alone", async () => {
    const directory = await mkdtemp(join(tmpdir(), "assay-kubo-"));
    const publisher = await openPins(`ipfs:${join(directory, "publisher")}`);
    const network = join(directory, "publisher", "blocks");
    const kubo = await startKuboServer({ directory: join(directory, "kubo"), network });
    try {
      const uri = await publisher.publish([small, large]);
      const store = await openPins(`kubo+${kubo.url}`);
      await same(below(store, uri).get(contentId(large)), large);
      expect((await failure(store.get(contentId(small)))).code).to.equal("ARTIFACT_UNAVAILABLE");
    } finally {
      await kubo.close();
      await rm(directory, { recursive: true });
    }
  });

  it("keeps pinned what is kept, and only that", async () => {
    const directory = await mkdtemp(join(tmpdir(), "assay-kubo-"));
    const kubo = await startKuboServer({ directory });
    try {
      const store = await openPins(`kubo+${kubo.url}`);
      const uri = await store.publish([small, large]);
      expect([...kubo.pins].map((root) => `ipfs://${root}`)).to.deep.equal([uri]);
      await store.put(other);
      expect(kubo.pins.has(contentId(other))).to.equal(true);
      await store.unpin(uri);
      expect([...kubo.pins]).to.deep.equal([contentId(other)]);
      expect([...kubo.names.keys()]).to.deep.equal([`/assay/files/${contentId(other)}`]);
    } finally {
      await kubo.close();
      await rm(directory, { recursive: true });
    }
  });

  it("that is silent or away is an error that a later try may mend", async () => {
    const server = createServer(() => undefined);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = `kubo+http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const silent = await failure((await openPins(address, { timeoutMs: 50 })).get(contentId(small)));
    expect([silent.code, silent.retryable]).to.deep.equal(["ARTIFACT_UNAVAILABLE", true]);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    const away = await failure((await openPins(address)).put(small));
    expect([away.code, away.retryable]).to.deep.equal(["STORE_UNAVAILABLE", true]);
  });
});

function below(store: IpfsStore | HttpStore, uri: string) {
  const found = store.below(uri);
  if (found === undefined) throw new Error(`${uri} cannot be read`);
  return found;
}
