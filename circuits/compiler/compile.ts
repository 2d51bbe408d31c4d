import type { NamedTensorSpec } from "../format/manifest.ts";
import type { IntegerGraph } from "./graph/graph.ts";
import { parseModel } from "./onnx/read-model.ts";
import type { CompileOptions } from "./options.ts";
import { checkExact } from "./passes/check-exact.ts";
import { checkOptions } from "./passes/check-options.ts";
import { checkSupported } from "./passes/check-supported.ts";
import { chooseScales } from "./passes/choose-scales.ts";
import { chooseTypes } from "./passes/choose-types.ts";
import { fitOutputs } from "./passes/fit-outputs.ts";
import { foldConstants } from "./passes/fold-constants.ts";
import { foldDecimals } from "./passes/fold-decimals.ts";
import { fuse } from "./passes/fuse.ts";
import { inferRanges } from "./passes/infer-ranges.ts";
import { inferShapes } from "./passes/infer-shapes.ts";
import { insertRescale } from "./passes/insert-rescale.ts";
import { quantize } from "./passes/quantize.ts";
import { removeDead } from "./passes/remove-dead.ts";
import { prepareSamples } from "./passes/sample-inputs.ts";
import { translate } from "./passes/translate.ts";
import { buildReport, type CompileReport } from "./report/build-report.ts";

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
  const folded = foldConstants(inferShapes(model));
  const translated = translate(folded);
  const types = chooseTypes(model, translated, options);
  const decimals = {
    inputs: types.inputs.map((input) => input.decimals),
    outputs: types.outputs.map((output) => output.decimals),
  };
  const fused = fuse(foldDecimals(translated, decimals));

  const samples = prepareSamples(types.inputs, options.sampleInputs);
  const choice = chooseScales(fused, types.inputs, samples, options);
  const rescaled = insertRescale(fused, quantize(fused, choice.scales), choice.scales);

  checkExact(rescaled.layers, rescaled.origins);
  const ranges = inferRanges({ ...rescaled, inputs: types.inputs });
  const outputs = fitOutputs(
    types.outputs,
    rescaled.results.map((id) => ranges[id] ?? []),
  );
  const graph = removeDead({ ...rescaled, name: options.name, inputs: types.inputs, outputs }, ranges);
  checkExact(graph.layers, graph.origins);
  const report = buildReport(graph, { choice, samples, warnings: types.warnings });
  return Object.freeze({ graph, inputs: types.inputs, outputs, report });
}
