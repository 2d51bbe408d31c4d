import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import S3rver from "s3rver";

import { contentId } from "../../../circuits/format/content-id.ts";
import { S3Store } from "../../../workers/store/s3-store.ts";
import { failure } from "./failure.ts";

const artifact = new TextEncoder().encode("an artifact");
const cid = contentId(artifact);

describe("an S3 store", () => {
  const credentials = { accessKeyId: "S3RVER", secretAccessKey: "S3RVER" };
  let directory: string;
  let server: S3rver;
  let endpoint: string;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "assay-s3-"));
    const configureBuckets = [{ name: "models" }];
    server = new S3rver({ directory, port: 0, address: "127.0.0.1", silent: true, configureBuckets });
    endpoint = `http://127.0.0.1:${(await server.run()).port}`;
  });

  after(async () => {
    await server.close();
    await rm(directory, { recursive: true });
  });

  const storeWith = (options: Partial<ConstructorParameters<typeof S3Store>[0]>) =>
    new S3Store({ bucket: "models", region: "eu-central-1", endpoint, credentials, ...options });

  it("names objects by content id below its prefix", async () => {
    await storeWith({ prefix: "assay/v1/" }).put(artifact);
    const names = await readdir(join(directory, "models", "assay", "v1"));
    expect(names.some((name) => name.startsWith(cid))).to.equal(true);
    expect((await failure(storeWith({}).get(cid))).code).to.equal("ARTIFACT_MISSING");
  });

  it("needs no region where the service has none", async () => {
    const store = new S3Store({ bucket: "models", prefix: "nowhere/", endpoint, credentials });
    expect(Array.from(await store.get(await store.put(artifact)))).to.deep.equal(Array.from(artifact));
  });

  it("refuses an object that was changed where it lies, and puts a truncated one again", async () => {
    const store = storeWith({ prefix: "bent/" });
    await store.put(artifact);
    const path = join(directory, "models", "bent", `${cid}._S3rver_object`);
    await writeFile(
      path,
      artifact.map((byte) => byte ^ 1),
    );
    expect((await failure(store.get(cid))).code).to.equal("CONTENT_MISMATCH");
    await writeFile(path, artifact.slice(1));
    await store.put(artifact);
    expect(Array.from(await store.get(cid))).to.deep.equal(Array.from(artifact));
  });

  it("says that keys or bucket are wrong, which no later try mends", async () => {
    for (const options of [
      { credentials: { accessKeyId: "NOBODY", secretAccessKey: "a secret" } },
      { bucket: "absent" },
    ])
      for (const call of [(store: S3Store) => store.put(artifact), (store: S3Store) => store.get(cid)]) {
        const { code, retryable, message } = await failure(call(storeWith(options)));
        expect([code, retryable]).to.deep.equal(["STORE_REFUSED", false]);
        expect(message).not.to.contain("a secret");
      }
  });

  it("says that a later try may succeed when the service is away", async () => {
    const { code, retryable } = await failure(storeWith({ endpoint: "http://127.0.0.1:1" }).put(artifact));
    expect([code, retryable]).to.deep.equal(["STORE_UNAVAILABLE", true]);
  });
});
