import { setTimeout as sleep } from "node:timers/promises";

import type { Logger } from "pino";

import type { ArtifactSource } from "../../sdk/store/artifact-store.ts";
import { hashContent } from "../../store/hash-content.ts";
import { WorkerError } from "../worker-error.ts";

export interface Wanted {
  readonly cid: string;
  readonly maxBytes: number;
}

export interface FetchOptions {
  /** Milliseconds that a source gets before the next one is asked as well; 0 asks all at once. */
  readonly pause: number;
  readonly logger: Logger;
}

/**
 * The bytes from the first source that delivers them. Sources are asked in their order: the next one as soon as the one
 * before fails, or is slow; who is late is told to stop. No source is trusted: bytes of another content id, or more of
 * them than wanted, are its failure. Throws `ARTIFACT_UNAVAILABLE` (retryable), which names every source's problem.
 */
export async function fetchArtifact(
  sources: readonly ArtifactSource[],
  wanted: Wanted,
  { pause, logger }: FetchOptions,
): Promise<Uint8Array> {
  const { cid, maxBytes } = wanted;
  const over = new AbortController();
  const { signal } = over;
  const problems: string[] = [];

  const ask = async (source: ArtifactSource): Promise<Uint8Array> => {
    try {
      const bytes = await source.get(cid, { maxBytes, signal });
      if (bytes.length > maxBytes) throw new Error(`it has ${bytes.length} bytes instead of at most ${maxBytes}`);
      const found = hashContent(bytes);
      if (found !== cid) throw new Error(`the bytes are ${found}`);
      // Before anybody else's turn comes.
      over.abort();
      return bytes;
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      if (!signal.aborted) {
        problems.push(problem);
        logger.debug({ cid, problem }, "a store did not deliver a file");
      }
      throw error;
    }
  };

  let turn: Promise<unknown> = Promise.resolve();
  const attempts = sources.map((source) => {
    const mine = turn;
    const attempt = mine.then(() => {
      signal.throwIfAborted();
      return ask(source);
    });
    const slow = mine.then(() => sleep(pause, undefined, { signal }));
    turn = Promise.race([attempt, slow]).catch(() => undefined);
    return attempt;
  });
  try {
    return await Promise.any(attempts);
  } catch {
    throw new WorkerError(
      "ARTIFACT_UNAVAILABLE",
      `no store delivers ${cid}: ${problems.join("; ") || "none is configured"}`,
      { retryable: true, details: { cid, problems } },
    );
  } finally {
    over.abort();
  }
}
