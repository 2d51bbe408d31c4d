import { groupsAlong } from "../../build/axes.ts";
import type { GraphBuilder } from "../../build/graph-builder.ts";
import { sizeOf, type Tensor } from "../../build/tensor.ts";
import { NodeProblem } from "../../compile-error.ts";
import { type Op, WEIGHTS_ROUNDED } from "../op.ts";
import { bothScores } from "./both-scores.ts";
import { isAbove, labelAt, readLabels } from "./class-labels.ts";
import { numbersOf } from "./numbers.ts";
import { readTransform, transformScores } from "./post-transform.ts";

/** With one row of coefficients for two classes, the second wins above 0, as ONNX Runtime decides it. */
export const linearClassifier: Op = {
  doc: { takes: "any post_transform", cost: "those of ArgMax and of the transform", error: WEIGHTS_ROUNDED },
  build(view, graph) {
    const labels = readLabels(view);
    const transform = readTransform(view.text("post_transform", "NONE"));
    const coefficients = numbersOf(view, "coefficients");
    const features = sizeOf(view.operand(0).shape);
    const rows = Math.max(1, Math.round(coefficients.length / features));
    if (rows !== labels.count && !(rows === 1 && labels.count === 2))
      throw new NodeProblem("ATTRIBUTE_UNSUPPORTED", `coefficients for ${rows} of ${labels.count} classes`);
    const scores = weigh(graph, view.operand(0), coefficients, numbersOf(view, "intercepts"), rows);
    if (rows === 1 && labels.count === 2)
      return [labelAt(graph, isAbove(graph, scores, 0), labels), bothScores(graph, scores, transform, 1)];
    const winner = graph.argmax(scores, groupsAlong(scores.shape, 1), [1]);
    return [labelAt(graph, winner, labels), transformScores(graph, scores, transform)];
  },
};

export const linearRegressor: Op = {
  doc: { takes: "any post_transform", cost: "that of the transform", error: WEIGHTS_ROUNDED },
  build(view, graph) {
    const targets = view.number("targets", 1);
    const transform = readTransform(view.text("post_transform", "NONE"));
    const coefficients = numbersOf(view, "coefficients");
    const scores = weigh(graph, view.operand(0), coefficients, numbersOf(view, "intercepts"), targets);
    return targets > 1 || transform === "PROBIT" ? transformScores(graph, scores, transform) : scores;
  },
};

/** [1, rows]: the rows of coefficients times the features, plus what each row starts with. */
export function weigh(
  graph: GraphBuilder,
  input: Tensor,
  coefficients: readonly number[],
  intercepts: readonly number[],
  rows: number,
): Tensor {
  const features = sizeOf(input.shape);
  if (coefficients.length !== rows * features)
    throw new NodeProblem(
      "SHAPE_MISMATCH",
      `${coefficients.length} coefficients do not fit ${rows} rows of ${features} features`,
    );
  const bias = Float64Array.from({ length: rows }, (_, row) => intercepts[row] ?? 0);
  return graph.linear(
    [input],
    [1, rows],
    (row, add) => {
      for (let at = 0; at < features; at++) add(at, coefficients[row * features + at] ?? 0);
    },
    { bias },
  );
}
