import type { Level, PublishModelParameters } from "../sdk/index.ts";
import type { PreparedVersion } from "./prepare-version.ts";

/** What `publishModel` needs of a prepared version; key and sample only where the levels use them. */
export function publicationOf(
  { manifestBytes, files, verificationKey, sample }: PreparedVersion,
  levels: readonly Level[],
): Pick<PublishModelParameters, "manifest" | "files" | "levels" | "verificationKey" | "sample"> {
  return {
    manifest: manifestBytes,
    files,
    levels,
    ...(levels.includes("Zkml") && { verificationKey, sample }),
  };
}
