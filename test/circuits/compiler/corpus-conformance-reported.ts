import { expect } from "chai";
import onnxProto from "onnx-proto";
import * as ort from "onnxruntime-node";

import { type Compilation, evaluate } from "../../../circuits/compiler/index.ts";
import { elementsOf, toOnnxTensor } from "../../../workers/daemon/execution/onnx-tensor.ts";
import type { Integers } from "./random-graphs-soundness.ts";

/** Sessions run a few times: what they would gain from threads and optimizing costs more. */
const SESSION = {
  logSeverityLevel: 4,
  graphOptimizationLevel: "disabled",
  intraOpNumThreads: 1,
} as const satisfies ort.InferenceSession.SessionOptions;

/** The runtime computes in float32, the report in float64: their difference, as a share of the output's range. */
const FLOAT32 = 2e-4;
/** And what is equal for algebra's sake alone is equal up to noise in float32: such ties fall either way. */
const TIES = 0.02;

/**
 * The report of a compilation, which the compiler wrote from its own float64 arithmetic, holds for ONNX Runtime's numbers
 * too: errors of real outputs and agreement of whole ones are what it says. `inputs` are the samples of the
 * compilation; `allowance` is a share of the output's range that the report knows nothing of.
 */
export async function expectReported(
  onnx: Uint8Array,
  { graph, inputs: specs, outputs, report }: Compilation,
  inputs: readonly Integers[],
  allowance = 0,
): Promise<void> {
  const { maxError, agreement } = report.quantization;
  const session = await ort.InferenceSession.create(withoutMaps(onnx), SESSION);
  const types = session.inputMetadata.map((metadata) => (metadata.isTensor ? metadata.type : "float32"));
  const real: { readonly wanted: number; readonly got: number }[][] = outputs.map(() => []);
  let [equal, whole] = [0, 0];
  for (const tensors of inputs) {
    const feeds = specs.map(
      (spec, at) => [spec.name, toOnnxTensor(spec, tensors[at] ?? [], types[at] ?? "float32")] as const,
    );
    const answers = await session.run(Object.fromEntries(feeds));
    const found = evaluate(graph, tensors);
    outputs.forEach(({ name, decimals }, output) => {
      const answer = answers[session.outputNames[output] ?? ""];
      const got = found[output] ?? [];
      const labels = labelsOf(report.warnings, name);
      const texts = answer === undefined ? [] : elementsOf(answer).map(String);
      const wanted = texts.map((text) => labels?.indexOf(text) ?? Number(text));
      expect(got.length, `elements of ${name}`).to.equal(wanted.length);
      const isReal = answer?.type === "float32" || answer?.type === "float64" || answer?.type === "float16";
      wanted.forEach((value, element) => {
        if (isReal && labels === undefined) {
          // No integer is near what the model itself cannot compute.
          if (Number.isFinite(value)) real[output]?.push({ wanted: value * 10 ** decimals, got: Number(got[element]) });
        } else {
          whole++;
          if (BigInt(value) === got[element]) equal++;
        }
      });
    });
  }
  await session.release();
  const least = (agreement - TIES) * whole - 1;
  expect(equal >= least, `${equal} of ${whole} whole outputs agree, the report says ${agreement}`).to.equal(true);
  real.forEach((pairs, output) => {
    const wanted = pairs.map((pair) => pair.wanted);
    const range = Math.max(1, Math.max(...wanted) - Math.min(...wanted));
    const allowed = 0.5 + (maxError + allowance + FLOAT32) * range;
    for (const pair of pairs)
      if (!(Math.abs(pair.wanted - pair.got) <= allowed))
        expect.fail(
          `${outputs[output]?.name} is ${pair.got}, ONNX Runtime says ${pair.wanted}; the report allows ${allowed}`,
        );
  });
}

/** What the report says that the numbers of an output stand for, if they are no plain numbers. */
function labelsOf(warnings: readonly string[], name: string): readonly string[] | undefined {
  const start = `output "${name}" is a label: `;
  const warning = warnings.find((text) => text.startsWith(start));
  return warning
    ?.slice(start.length)
    .split(", ")
    .map((entry) => entry.slice(entry.indexOf(" = ") + 3));
}

/** Scores instead of maps from classes to scores, which the runtime's binding for Node cannot hand over. */
function withoutMaps(onnx: Uint8Array): Uint8Array {
  const { ModelProto } = onnxProto.onnx;
  const model = ModelProto.decode(onnx);
  const nodes = model.graph?.node ?? [];
  const maps = nodes.filter(({ opType }) => opType === "ZipMap");
  if (maps.length === 0 || !model.graph) return onnx;
  const scores = new Map(maps.map(({ input, output }) => [output?.[0], input?.[0]]));
  model.graph.node = nodes.filter(({ opType }) => opType !== "ZipMap");
  model.graph.output = (model.graph.output ?? []).map((output) =>
    scores.has(output.name ?? "") ? { name: scores.get(output.name ?? "") ?? "" } : output,
  );
  return ModelProto.encode(model).finish();
}
