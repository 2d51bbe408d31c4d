import { getBytes } from "ethers";

import { contentIdOfDigest } from "../../circuits/format/content-id.ts";
import { decodeManifest, type Manifest } from "../../circuits/format/manifest.ts";
import { type ArtifactSource, sourcesFor, type Version } from "../sdk/index.ts";
import { firstOf } from "../store/index.ts";
import { gateway } from "./store-options.ts";

/** A published version's manifest and adapters, fetched from where the version says and checked by content. */
export interface VersionAdapters {
  readonly manifest: Manifest;
  readonly input: Uint8Array | null;
  readonly output: Uint8Array | null;
}

export async function fetchAdapters(
  version: Version,
  store: ArtifactSource = firstOf(sourcesFor(version.spec.uri, [gateway()])),
): Promise<VersionAdapters> {
  const manifest = decodeManifest(await store.get(contentIdOfDigest(getBytes(version.spec.manifestDigest))));
  const { input, output } = manifest.adapters;
  return {
    manifest,
    input: input && (await store.get(input.cid)),
    output: output && (await store.get(output.cid)),
  };
}
