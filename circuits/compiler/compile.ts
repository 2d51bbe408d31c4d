import type { NamedTensorSpec } from "../format/manifest.ts";
import { ALL_PUBLIC, isAllPublic } from "../format/visibility.ts";
import type { IntegerGraph } from "./graph/graph.ts";
import { parseModel } from "./onnx/read-model.ts";
import type { CompileOptions } from "./options.ts";
import { absorbScaling } from "./passes/absorb-scaling.ts";
import { checkExact } from "./passes/check-exact.ts";
import { checkRanges } from "./passes/infer-ranges.ts";
import { checkOptions } from "./passes/check-options.ts";
import { checkSupported } from "./passes/check-supported.ts";
import { chooseScales } from "./passes/choose-scales.ts";
import { chooseTypes } from "./passes/choose-types.ts";
import { commitWeights } from "./passes/commit-weights.ts";
import { dropSoftmax } from "./passes/drop-softmax.ts";
import { expandSoftmax } from "./passes/expand-softmax.ts";
import { fitOutputs } from "./passes/fit-outputs.ts";
import { foldDecimals } from "./passes/fold-decimals.ts";
import { foldRequantize } from "./passes/fold-requantize.ts";
import { fuse } from "./passes/fuse.ts";
import { fuseCurves } from "./passes/fuse-curves.ts";
import { indexInputs } from "./passes/index-inputs.ts";
import { placeRounding } from "./passes/place-rounding.ts";
import { removeDead } from "./passes/remove-dead.ts";
import { retrain } from "./passes/retrain.ts";
import { prepareSamples } from "./passes/sample-inputs.ts";
import { translate } from "./passes/translate.ts";
import { buildReport } from "./report/build-report.ts";
import { checkSize } from "./report/check-size.ts";
import type { CompileReport } from "./report/report.ts";

export interface Compilation {
  readonly graph: IntegerGraph;
  readonly inputs: readonly NamedTensorSpec[];
  readonly outputs: readonly NamedTensorSpec[];
  readonly report: CompileReport;
}

/**
 * ONNX to integers, from top to bottom. Throws `CompileError` with everything that is wrong at the pass that cannot go
 * on. Pure: the same bytes and options give the same graph.
 */
export function compile(onnx: Uint8Array, options: CompileOptions): Compilation {
  checkOptions(options);
  const model = checkSupported(parseModel(onnx));
  const translated = translate(model, options.dimensions);
  const types = chooseTypes(model, translated, options);
  const decimals = {
    inputs: types.inputs.map((input) => input.decimals),
    outputs: types.outputs.map((output) => output.decimals),
  };
  const folded = absorbScaling(foldDecimals(translated, decimals), types.inputs);
  const fused = placeRounding(foldRequantize(fuse(fuseCurves(expandSoftmax(dropSoftmax(folded))))));

  const samples = prepareSamples(types.inputs, options.sampleInputs, indexInputs(translated));
  const { visibility = ALL_PUBLIC, retrainOf } = options;
  if (retrainOf !== undefined) {
    const { graph, choice } = retrain(retrainOf, fused, types.inputs, samples, options);
    const report = buildReport(graph, { float: fused, choice, samples, warnings: types.warnings });
    checkSize(report, options.maxConstraints);
    return Object.freeze({ graph, inputs: graph.inputs, outputs: graph.outputs, report });
  }
  const choice = chooseScales(fused, types.inputs, samples, options);
  const { ranges, ...integers } = choice.integers;
  checkExact(integers.layers, integers.origins);
  checkRanges(integers, ranges, types.inputs.length);
  const outputs = fitOutputs(
    types.outputs,
    integers.results.map((id) => ranges[id] ?? []),
  );
  const whole = { ...integers, name: options.name, inputs: types.inputs, outputs };
  const kept = visibility.weights === "committed" ? commitWeights(whole, fused) : removeDead(whole, ranges);
  const graph = isAllPublic(visibility) ? kept : Object.freeze({ ...kept, visibility });
  checkExact(graph.layers, graph.origins);
  const report = buildReport(graph, { float: fused, choice, samples, warnings: types.warnings });
  checkSize(report, options.maxConstraints);
  return Object.freeze({ graph, inputs: types.inputs, outputs, report });
}
