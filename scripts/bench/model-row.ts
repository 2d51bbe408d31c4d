import { compile, emitCircom, lower } from "../../circuits/compiler/index.ts";
import { encodeProof, encodeVerificationKey } from "../../circuits/format/groth16.ts";
import { packTensors } from "../../circuits/format/tensor.ts";
import { verifyProof } from "../../circuits/format/verify-groth16.ts";
import { compileCircom, createProver, makeDeveloperKeys } from "../../circuits/toolchain/index.ts";
import { readModelSource } from "../../workers/publish/model-config.ts";
import { compileOptions } from "../../workers/publish/prepare-version.ts";
import { repeated, timed, type Spread } from "./measure.ts";
import { verifyGas } from "./verify-gas.ts";

export interface ModelRow {
  readonly name: string;
  readonly constraints: number;
  readonly wires: number;
  readonly publicSignals: number;
  readonly domain: number;
  readonly circomBytes: number;
  readonly zkeyBytes: number;
  readonly verificationKeyBytes: number;
  readonly compileMs: number;
  readonly circomMs: number;
  readonly setupMs: number;
  readonly witness: Spread;
  readonly proveColdMs: number;
  readonly proveWarm: Spread;
  readonly verify: Spread;
  readonly verifyGas: bigint;
}

const WARM_RUNS = 7;

/** Runs the whole pipeline of one model with the given input (real units) and measures each part. */
export async function measureModel(onnxPath: string, input: readonly number[]): Promise<ModelRow> {
  const source = await readModelSource(onnxPath);
  const compiled = await timed(() => compile(source.onnx, compileOptions(source)));
  const { graph, inputs: specs, outputs: outputSpecs } = compiled.result;
  const circuit = lower(graph);
  const circom = await timed(() => compileCircom(emitCircom(circuit), { name: source.name }));
  const setup = await timed(() => makeDeveloperKeys(circuit.system));
  const { zkey, verificationKey } = setup.result;

  const inputs = [input.map((value) => BigInt(value))];
  const run = circuit.witness(inputs, 1n);
  const witness = await repeated(WARM_RUNS, () => Promise.resolve(circuit.witness(inputs, 1n)));
  const cold = await timed(async () => {
    const prover = createProver(zkey);
    return { prover, ...(await prover.prove(run.witness)) };
  });
  const { prover, proof, publicSignals } = cold.result;
  const proveWarm = await repeated(WARM_RUNS, () => prover.prove(run.witness));
  await prover.close();
  const verify = await repeated(WARM_RUNS, () => Promise.resolve(verifyProof(verificationKey, publicSignals, proof)));

  const { constraints, wireCount, publicCount } = circuit.system;
  return {
    name: source.name,
    constraints: constraints.length,
    wires: wireCount,
    publicSignals: publicCount,
    domain: 2 ** Math.ceil(Math.log2(constraints.length + publicCount + 1)),
    circomBytes: emitCircom(circuit).length,
    zkeyBytes: zkey.length,
    verificationKeyBytes: encodeVerificationKey(verificationKey).length,
    compileMs: compiled.ms,
    circomMs: circom.ms,
    setupMs: setup.ms,
    witness,
    proveColdMs: cold.ms,
    proveWarm,
    verify,
    verifyGas: await verifyGas({
      key: encodeVerificationKey(verificationKey),
      binding: 1n,
      input: packTensors(specs, inputs),
      output: packTensors(outputSpecs, run.outputs),
      proof: encodeProof(proof),
    }),
  };
}
