import { loadavg } from "node:os";
import { fileURLToPath } from "node:url";

import { compile, evaluate, type IntegerGraph, lower } from "../../circuits/compiler/index.ts";
import { entryCount } from "../../circuits/compiler/graph/matrix.ts";
import { layerSize } from "../../circuits/compiler/layers/table.ts";
import { encodeProof, encodeVerificationKey } from "../../circuits/format/groth16.ts";
import { packTensors } from "../../circuits/format/tensor.ts";
import { createProver, makeDeveloperKeys } from "../../circuits/toolchain/index.ts";
import { openOnnxModel } from "../../workers/daemon/execution/onnx-run.ts";
import { readModelSource } from "../../workers/publish/model-config.ts";
import { compileOptions } from "../../workers/publish/prepare-version.ts";
import { countParameters } from "./count-parameters.ts";
import type { Case, GalleryModel } from "./gallery.ts";
import { repeated, type Spread, timed } from "./measure.ts";
import { verifyGas } from "./verify-gas.ts";

export interface GalleryRow {
  readonly name: string;
  readonly kind: string;
  readonly parameters: number;
  readonly constraints: number;
  readonly domain: number;
  readonly compileMs: number;
  readonly witness: Spread;
  readonly proveWarm: Spread;
  readonly runs: number;
  readonly zkeyBytes: number;
  readonly words: number;
  readonly verifyGas: bigint;
  readonly cases: number;
  readonly float: string;
  readonly integer: string;
  /** On how many of the cases. */
  readonly integerCases: number;
  /** Processes that wanted to run, over the minute before the row was done. */
  readonly load: number;
}

const RUNS = 7;
const RUNS_OF_LARGE = 3;
const LARGE = 50_000;
/** Multiplications of bigints that the exact reference may take for one model: about a minute. */
const REFERENCE_WORK = 3e8;

/** Gas by the number of public words: the key and the proof have no other size. */
const gasOfWords = new Map<number, bigint>();

/** From ONNX to a proof checked by the contract, and the held-out cases in float and in integers. */
export async function measureGalleryModel(model: GalleryModel): Promise<GalleryRow> {
  const source = await readModelSource(fileURLToPath(new URL(`../../examples/${model.file}`, import.meta.url)));
  const compiled = await timed(() => compile(source.onnx, compileOptions(source)));
  const { graph, inputs: specs, outputs, report } = compiled.result;
  const cases = model.cases();
  const first = [(cases[0]?.input ?? []).map(BigInt)];

  const circuit = lower(graph);
  const { zkey, verificationKey } = await makeDeveloperKeys(circuit.system);
  const runs = report.constraints > LARGE ? RUNS_OF_LARGE : RUNS;
  const run = circuit.witness(first, 1n);
  const witness = await repeated(runs, () => Promise.resolve(circuit.witness(first, 1n)));
  const prover = createProver(zkey);
  // The first proof loads the key.
  const { proof } = await prover.prove(run.witness);
  const proveWarm = await repeated(runs, () => prover.prove(run.witness));
  await prover.close();

  const words = circuit.system.publicCount - 1;
  const gas =
    gasOfWords.get(words) ??
    (await verifyGas({
      key: encodeVerificationKey(verificationKey),
      binding: 1n,
      input: packTensors(specs, first),
      output: packTensors(outputs, run.outputs),
      proof: encodeProof(proof),
    }));
  gasOfWords.set(words, gas);

  const session = await openOnnxModel(source.onnx, specs, outputs);
  const floats: bigint[][] = [];
  for (const { input } of cases) floats.push((await session.run([input.map(BigInt)]))[0] ?? []);
  await session.close();
  const some = spaced(cases, Math.floor(REFERENCE_WORK / workOf(graph)));
  const integers = some.map(({ input }) => evaluate(graph, [input.map(BigInt)])[0] ?? []);

  return {
    name: model.name,
    kind: model.kind,
    parameters: countParameters(source.onnx),
    constraints: circuit.system.constraints.length,
    domain: report.domain,
    compileMs: compiled.ms,
    witness,
    proveWarm,
    runs,
    zkeyBytes: zkey.length,
    words,
    verifyGas: gas,
    cases: cases.length,
    float: model.judge(cases, floats),
    integer: model.judge(some, integers),
    integerCases: some.length,
    load: loadavg()[0] ?? 0,
  };
}

function workOf({ layers }: IntegerGraph): number {
  return layers.reduce(
    (sum, layer) => sum + (layer.kind === "linear" ? entryCount(layer.matrix) : layerSize(layer)),
    0,
  );
}

/** At most `most` of the cases, evenly spaced. */
function spaced(cases: readonly Case[], most: number): readonly Case[] {
  const step = Math.max(1, Math.ceil(cases.length / Math.max(1, most)));
  return cases.filter((_, at) => at % step === 0);
}
