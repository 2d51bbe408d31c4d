import type { ArtifactSource } from "./artifact-store.ts";
import { HttpStore } from "./http-store.ts";

/** Who reads the address that a version names: a web address needs nobody else, any other those of the sources that can. */
export function sourcesBelow(uri: string, sources: readonly ArtifactSource[]): ArtifactSource[] {
  if (/^https?:\/\//.test(uri)) return [new HttpStore(uri)];
  return sources.flatMap((source) => source.below?.(uri) ?? []);
}
