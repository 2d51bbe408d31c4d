import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import { hexlify } from "ethers";
import { pino } from "pino";

import { contentId, digestOf } from "../../../../circuits/format/content-id.ts";
import { encodeManifest, type Manifest } from "../../../../circuits/format/manifest.ts";
import {
  createVersionFiles,
  type FileFacts,
  type VersionFiles,
} from "../../../../workers/daemon/execution/version-files.ts";
import { WorkerError } from "../../../../workers/daemon/worker-error.ts";
import type { ArtifactSource } from "../../../../workers/sdk/store/artifact-store.ts";
import { openArtifactCache } from "../../../../workers/store/artifact-cache.ts";
import { LocalStore } from "../../../../workers/store/local-store.ts";
import { tinyRegressor } from "../tiny-model.ts";

const { manifest, files: published } = tinyRegressor();
const [model = new Uint8Array()] = published;

function versionOf(described: Manifest): FileFacts {
  return {
    versionId: "a version",
    spec: {
      artifactDigest: hexlify(digestOf(model)),
      manifestDigest: hexlify(digestOf(encodeManifest(described))),
      verificationKeyHash: hexlify(new Uint8Array(32)),
      uri: "",
    },
  };
}

describe("files of a version", () => {
  let directory: string;
  beforeEach(async () => (directory = await mkdtemp(join(tmpdir(), "assay-files-"))));
  afterEach(() => rm(directory, { recursive: true }));

  const open = async (stores: readonly ArtifactSource[], maxBytes = 2 ** 20): Promise<VersionFiles> =>
    createVersionFiles({
      cache: await openArtifactCache({ directory: join(directory, "cache"), maxBytes }),
      stores,
      useVersionUri: false,
      storePause: 2 ** 30,
      logger: pino({ level: "silent" }),
    });
  const store = async (...files: Uint8Array[]): Promise<LocalStore> => {
    const local = new LocalStore(join(directory, "store"));
    for (const bytes of files) await local.put(bytes);
    return local;
  };
  const failure = async (attempt: () => Promise<unknown>): Promise<WorkerError> => {
    try {
      await attempt();
    } catch (error) {
      if (error instanceof WorkerError) return error;
      throw error;
    }
    throw new Error("it succeeded");
  };

  it("come once, however many jobs want them, and are on disk afterwards", async () => {
    const local = await store(model, encodeManifest(manifest));
    const asked: string[] = [];
    const counting: ArtifactSource = {
      get(cid, options) {
        asked.push(cid);
        return local.get(cid, options);
      },
    };
    const files = await open([counting]);
    const version = versionOf(manifest);
    const found = await files.manifest(version);
    expect(found).to.deep.equal(manifest);
    const [one, other] = await Promise.all([1, 2].map(() => files.weights(version, found, found.model)));
    expect(one).to.deep.equal(other);
    expect(new Uint8Array(await readFile(one?.path ?? ""))).to.deep.equal(model);
    await files.weights(version, found, found.model);
    await files.manifest(version);
    expect(asked).to.deep.equal([contentId(encodeManifest(manifest)), manifest.model.cid]);
  });

  it("that are longer than the manifest says are not read to their end", async () => {
    const files = await open([await store(model)]);
    const shorter = { ...manifest.model, bytes: model.length - 1 };
    const error = await failure(() => files.onDisk(versionOf(manifest), shorter));
    expect(error).to.include({ code: "ARTIFACT_UNAVAILABLE", retryable: true });
    expect(error.message).to.contain(`${model.length} bytes instead of at most ${model.length - 1}`);
  });

  it("that are shorter than the manifest says show that it lies", async () => {
    const files = await open([await store(model)]);
    const longer = { ...manifest.model, bytes: model.length + 1 };
    const error = await failure(() => files.onDisk(versionOf(manifest), longer));
    expect(error).to.include({ code: "VERSION_INCONSISTENT", retryable: false });
    expect(error.details).to.deep.include({ had: model.length, needed: model.length + 1 });
  });

  it("that do not fit on the disk together are refused before they are fetched", async () => {
    const files = await open([], 1000);
    const error = await failure(async () => {
      await Promise.resolve();
      files.requireRoom(versionOf(manifest), [manifest.model, { cid: manifest.model.cid, bytes: 1000 }]);
    });
    expect(error).to.include({ code: "VERSION_TOO_LARGE", retryable: false });
  });

  it("are fetched again when they turned out to be damaged", async () => {
    const files = await open([await store(model)]);
    const version = versionOf(manifest);
    const found = await files.onDisk(version, manifest.model);
    await files.forget(found);
    expect(await files.onDisk(version, manifest.model)).to.deep.equal(found);
    expect(new Uint8Array(await readFile(found.path))).to.deep.equal(model);
  });

  it("of weights that their owner holds are missing for good where no store has them", async () => {
    const hidden: Manifest = {
      ...manifest,
      visibility: { input: "public", output: "public", weights: "owner-held" },
    };
    const files = await open([]);
    const error = await failure(() => files.weights(versionOf(hidden), hidden, hidden.model));
    expect(error).to.include({ code: "ARTIFACT_PRIVATE", retryable: false });
  });
});
