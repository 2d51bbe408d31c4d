import { affine, multiply, subtract } from "../../build/arithmetic.ts";
import { groupsAlong } from "../../build/axes.ts";
import { knownTensor, reshaped, retyped, sizeOf, type Tensor } from "../../build/tensor.ts";
import type { GraphBuilder } from "../../build/graph-builder.ts";
import { NodeProblem } from "../../compile-error.ts";
import type { Curve } from "../../graph/layer.ts";
import { absolute } from "../elementwise/extremes.ts";
import { equalTo } from "../elementwise/compare.ts";
import { EXACT, FREE, type Op, WEIGHTS_ROUNDED } from "../op.ts";
import { numbersOf } from "./numbers.ts";

/** (x - offset) * scale: two layers, because trees behind it follow the float32 of each. */
export const scaler: Op = {
  doc: { takes: "one offset and scale, or one for each feature", cost: FREE, error: WEIGHTS_ROUNDED },
  build(view, graph) {
    const input = view.operand(0);
    const [offset, scale] = [numbersOf(view, "offset"), numbersOf(view, "scale")];
    const moved = offset.some((value) => value !== 0) ? subtract(graph, input, alongFeatures(offset)) : input;
    return scale.some((value) => value !== 1) ? multiply(graph, moved, alongFeatures(scale)) : retyped(moved, "real");
  },
};

function alongFeatures(values: readonly number[]): Tensor {
  return knownTensor([values.length], values);
}

export const binarizer: Op = {
  doc: { takes: "any threshold", cost: "n + 1", error: EXACT },
  build(view, graph) {
    const above = graph.step(affine(graph, view.operand(0), -1, view.number("threshold", 0)));
    return affine(graph, above, -1, 1, "real");
  },
};

/**
 * There is nothing missing among integers, so only a value that is a number is ever replaced.
 */
export const imputer: Op = {
  doc: { takes: "a missing value that is no number costs nothing", cost: "0, or 2n + 3", error: EXACT },
  build(view, graph) {
    const input = view.operand(0);
    const [values, wholes] = [numbersOf(view, "imputed_value_floats"), numbersOf(view, "imputed_value_int64s")];
    const imputed = values.length > 0 ? values : wholes;
    const name = values.length > 0 ? "replaced_value_float" : "replaced_value_int64";
    const missing = view.number(name, 0);
    if (imputed.length === 0 || Number.isNaN(missing)) return input;
    const isMissing = equalTo(graph, input, knownTensor([1], [missing]));
    const change = subtract(graph, knownTensor([imputed.length], imputed), input);
    const moved = multiply(graph, isMissing, change);
    return graph.linear(
      [input, moved],
      input.shape,
      (row, add) => {
        add(row, 1);
        add(sizeOf(input.shape) + row, 1);
      },
      { type: input.type },
    );
  },
};

const INVERSE: Curve = { name: "1 / x", of: (x) => (x > 0 ? 1 / x : 1), relative: true };
const INVERSE_ROOT: Curve = { name: "1 / sqrt(x)", of: (x) => (x > 0 ? 1 / Math.sqrt(x) : 1), relative: true };

/** Each row divided by its largest element, by the sum of its magnitudes, or by its length. */
export const normalizer: Op = {
  doc: { takes: "MAX, L1, L2", cost: "a table for each row, and 1 an element", error: "a table's error, see Exp" },
  build(view, graph) {
    const input = view.operand(0);
    const groups = groupsAlong(input.shape, input.shape.length - 1);
    const norm = view.text("norm", "MAX");
    const inverse = graph.curve(normOf(graph, input, norm), norm === "L2" ? INVERSE_ROOT : INVERSE);
    return multiply(graph, input, reshaped(inverse, [groups.outer, 1]));
  },
};

function normOf(graph: GraphBuilder, input: Tensor, norm: string): Tensor {
  const groups = groupsAlong(input.shape, input.shape.length - 1);
  const own = Int32Array.from({ length: sizeOf(input.shape) }, (_, at) => at);
  if (norm === "MAX") return graph.max(input, groups, [groups.outer]);
  if (norm !== "L1" && norm !== "L2") throw new NodeProblem("ATTRIBUTE_UNSUPPORTED", `norm ${norm} is not known`);
  const sizes = norm === "L1" ? absolute(graph, input) : graph.product(input, input, input.shape, own, own);
  return graph.linear([sizes], [groups.outer], (row, add) => {
    for (let at = 0; at < groups.classes; at++) add(row * groups.classes + at, 1);
  });
}
