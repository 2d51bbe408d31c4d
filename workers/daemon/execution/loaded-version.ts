import { keccak256 } from "ethers";

import { decodeGraph, evaluate, lower } from "../../../circuits/compiler/index.ts";
import { decodeVerificationKey, encodeProof, type VerificationKey } from "../../../circuits/format/groth16.ts";
import { interfaceWords } from "../../../circuits/format/interface-words.ts";
import type { Manifest } from "../../../circuits/format/manifest.ts";
import { packTensors, unpackTensors } from "../../../circuits/format/tensor.ts";
import { verifyProof } from "../../../circuits/format/verify-groth16.ts";
import { createProver, type Prover } from "../../../circuits/toolchain/index.ts";
import { proofEvidence } from "../../sdk/evidence.ts";
import type { Version } from "../../sdk/version.ts";
import { WorkerError } from "../worker-error.ts";
import { openOnnxModel } from "./onnx-run.ts";
import type { VersionFiles } from "./version-files.ts";

/** A version that is ready to run. */
export interface LoadedVersion {
  readonly executor: "reference" | "onnx-runtime";
  /** Packed input to packed output. */
  run(input: Uint8Array): Promise<Uint8Array>;
  /**
   * Zkml evidence that this version maps `input` to `output`, bound to `binding`. Throws `MODEL_UNSUPPORTED` for a
   * version without a circuit and `PROOF_MISMATCH` if the circuit gives another output.
   */
  prove(input: Uint8Array, output: Uint8Array, binding: bigint): Promise<Uint8Array>;
  /** Proofs under way fail. */
  close(): Promise<void>;
}

export interface ProverSettings {
  readonly threads?: number;
}

export async function loadVersion(
  version: Version,
  files: VersionFiles,
  settings: ProverSettings,
): Promise<LoadedVersion> {
  const manifest = await files.manifest(version);
  return manifest.circuit === null
    ? loadModel(version, manifest, files)
    : loadCircuit(version, manifest, manifest.circuit, files, settings);
}

async function loadModel(version: Version, manifest: Manifest, files: VersionFiles): Promise<LoadedVersion> {
  const { inputs, outputs } = manifest;
  const model = await openOnnxModel(await files.file(version, manifest.model), inputs, outputs);
  return {
    executor: "onnx-runtime",
    run: async (input) => packTensors(outputs, await model.run(unpackTensors(inputs, input))),
    prove() {
      throw new WorkerError("MODEL_UNSUPPORTED", `version ${version.versionId} has no circuit to prove with`);
    },
    close: () => model.close(),
  };
}

async function loadCircuit(
  version: Version,
  manifest: Manifest,
  circuit: NonNullable<Manifest["circuit"]>,
  files: VersionFiles,
  settings: ProverSettings,
): Promise<LoadedVersion> {
  const { inputs, outputs } = manifest;
  const graph = decodeGraph(await files.file(version, circuit.graph));
  // A challenged answer must be proven or costs stake: nothing is answered before the keys are here.
  await files.verificationKey(version, circuit.verificationKey);
  await files.file(version, circuit.zkey);
  const program = lower(graph);
  // Proving keys are large: the prover starts with the first proof, answers do not wait for it.
  let proving: Promise<{ prover: Prover; key: VerificationKey }> | undefined;
  let closed = false;
  const openProver = async () => {
    const key = decodeVerificationKey(await files.verificationKey(version, circuit.verificationKey));
    return { prover: createProver(await files.file(version, circuit.zkey), settings), key };
  };
  const prover = () => {
    // A prover opened after the close would keep the process alive.
    if (closed) throw new WorkerError("WORKER_STOPPING", "the worker is stopping", { retryable: true });
    proving ??= openProver().catch((error: unknown) => {
      proving = undefined;
      throw error;
    });
    return proving;
  };
  return {
    executor: "reference",
    run: (input) => Promise.resolve(packTensors(outputs, evaluate(graph, unpackTensors(inputs, input)))),
    async prove(input, output, binding) {
      const { witness, outputs: proven } = program.witness(unpackTensors(inputs, input), binding);
      requireSame(packTensors(outputs, proven), output, "the witness program");
      const { prover: warm, key } = await prover();
      const { proof, publicSignals } = await warm.prove(witness);
      const needed = [binding, ...interfaceWords(input, output)];
      // The chain will check exactly this; a proof that fails there would cost gas, and the stake when time runs out.
      const shows = needed.length === publicSignals.length && needed.every((word, at) => word === publicSignals[at]);
      if (!shows || !verifyProof(key, needed, proof))
        throw new WorkerError("PROOF_MISMATCH", `the proof for version ${version.versionId} does not verify`);
      return proofEvidence(encodeProof(proof), input);
    },
    async close() {
      closed = true;
      await (await proving?.catch(() => undefined))?.prover.close();
    },
  };
}

function requireSame(found: Uint8Array, needed: Uint8Array, by: string): void {
  if (keccak256(found) !== keccak256(needed))
    throw new WorkerError("PROOF_MISMATCH", `${by} gives another output than the recorded answer`);
}
