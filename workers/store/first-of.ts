import type { ArtifactSource } from "../sdk/store/artifact-store.ts";
import { StoreError } from "./store-error.ts";

/** Asks sources in order, until one delivers. Throws `ARTIFACT_UNAVAILABLE` with what each of them said. */
export function firstOf(sources: readonly ArtifactSource[]): ArtifactSource {
  return {
    async get(cid, options) {
      const problems: string[] = [];
      for (const source of sources)
        try {
          return await source.get(cid, options);
        } catch (error) {
          problems.push(error instanceof Error ? error.message : String(error));
        }
      throw new StoreError(
        "ARTIFACT_UNAVAILABLE",
        `no store delivers ${cid}: ${problems.join("; ") || "none is given"}`,
        {
          retryable: true,
          details: { cid, problems },
        },
      );
    },
  };
}
