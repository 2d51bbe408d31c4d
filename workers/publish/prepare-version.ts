import {
  assertProvable,
  compile,
  encodeGraph,
  lower,
  type Compilation,
  type CompileOptions,
  type IntegerGraph,
  type LoweredCircuit,
} from "../../circuits/compiler/index.ts";
import { contentId } from "../../circuits/format/content-id.ts";
import { encodeProof, encodeVerificationKey } from "../../circuits/format/groth16.ts";
import { encodeManifest, type FileReference, type Manifest } from "../../circuits/format/manifest.ts";
import { elementCount } from "../../circuits/format/tensor.ts";
import { ALL_PUBLIC, packInput, packOutput } from "../../circuits/format/visibility.ts";
import { createProver, makeDeveloperKeys, verificationKeyOfZkey } from "../../circuits/toolchain/index.ts";
import { auditCircom } from "./audit-circom.ts";
import type { ModelSource } from "./model-config.ts";
import { versionKey } from "./version-key.ts";

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
  /** Every file that the manifest names and everybody may have, the manifest itself excluded. */
  readonly files: readonly Uint8Array[];
  /** Those that only the owner's workers get: none, or model, graph and proving key. */
  readonly ownerFiles: readonly Uint8Array[];
  readonly compilation: Compilation;
  readonly verificationKey: Uint8Array;
  readonly sample: Sample;
}

export type PrepareStep = "compile" | "audit" | "keys" | "sample";

export interface PrepareOptions {
  readonly onProgress?: (step: PrepareStep, message: string) => void;
  /** A version with committed weights, whose circuit and proving key this one takes. */
  readonly retrainOf?: { readonly graph: IntegerGraph; readonly zkey: Uint8Array };
}

const SAMPLE_BINDING = 1n;
/** The sample is the same for everybody and hides nothing. */
const SAMPLE_SALT = 0n;

/**
 * From an ONNX file to something provable: compiles, checks that the emitted Circom has exactly the constraints that
 * are proven, makes single-party dev keys and a sample proof. Takes seconds to a minute. Throws `CompileError` with
 * every problem of the model at once, or `MODEL_TOO_LARGE` if it cannot be proven.
 */
export async function prepareVersion(source: ModelSource, options: PrepareOptions = {}): Promise<PreparedVersion> {
  const report = (step: PrepareStep, message: string) => options.onProgress?.(step, message);

  report("compile", `compiling ${source.name}`);
  const { retrainOf } = options;
  const reference = retrainOf && { retrainOf: retrainOf.graph };
  const compilation = compile(source.onnx, { ...compileOptions(source), ...reference });
  assertProvable(compilation.report);
  const lowered = lower(compilation.graph);

  const rows = String(lowered.system.constraints.length);
  report("audit", "compiling the Circom source and comparing its constraints");
  const audit = auditCircom(source.name, lowered);
  report("keys", retrainOf ? "taking the keys of the reference" : `making dev keys for ${rows} constraints`);
  const keys = retrainOf
    ? { zkey: retrainOf.zkey, verificationKey: verificationKeyOfZkey(retrainOf.zkey) }
    : await makeDeveloperKeys(lowered.system);
  if (!(await audit))
    report("audit", "too large for the Circom compiler: its source was not compared with the constraints");

  report("sample", "proving a sample");
  const sample = await proveSample(compilation, lowered, keys.zkey);

  const verificationKey = encodeVerificationKey(versionKey(compilation.graph, keys.verificationKey));
  const { weights } = compilation.graph.visibility ?? ALL_PUBLIC;
  const { add, addOwned, files, ownerFiles } = collectFiles(weights !== "constant");
  const manifest: Manifest = {
    assay: 1,
    name: source.name,
    model: addOwned(source.onnx),
    inputs: [...compilation.inputs],
    outputs: [...compilation.outputs],
    ...(compilation.graph.visibility && { visibility: compilation.graph.visibility }),
    adapters: {
      input: source.inputAdapter && add(source.inputAdapter),
      output: source.outputAdapter && add(source.outputAdapter),
    },
    circuit: {
      graph: addOwned(encodeGraph(compilation.graph)),
      // With committed weights, the proving key knows only their number.
      zkey: weights === "owner-held" ? addOwned(keys.zkey) : add(keys.zkey),
      verificationKey: add(verificationKey),
      constraints: lowered.system.constraints.length,
      wires: lowered.system.wireCount,
      publicSignals: lowered.system.publicCount - (weights === "committed" ? 1 : 0),
      keys: "dev",
    },
  };
  return { manifest, manifestBytes: encodeManifest(manifest), files, ownerFiles, compilation, verificationKey, sample };
}

/** `addOwned` is for what gives the weights away. */
function collectFiles(isOwnerHeld: boolean) {
  const files: Uint8Array[] = [];
  const ownerFiles: Uint8Array[] = [];
  const addTo =
    (list: Uint8Array[]) =>
    (bytes: Uint8Array): FileReference => {
      list.push(bytes);
      return { cid: contentId(bytes), bytes: bytes.length };
    };
  return { files, ownerFiles, add: addTo(files), addOwned: addTo(isOwnerHeld ? ownerFiles : files) };
}

/** The compiler's options that a model's configuration stands for. */
export function compileOptions({ name, config, samples }: ModelSource): CompileOptions {
  const { inputs, outputs, agreement, maxError, weightBits, activationBits, maxConstraints, visibility } = config;
  return {
    name,
    ...(visibility && { visibility }),
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
  const { visibility = ALL_PUBLIC } = compilation.graph;
  const { witness, outputs } = circuit.witness(inputs, SAMPLE_BINDING, SAMPLE_SALT);
  const prover = createProver(zkey);
  try {
    const { proof } = await prover.prove(witness);
    return {
      binding: SAMPLE_BINDING,
      input: packInput(visibility, compilation.inputs, inputs, SAMPLE_SALT),
      output: packOutput(visibility, compilation.outputs, outputs, SAMPLE_SALT),
      proof: encodeProof(proof),
    };
  } finally {
    await prover.close();
  }
}
