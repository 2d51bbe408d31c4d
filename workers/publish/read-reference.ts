import { decodeGraph, type IntegerGraph } from "../../circuits/compiler/index.ts";
import { AssayError } from "../../circuits/format/error.ts";
import { decodeManifest } from "../../circuits/format/manifest.ts";
import type { ArtifactSource } from "../sdk/index.ts";

export class RetrainError extends AssayError {
  declare readonly code: "REFERENCE_UNSUITABLE";
}

/**
 * Graph and proving key of a version whose weights are committed, out of its owner's stores. Throws
 * `REFERENCE_UNSUITABLE` for a version with other weights, and what the stores throw.
 */
export async function readReference(
  manifestCid: string,
  store: ArtifactSource,
  ownerStore: ArtifactSource,
): Promise<{ readonly graph: IntegerGraph; readonly zkey: Uint8Array }> {
  const { circuit } = decodeManifest(await store.get(manifestCid));
  const graph = circuit === null ? undefined : decodeGraph(await ownerStore.get(circuit.graph.cid));
  if (circuit === null || graph?.committedWeights === undefined)
    throw new RetrainError("REFERENCE_UNSUITABLE", `${manifestCid} is no version with committed weights`);
  return { graph, zkey: await store.get(circuit.zkey.cid) };
}
