import type { NamedTensorSpec } from "../../format/manifest.ts";
import { CompileError } from "../compile-error.ts";
import type { FloatGraph, IntegerGraph } from "../graph/graph.ts";
import type { CompileOptions } from "../options.ts";
import type { ScaleChoice } from "./choose-scales.ts";
import { replaceWeights } from "./commit-weights.ts";
import type { ExpandedLayer } from "./expand-softmax.ts";
import { inferRanges } from "./infer-ranges.ts";
import type { Samples } from "./sample-inputs.ts";
import { Trial } from "./trial.ts";

/**
 * A model in the circuit of another one of the same shape, and how accurate it is there. Throws `OPTION_INVALID` if it
 * does not fit or its inputs have other types.
 */
export function retrain(
  reference: IntegerGraph,
  float: FloatGraph<ExpandedLayer>,
  inputs: readonly NamedTensorSpec[],
  samples: Samples,
  options: CompileOptions,
): { readonly graph: IntegerGraph; readonly choice: ScaleChoice } {
  if (typesOf(inputs) !== typesOf(reference.inputs))
    throw new CompileError("OPTIONS_INVALID", [
      {
        code: "OPTION_INVALID",
        node: "",
        op: "",
        message: `committed weights: the inputs must be of the reference's types, ${typesOf(reference.inputs)}`,
      },
    ]);
  const graph = Object.freeze({ ...replaceWeights(reference, float), name: options.name });
  const { layers, origins, results } = graph;
  const trial = new Trial(float, inputs, samples, options);
  const accuracy = trial.compare(graph, samples.inputs);
  const integers = { layers, origins, results, ranges: inferRanges(graph) };
  return { graph, choice: { integers, widths: [], accuracy, reached: trial.accepts(accuracy) } };
}

function typesOf(specs: readonly NamedTensorSpec[]): string {
  return specs.map(({ kind, bits, decimals, shape }) => `${kind}:${bits}:${decimals} [${shape.join(", ")}]`).join("; ");
}
