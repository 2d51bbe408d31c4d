import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import { assert, asyncProperty, uint8Array } from "fast-check";

import { contentId } from "../../../circuits/format/content-id.ts";
import { AssayError } from "../../../circuits/format/error.ts";
import { HttpStore } from "../../../workers/sdk/store/http-store.ts";
import { LocalStore } from "../../../workers/store/local-store.ts";
import { serveStore, type StoreServer } from "../../../workers/store/serve-store.ts";

const artifact = new TextEncoder().encode("an artifact");
const cid = contentId(artifact);

async function failure(attempt: Promise<unknown>): Promise<AssayError> {
  try {
    await attempt;
  } catch (error) {
    if (error instanceof AssayError) return error;
    throw error;
  }
  throw new Error("it succeeded");
}

describe("an artifact store", () => {
  let directory: string;
  let store: LocalStore;
  let server: StoreServer;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "assay-store-"));
    store = new LocalStore(directory);
    server = await serveStore({ store });
  });

  after(async () => {
    await server.close();
    await rm(directory, { recursive: true });
  });

  it("gives back what it keeps, on disk and over HTTP", async () => {
    const remote = new HttpStore(server.url);
    await assert(
      asyncProperty(uint8Array({ maxLength: 4096 }), async (bytes) => {
        const kept = await store.put(bytes);
        expect(Array.from(await store.get(kept))).to.deep.equal(Array.from(bytes));
        expect(Array.from(await remote.get(kept))).to.deep.equal(Array.from(bytes));
      }),
      { numRuns: 30 },
    );
  });

  it("keeps the same bytes once, and leaves no partial files", async () => {
    const before = await readdir(directory);
    const cids = await Promise.all(Array.from({ length: 8 }, () => store.put(artifact)));
    expect(new Set(cids)).to.deep.equal(new Set([cid]));
    expect((await readdir(directory)).length - before.length).to.equal(1);
  });

  it("keeps files from other users of the machine if it is told to", async () => {
    const owned = new LocalStore(join(directory, "owned"), { mode: 0o600 });
    const { mode } = await stat(join(directory, "owned", await owned.put(artifact)));
    expect(mode & 0o777).to.equal(0o600);
  });

  it("refuses a damaged file, on disk and over HTTP, and heals a truncated one", async () => {
    const path = join(directory, await store.put(artifact));
    await writeFile(
      path,
      artifact.map((byte) => byte ^ 1),
    );
    expect((await failure(store.get(cid))).code).to.equal("CONTENT_MISMATCH");
    expect((await failure(new HttpStore(server.url).get(cid))).code).to.equal("ARTIFACT_UNAVAILABLE");
    await writeFile(path, artifact.slice(1));
    await store.put(artifact);
    expect(Array.from(await readFile(path))).to.deep.equal(Array.from(artifact));
  });

  it("says what it lacks, and never leaves its directory", async () => {
    const missing = contentId(Uint8Array.of(1, 2, 3, 4, 5));
    expect((await failure(store.get(missing))).code).to.equal("ARTIFACT_MISSING");
    expect((await failure(store.get("../../etc/passwd"))).code).to.equal("CONTENT_ID");
    const answers = await Promise.all(
      [missing, "..%2f..%2fetc%2fpasswd", ""].map(async (path) => {
        const response = await fetch(server.url + path);
        return [response.status, ((await response.json()) as { code: string }).code];
      }),
    );
    expect(answers).to.deep.equal([
      [404, "ARTIFACT_MISSING"],
      [400, "CONTENT_ID"],
      [400, "CONTENT_ID"],
    ]);
  });

  it("lets caches keep artifacts for ever", async () => {
    await store.put(artifact);
    const response = await fetch(server.url + cid);
    expect(response.headers.get("cache-control")).to.contain("immutable");
    await response.arrayBuffer();
  });

  it("says that a port is taken", async () => {
    const port = Number(new URL(server.url).port);
    expect((await failure(serveStore({ store, port }))).code).to.equal("PORT_IN_USE");
  });
});

describe("an HTTP store", () => {
  /** A server that answers every request with these bytes, for content ids that it does not hold. */
  async function withServer(body: Uint8Array | "silence", use: (url: string) => Promise<void>): Promise<void> {
    const server = createServer((_request, response) => {
      if (body !== "silence") response.end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    try {
      await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    } finally {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  }

  it("refuses bytes that are not the ones it asked for", () =>
    withServer(Uint8Array.of(1), async (url) => {
      const error = await failure(new HttpStore(url).get(cid));
      expect([error.code, error.retryable]).to.deep.equal(["CONTENT_MISMATCH", false]);
    }));

  it("stops reading an answer that is too large", () =>
    withServer(new Uint8Array(100_000), async (url) => {
      expect((await failure(new HttpStore(url, { maxBytes: 99_999 }).get(cid))).code).to.equal("ARTIFACT_TOO_LARGE");
    }));

  it("says that a later try may succeed when the server is slow, absent or lacks the artifact", async () => {
    let freed = "";
    await withServer("silence", async (url) => {
      freed = url;
      const slow = await failure(new HttpStore(url, { timeoutMs: 50 }).get(cid));
      expect([slow.code, slow.retryable]).to.deep.equal(["ARTIFACT_UNAVAILABLE", true]);
    });
    const absent = await failure(new HttpStore(freed).get(cid));
    expect([absent.code, absent.retryable]).to.deep.equal(["ARTIFACT_UNAVAILABLE", true]);
  });
});
