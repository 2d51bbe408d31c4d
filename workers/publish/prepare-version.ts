import {
  assertProvable,
  compile,
  encodeGraph,
  lower,
  type Compilation,
  type CompileOptions,
  type LoweredCircuit,
} from "../../circuits/compiler/index.ts";
import { contentId } from "../../circuits/format/content-id.ts";
import { encodeProof, encodeVerificationKey } from "../../circuits/format/groth16.ts";
import { encodeManifest, type FileReference, type Manifest } from "../../circuits/format/manifest.ts";
import { elementCount, packTensors } from "../../circuits/format/tensor.ts";
import { createProver, makeDeveloperKeys } from "../../circuits/toolchain/index.ts";
import { auditCircom } from "./audit-circom.ts";
import type { ModelSource } from "./model-config.ts";

/** A proof that shows the registry that the key is alive. */
export interface Sample {
  readonly binding: bigint;
  readonly input: Uint8Array;
  readonly output: Uint8Array;
  /** 256 bytes. */
  readonly proof: Uint8Array;
}

/** Everything a version consists of, ready for the artifact store and the chain. */
export interface PreparedVersion {
  readonly manifest: Manifest;
  readonly manifestBytes: Uint8Array;
  /** Every file that the manifest names, the manifest itself excluded. */
  readonly files: readonly Uint8Array[];
  readonly compilation: Compilation;
  readonly verificationKey: Uint8Array;
  readonly sample: Sample;
}

export type PrepareStep = "compile" | "audit" | "keys" | "sample";

export interface PrepareOptions {
  readonly onProgress?: (step: PrepareStep, message: string) => void;
}

const SAMPLE_BINDING = 1n;

/**
 * From an ONNX file to something provable: compiles, checks that the emitted Circom has exactly the constraints that
 * are proven, makes single-party dev keys and a sample proof. Takes seconds to a minute. Throws `CompileError` with
 * every problem of the model at once, or `MODEL_TOO_LARGE` if it cannot be proven.
 */
export async function prepareVersion(source: ModelSource, options: PrepareOptions = {}): Promise<PreparedVersion> {
  const report = (step: PrepareStep, message: string) => options.onProgress?.(step, message);

  report("compile", `compiling ${source.name}`);
  const compilation = compile(source.onnx, compileOptions(source));
  assertProvable(compilation.report);
  const lowered = lower(compilation.graph);

  report("audit", "compiling the Circom source and comparing its constraints");
  const audit = auditCircom(source.name, lowered);
  report("keys", `making dev keys for ${String(lowered.system.constraints.length)} constraints`);
  const keys = await makeDeveloperKeys(lowered.system);
  await audit;

  report("sample", "proving a sample");
  const sample = await proveSample(compilation, lowered, keys.zkey);

  const verificationKey = encodeVerificationKey(keys.verificationKey);
  const files: Uint8Array[] = [];
  const add = (bytes: Uint8Array): FileReference => {
    files.push(bytes);
    return { cid: contentId(bytes), bytes: bytes.length };
  };
  const manifest: Manifest = {
    assay: 1,
    name: source.name,
    model: add(source.onnx),
    inputs: [...compilation.inputs],
    outputs: [...compilation.outputs],
    adapters: {
      input: source.inputAdapter && add(source.inputAdapter),
      output: source.outputAdapter && add(source.outputAdapter),
    },
    circuit: {
      graph: add(encodeGraph(compilation.graph)),
      zkey: add(keys.zkey),
      verificationKey: add(verificationKey),
      constraints: lowered.system.constraints.length,
      wires: lowered.system.wireCount,
      publicSignals: lowered.system.publicCount,
      keys: "dev",
    },
  };
  return { manifest, manifestBytes: encodeManifest(manifest), files, compilation, verificationKey, sample };
}

/** The compiler's options that a model's configuration stands for. */
export function compileOptions({ name, config, samples }: ModelSource): CompileOptions {
  const { inputs, outputs, agreement, maxError, weightBits, activationBits, maxConstraints } = config;
  return {
    name,
    ...(inputs && { inputs }),
    ...(outputs && { outputs }),
    ...(agreement !== undefined && { agreement }),
    ...(maxError !== undefined && { maxError }),
    ...(weightBits !== undefined && { weightBits }),
    ...(activationBits !== undefined && { activationBits }),
    ...(maxConstraints !== undefined && { maxConstraints }),
    ...(samples && { sampleInputs: samples }),
  };
}

async function proveSample(compilation: Compilation, circuit: LoweredCircuit, zkey: Uint8Array): Promise<Sample> {
  const inputs = compilation.inputs.map((spec) => Array.from({ length: elementCount(spec) }, () => 0n));
  const { witness, outputs } = circuit.witness(inputs, SAMPLE_BINDING);
  const prover = createProver(zkey);
  try {
    const { proof } = await prover.prove(witness);
    return {
      binding: SAMPLE_BINDING,
      input: packTensors(compilation.inputs, inputs),
      output: packTensors(compilation.outputs, outputs),
      proof: encodeProof(proof),
    };
  } finally {
    await prover.close();
  }
}
