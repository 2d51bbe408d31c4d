import type { ArtifactSource } from "./artifact-store.ts";
import { HttpStore } from "./http-store.ts";

/**
 * Who to ask for artifacts below an address that a version names, in this order: sources that know nothing of such addresses,
 * the address itself, and at last sources of its kind by content id alone, for which a node or gateway may search long.
 */
export function sourcesFor(uri: string, sources: readonly ArtifactSource[]): ArtifactSource[] {
  if (/^https?:\/\//.test(uri)) return [...sources, new HttpStore(uri)];
  const below = sources.map((source) => source.below?.(uri));
  const others = sources.filter((_, at) => below[at] === undefined);
  const able = sources.filter((_, at) => below[at] !== undefined);
  return [...others, ...below.filter((source) => source !== undefined), ...able];
}
