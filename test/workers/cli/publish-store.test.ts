import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { openPublishStore } from "../../../workers/cli/publish-store.ts";
import { HttpStore } from "../../../workers/sdk/index.ts";
import { failure } from "../store/failure.ts";

describe("the store that a version is published to", () => {
  let home: string;
  before(async () => (home = await mkdtemp(join(tmpdir(), "assay-publish-store-"))));
  after(() => rm(home, { recursive: true }));

  it("is served from here if it is a directory, and that is where the files are", async () => {
    const { store, uri, server } = await openPublishStore(join(home, "files"), 0, undefined);
    try {
      expect(uri).to.equal(server?.url);
      const cid = await store.put(Uint8Array.of(1, 2, 3));
      expect(Array.from(await new HttpStore(uri ?? "").get(cid))).to.deep.equal([1, 2, 3]);
    } finally {
      await server?.close();
    }
  });

  it("is served from here if it is IPFS within the process, which names the place itself", async () => {
    const { store, uri, server } = await openPublishStore(`ipfs:${join(home, "ipfs")}`, 0, undefined);
    try {
      expect(uri).to.equal(undefined);
      expect(await store.publish?.([Uint8Array.of(1)])).to.match(/^ipfs:\/\//);
      expect(server?.url).to.match(/\/ipfs\/$/);
    } finally {
      await server?.close();
    }
  });

  it("is left to others that serve it, if they say where", async () => {
    const base = "https://files.example/";
    for (const address of [join(home, "files"), `ipfs:${join(home, "ipfs")}`, "s3://models?region=eu-central-1"]) {
      const { uri, server } = await openPublishStore(address, 0, base);
      expect([uri, server], address).to.deep.equal([base, undefined]);
    }
    const { uri, server } = await openPublishStore("kubo+http://127.0.0.1:5001", 0, undefined);
    expect([uri, server]).to.deep.equal([undefined, undefined]);
  });

  it("must be readable by others", async () => {
    const missing = await failure(openPublishStore("s3://models?region=eu-central-1", 0, undefined));
    expect(missing.code).to.equal("URI_MISSING");
  });
});
