import { expect } from "chai";
import { pino } from "pino";

import { contentId } from "../../../../circuits/format/content-id.ts";
import { fetchArtifact } from "../../../../workers/daemon/execution/fetch-artifact.ts";
import { WorkerError } from "../../../../workers/daemon/worker-error.ts";
import type { ArtifactSource } from "../../../../workers/sdk/store/artifact-store.ts";

const BYTES = new TextEncoder().encode("a model");
const CID = contentId(BYTES);
const NEVER = 2 ** 30;
const logger = pino({ level: "silent" });

/** Sources that note who was asked, and who was told to stop. */
function sources(...answers: ((signal: AbortSignal | undefined) => Promise<Uint8Array>)[]) {
  const asked: number[] = [];
  const stopped: number[] = [];
  const all: ArtifactSource[] = answers.map((answer, at) => ({
    get(_cid, options) {
      asked.push(at);
      options?.signal?.addEventListener("abort", () => stopped.push(at));
      return answer(options?.signal);
    },
  }));
  return { all, asked, stopped };
}

const good = (): Promise<Uint8Array> => Promise.resolve(BYTES);
const lacking = (): Promise<Uint8Array> => Promise.reject(new Error("not here"));
const silent = (): Promise<Uint8Array> => new Promise(() => undefined);
const wrong = (): Promise<Uint8Array> => Promise.resolve(BYTES.with(0, 0));
const huge = (): Promise<Uint8Array> => Promise.resolve(new Uint8Array(BYTES.length + 1));

const fetched = (all: readonly ArtifactSource[], pause: number): Promise<Uint8Array> =>
  fetchArtifact(all, { cid: CID, maxBytes: BYTES.length }, { pause, logger });

describe("a file of a version, fetched from several stores", () => {
  it("comes from the first that has it, and no later one is asked", async () => {
    const { all, asked } = sources(lacking, good, good);
    expect(await fetched(all, NEVER)).to.deep.equal(BYTES);
    expect(asked).to.deep.equal([0, 1]);
  });

  it("is not held up by a store that never answers, which is told to stop", async () => {
    const { all, asked, stopped } = sources(silent, good);
    expect(await fetched(all, 1)).to.deep.equal(BYTES);
    expect(asked).to.deep.equal([0, 1]);
    expect(stopped).to.deep.equal([0, 1]);
  });

  it("is asked of all at once, if they get no time", async () => {
    const { all, asked } = sources(silent, silent, lacking, good);
    expect(await fetched(all, 0)).to.deep.equal(BYTES);
    expect(asked).to.deep.equal([0, 1, 2, 3]);
  });

  it("is taken from nobody who has other bytes, or more of them", async () => {
    const { all } = sources(wrong, huge, good);
    expect(await fetched(all, NEVER)).to.deep.equal(BYTES);
  });

  it("is missing with every store's problem, for now", async () => {
    const { all } = sources(wrong, huge, lacking);
    const error: unknown = await fetched(all, NEVER).catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(WorkerError).with.property("code", "ARTIFACT_UNAVAILABLE");
    expect(error).to.include({ retryable: true });
    const [first, second, third] = (error as WorkerError).details["problems"] as string[];
    expect(first).to.contain("the bytes are");
    expect(second).to.contain(`${BYTES.length + 1} bytes instead of at most ${BYTES.length}`);
    expect(third).to.equal("not here");
    const alone: unknown = await fetched([], NEVER).catch((reason: unknown) => reason);
    expect(alone).to.be.instanceOf(WorkerError).with.property("message").that.contains("none is configured");
  });
});
