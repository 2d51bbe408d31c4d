import type { Manifest } from "../../../../circuits/format/manifest.ts";
import type { ProvenStatement } from "../../../../circuits/toolchain/prover.ts";
import type { ProveMessage } from "./messages.ts";

/** A version as its executor runs it. */
export interface Engine {
  /** Packed tensors to packed tensors. */
  run(input: Uint8Array): Promise<Uint8Array>;
  /** Throws `MODEL_UNSUPPORTED` for a version without a circuit and `PROOF_MISMATCH` if the circuit gives another output. */
  prove(question: Omit<ProveMessage, "kind">): Promise<ProvenStatement>;
}

export interface EngineParts {
  readonly versionId: string;
  readonly manifest: Manifest;
  /** The graph, or the model. */
  readonly program: Uint8Array;
}
