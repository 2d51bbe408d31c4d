import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import S3rver from "s3rver";

import { contentId } from "../../../circuits/format/content-id.ts";
import type { ArtifactStore } from "../../../workers/sdk/index.ts";
import { openStore } from "../../../workers/store/open-store.ts";
import type { StoreLimits } from "../../../workers/store/read-limited.ts";
import { S3Store } from "../../../workers/store/s3-store.ts";
import { failure } from "./failure.ts";
import { startKuboServer } from "./kubo-server.ts";

interface Subject {
  open(limits?: StoreLimits): Promise<ArtifactStore>;
  close(): Promise<void>;
}

const KINDS: Record<string, (directory: string) => Promise<Subject>> = {
  "a directory": (directory) =>
    Promise.resolve({ open: (limits) => openStore(directory, limits), close: () => Promise.resolve() }),
  "IPFS in process": (directory) =>
    Promise.resolve({ open: (limits) => openStore(`ipfs:${directory}`, limits), close: () => Promise.resolve() }),
  "the RPC of Kubo (a stand-in for it)": async (directory) => {
    const kubo = await startKuboServer({ directory });
    return { open: (limits) => openStore(`kubo+${kubo.url}`, limits), close: () => kubo.close() };
  },
  "an S3-compatible service": async (directory) => {
    const configureBuckets = [{ name: "models" }];
    const server = new S3rver({ directory, port: 0, address: "127.0.0.1", silent: true, configureBuckets });
    const { port } = await server.run();
    const credentials = { accessKeyId: "S3RVER", secretAccessKey: "S3RVER" };
    const options = { bucket: "models", prefix: "assay/", region: "eu-central-1", credentials };
    return {
      open: (limits) => Promise.resolve(new S3Store({ ...options, ...limits, endpoint: `http://127.0.0.1:${port}` })),
      close: () => server.close(),
    };
  },
};

/** Bytes that repeat nowhere within a block of 1 MiB. */
function bytesOf(length: number): Uint8Array {
  const words = Uint32Array.from({ length: Math.ceil(length / 4) }, (_, at) => Math.imul(at + length, 0x9e3779b1));
  return new Uint8Array(words.buffer, 0, length);
}

const LENGTHS = [0, 1, 1000, 2 ** 20, 2 ** 20 + 1, 2_200_000];

for (const [name, start] of Object.entries(KINDS))
  describe(`artifacts in ${name}`, () => {
    let directory: string;
    let subject: Subject;
    let store: ArtifactStore;

    before(async () => {
      directory = await mkdtemp(join(tmpdir(), "assay-store-"));
      subject = await start(directory);
      store = await subject.open();
    });

    after(async () => {
      await subject.close();
      await rm(directory, { recursive: true });
    });

    it("come back as they were, by the hash of the whole file, below and above the size of a block", async () => {
      for (const bytes of LENGTHS.map(bytesOf)) {
        const cid = await store.put(bytes);
        expect(cid).to.equal(contentId(bytes));
        expect(Buffer.compare(await store.get(cid), bytes)).to.equal(0);
      }
    });

    it("are kept once, and are there for who opens the store again", async () => {
      const bytes = bytesOf(1_100_000);
      const cids = await Promise.all([store.put(bytes), store.put(bytes)]);
      expect(new Set(cids)).to.deep.equal(new Set([contentId(bytes)]));
      const again = await subject.open();
      expect(Buffer.compare(await again.get(contentId(bytes)), bytes)).to.equal(0);
    });

    it("are missing if nobody kept them, and never looked for by what is no content id", async () => {
      const missing = await failure(store.get(contentId(bytesOf(77))));
      expect(missing.code).to.be.oneOf(["ARTIFACT_MISSING", "ARTIFACT_UNAVAILABLE"]);
      expect((await failure(store.get("../../etc/passwd"))).code).to.equal("CONTENT_ID");
    });

    it("are cut off above the size that the store, or whoever asks, allows", async () => {
      const cid = await store.put(bytesOf(1_200_000));
      expect((await failure(store.get(cid, { maxBytes: 1_199_999 }))).code).to.equal("ARTIFACT_TOO_LARGE");
      expect((await store.get(cid, { maxBytes: 1_200_000 })).length).to.equal(1_200_000);
      if (name === "a directory") return;
      const narrow = await subject.open({ maxBytes: 1_199_999 });
      expect((await failure(narrow.get(cid))).code).to.equal("ARTIFACT_TOO_LARGE");
    });
  });
