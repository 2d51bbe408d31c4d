import type { Level, PublishModelParameters } from "../sdk/index.ts";
import type { PreparedVersion } from "./prepare-version.ts";

/** What `publishModel` needs of a prepared version; key and sample only where the levels use them. */
export function publicationOf(
  { manifestBytes, files, ownerFiles, verificationKey, sample }: PreparedVersion,
  levels: readonly Level[],
): Pick<PublishModelParameters, "manifest" | "files" | "ownerFiles" | "levels" | "verificationKey" | "sample"> {
  return {
    manifest: manifestBytes,
    files,
    ownerFiles,
    levels,
    ...(levels.includes("Zkml") && { verificationKey, sample }),
  };
}
