import {
  decodeProof,
  decodeVerificationKey,
  encodeProof,
  type VerificationKey,
} from "../../../circuits/format/groth16.ts";
import { interfaceWords } from "../../../circuits/format/interface-words.ts";
import { encodeManifest, type FileReference, type Manifest, visibilityOf } from "../../../circuits/format/manifest.ts";
import { commitmentIn, type OpenedBytes, openBytes } from "../../../circuits/format/opening.ts";
import { verifyProof } from "../../../circuits/format/verify-groth16.ts";
import { hideOutput } from "../../../circuits/format/visibility.ts";
import type { AssayError } from "../../../circuits/format/error.ts";
import { proofEvidence } from "../../sdk/evidence.ts";
import type { Version } from "../../sdk/version.ts";
import type { PrivateInputs } from "../inputs/private-inputs.ts";
import { WorkerError } from "../worker-error.ts";
import { createExecutor } from "./executor/executor.ts";
import type { ExecutorLimits } from "./executor/limits.ts";
import type { OpenMessage } from "./executor/messages.ts";
import type { FileOnDisk, VersionFiles } from "./version-files.ts";

/** A version that is ready to run, in a process of its own. */
export interface LoadedVersion {
  readonly executor: "reference" | "onnx-runtime";
  /**
   * Packed input to packed output, as they are on chain. Throws `INPUT_MISSING` for a commitment without its preimage,
   * and `EXECUTOR_CRASHED`, `EXECUTOR_TIMEOUT` or `EXECUTOR_MEMORY` (retryable) if the version ended its process.
   */
  run(input: Uint8Array): Promise<Uint8Array>;
  /**
   * Zkml evidence that this version maps `input` to `output`, bound to `binding`. Throws as `run` does, `MODEL_UNSUPPORTED`
   * for a version without a circuit and `PROOF_MISMATCH` if the circuit gives another output.
   */
  prove(input: Uint8Array, output: Uint8Array, binding: bigint): Promise<Uint8Array>;
  /** What is under way fails with `WORKER_STOPPING`. */
  close(): Promise<void>;
}

export interface ProverSettings {
  readonly threads?: number;
}

export interface LoadOptions {
  readonly files: VersionFiles;
  readonly inputs: PrivateInputs;
  readonly prover: ProverSettings;
  readonly limits: ExecutorLimits;
  /** An empty directory for processes to be in. */
  readonly directory: string;
  /** The version ended its process. */
  readonly onFault: (fault: AssayError) => void;
}

export async function loadVersion(version: Version, options: LoadOptions): Promise<LoadedVersion> {
  const { files, inputs, prover, limits, directory, onFault } = options;
  const { versionId } = version;
  const manifest = await files.manifest(version);
  const visibility = visibilityOf(manifest);
  const executor = createExecutor({
    versionId,
    prepare: async () => ({
      kind: "open",
      versionId,
      manifest: encodeManifest(manifest),
      ...(await filesOf(version, manifest, files)),
      proverThreads: prover.threads ?? null,
    }),
    damaged: ({ program, provingKey }) => forget(files, [program, provingKey]),
    limits,
    directory,
    onFault,
  });
  await executor.open();

  /** Private inputs are opened here: the process gets to know no more than the tensors of the jobs that it runs. */
  const open = async (input: Uint8Array): Promise<OpenedBytes> => {
    const commitment = commitmentIn(visibility, input);
    if (commitment === null) return openBytes(visibility, input, null);
    const preimage = await inputs.find(commitment);
    if (preimage === null)
      throw new WorkerError("INPUT_MISSING", "the preimage of the job's input has not arrived", { retryable: true });
    return openBytes(visibility, input, preimage);
  };

  return {
    executor: manifest.circuit === null ? "onnx-runtime" : "reference",
    async run(input) {
      const { packed, salt } = await open(input);
      const plain = await executor.run(packed);
      const output = hideOutput(visibility, plain, salt);
      // What a committed answer stands for is kept before it is given.
      if (visibility.output === "committed") await inputs.keepOutput(output, plain);
      return output;
    },
    async prove(input, output, binding) {
      const { packed, salt } = await open(input);
      const question = { input: packed, output, binding, ...(salt !== undefined && { salt }) };
      const { proof, publicSignals } = await executor.prove(question);
      const key = await verificationKey(version, manifest, files);
      const needed = [binding, ...interfaceWords(input, output)];
      // The version's key contains the root of committed weights, so that is no signal on chain.
      const shown = visibility.weights === "committed" ? publicSignals.slice(0, -1) : publicSignals;
      // The chain will check exactly this; a proof that fails there would cost gas, and the stake when time runs out.
      const shows = shown.length === needed.length && shown.every((word, at) => word === needed[at]);
      if (!shows || !verifyProof(key, needed, decodeProof(proof)))
        throw new WorkerError("PROOF_MISMATCH", `the proof for version ${versionId} does not verify`);
      return proofEvidence(encodeProof(decodeProof(proof)), input);
    },
    close: () => executor.close(),
  };
}

/**
 * Everything the version needs, side by side. A challenged answer must be proven or costs stake: nothing is answered before
 * the keys are here.
 */
async function filesOf(
  version: Version,
  manifest: Manifest,
  files: VersionFiles,
): Promise<Pick<OpenMessage, "program" | "provingKey">> {
  const { circuit, model } = manifest;
  const weights = (reference: FileReference): Promise<FileOnDisk> => files.weights(version, manifest, reference);
  if (circuit === null) {
    files.requireRoom(version, [model]);
    return { program: await weights(model), provingKey: null };
  }
  files.requireRoom(version, [circuit.graph, circuit.zkey, circuit.verificationKey]);
  // With committed weights the proving key gives nothing away: all versions of one shape share it.
  const isShared = visibilityOf(manifest).weights === "committed";
  const [program, provingKey] = await Promise.all([
    weights(circuit.graph),
    isShared ? files.onDisk(version, circuit.zkey) : weights(circuit.zkey),
    files.verificationKey(version, circuit.verificationKey),
  ]);
  return { program, provingKey };
}

async function verificationKey(version: Version, { circuit }: Manifest, files: VersionFiles): Promise<VerificationKey> {
  if (circuit === null) throw new WorkerError("MODEL_UNSUPPORTED", `version ${version.versionId} has no circuit`);
  return decodeVerificationKey(await files.verificationKey(version, circuit.verificationKey));
}

async function forget(files: VersionFiles, damaged: readonly (FileOnDisk | null)[]): Promise<void> {
  for (const file of damaged) if (file !== null) await files.forget(file);
}
