import { keccak256 } from "ethers";

import { decodeGraph, evaluate, lower, rootOf } from "../../../circuits/compiler/index.ts";
import { decodeVerificationKey, encodeProof, type VerificationKey } from "../../../circuits/format/groth16.ts";
import { interfaceWords } from "../../../circuits/format/interface-words.ts";
import { type Manifest, visibilityOf } from "../../../circuits/format/manifest.ts";
import { packTensors } from "../../../circuits/format/tensor.ts";
import { commitmentIn, type OpenedInput, openInput } from "../../../circuits/format/opening.ts";
import { ALL_PUBLIC, packOutput } from "../../../circuits/format/visibility.ts";
import { verifyProof } from "../../../circuits/format/verify-groth16.ts";
import { createProver, type Prover } from "../../../circuits/toolchain/index.ts";
import { proofEvidence } from "../../sdk/evidence.ts";
import type { Version } from "../../sdk/version.ts";
import { WorkerError } from "../worker-error.ts";
import type { PrivateInputs } from "../inputs/private-inputs.ts";
import { openOnnxModel } from "./onnx-run.ts";
import type { VersionFiles } from "./version-files.ts";

/** A version that is ready to run. */
export interface LoadedVersion {
  readonly executor: "reference" | "onnx-runtime";
  /** Packed input to packed output, as they are on chain. Throws `INPUT_MISSING` for a commitment without its preimage. */
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
  inputs: PrivateInputs,
): Promise<LoadedVersion> {
  const manifest = await files.manifest(version);
  const open = async (input: Uint8Array): Promise<OpenedInput> => {
    const commitment = commitmentIn(visibilityOf(manifest), input);
    if (commitment === null) return openInput(manifest, input, null);
    const preimage = await inputs.find(commitment);
    if (preimage === null)
      throw new WorkerError("INPUT_MISSING", "the preimage of the job's input has not arrived", { retryable: true });
    return openInput(manifest, input, preimage);
  };
  return manifest.circuit === null
    ? loadModel(version, manifest, files, { inputs, open })
    : loadCircuit(version, manifest, manifest.circuit, files, settings, { inputs, open });
}

interface Secrets {
  readonly inputs: PrivateInputs;
  readonly open: (input: Uint8Array) => Promise<OpenedInput>;
}

/** Runs something that maps tensors to tensors; what a committed answer stands for is kept before it is given. */
function runOf(
  manifest: Manifest,
  { open, inputs }: Secrets,
  compute: (tensors: OpenedInput["tensors"]) => Promise<bigint[][]>,
): LoadedVersion["run"] {
  const visibility = visibilityOf(manifest);
  return async (input) => {
    const { tensors, salt } = await open(input);
    const outputs = await compute(tensors);
    const packed = packOutput(visibility, manifest.outputs, outputs, salt);
    if (visibility.output === "committed") await inputs.keepOutput(packed, packTensors(manifest.outputs, outputs));
    return packed;
  };
}

async function loadModel(
  version: Version,
  manifest: Manifest,
  files: VersionFiles,
  secrets: Secrets,
): Promise<LoadedVersion> {
  const { inputs, outputs } = manifest;
  const model = await openOnnxModel(await files.weights(version, manifest, manifest.model), inputs, outputs);
  return {
    executor: "onnx-runtime",
    run: runOf(manifest, secrets, (tensors) => model.run(tensors)),
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
  secrets: Secrets,
): Promise<LoadedVersion> {
  const visibility = visibilityOf(manifest);
  const graph = decodeGraph(await files.weights(version, manifest, circuit.graph));
  const { input: hidesInput, output: hidesOutput } = graph.visibility ?? ALL_PUBLIC;
  if (hidesInput !== visibility.input || hidesOutput !== visibility.output)
    throw new WorkerError(
      "VERSION_INCONSISTENT",
      `manifest and graph of ${version.versionId} disagree on what is public`,
    );
  // A challenged answer must be proven or costs stake: nothing is answered before the keys are here.
  await files.verificationKey(version, circuit.verificationKey);
  const provingKey = (): Promise<Uint8Array> =>
    visibility.weights === "committed"
      ? files.file(version, circuit.zkey)
      : files.weights(version, manifest, circuit.zkey);
  await provingKey();
  const program = lower(graph);
  // The version's key contains it, so it is no signal on chain.
  const root = graph.committedWeights === undefined ? [] : [rootOf(graph)];
  // Proving keys are large: the prover starts with the first proof, answers do not wait for it.
  let proving: Promise<{ prover: Prover; key: VerificationKey }> | undefined;
  let closed = false;
  const openProver = async () => {
    const key = decodeVerificationKey(await files.verificationKey(version, circuit.verificationKey));
    return { prover: createProver(await provingKey(), settings), key };
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
    run: runOf(manifest, secrets, (tensors) => Promise.resolve(evaluate(graph, tensors))),
    async prove(input, output, binding) {
      const { tensors, salt } = await secrets.open(input);
      const { witness, outputs } = program.witness(tensors, binding, salt);
      requireSame(packOutput(visibility, manifest.outputs, outputs, salt), output, "the witness program");
      const { prover: warm, key } = await prover();
      const { proof, publicSignals } = await warm.prove(witness);
      const needed = [binding, ...interfaceWords(input, output)];
      // The chain will check exactly this; a proof that fails there would cost gas, and the stake when time runs out.
      const shown = [...needed, ...root];
      const shows = shown.length === publicSignals.length && shown.every((word, at) => word === publicSignals[at]);
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
