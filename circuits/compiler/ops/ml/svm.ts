import { affine } from "../../build/arithmetic.ts";
import { groupsAlong } from "../../build/axes.ts";
import type { GraphBuilder } from "../../build/graph-builder.ts";
import type { NodeView } from "../../build/node-view.ts";
import { reshaped, type Tensor } from "../../build/tensor.ts";
import { NodeProblem } from "../../compile-error.ts";
import type { OpDoc, Op } from "../op.ts";
import { bothScores } from "./both-scores.ts";
import { type ClassLabels, isAbove, labelAt, readLabels, rowOf } from "./class-labels.ts";
import { weigh } from "./linear-model.ts";
import { numbersOf } from "./numbers.ts";
import { readTransform, transformScores } from "./post-transform.ts";
import { kernelValues } from "./svm-kernel.ts";

const doc: OpDoc = {
  takes: "all kernels; probabilities of two classes",
  cost: "a table for each support vector, and a product for each feature with RBF; none with a linear kernel",
  error: "weights rounded to the chosen scale; a table's error, see Exp",
};

export const svmRegressor: Op = {
  doc,
  build(view, graph) {
    const rho = numbersOf(view, "rho");
    const coefficients = numbersOf(view, "coefficients");
    const supports = view.number("n_supports", 0);
    const values = supports > 0 ? kernelValues(view, graph, supports) : view.operand(0);
    const score = weigh(graph, values, coefficients, rho, 1);
    if (view.flag("one_class")) {
      const above = reshaped(isAbove(graph, score, 0), [1, 1]);
      return affine(graph, above, 2, -1, "real");
    }
    const transform = readTransform(view.text("post_transform", "NONE"));
    return transform === "PROBIT" ? transformScores(graph, score, transform) : score;
  },
};

export const svmClassifier: Op = {
  doc,
  build(view, graph) {
    const labels = readLabels(view);
    const perClass = numbersOf(view, "vectors_per_class");
    return perClass.length === 0 ? withoutVectors(view, graph, labels) : byPairs(view, graph, labels, perClass);
  },
};

function withoutVectors(view: NodeView, graph: GraphBuilder, labels: ClassLabels): Tensor[] {
  if (labels.count < 3)
    throw new NodeProblem(
      "ATTRIBUTE_UNSUPPORTED",
      "two classes without support vectors are not decided by their scores; export a LinearClassifier instead",
    );
  const [rho = 0] = numbersOf(view, "rho");
  const bias = new Array<number>(labels.count).fill(rho);
  const scores = weigh(graph, view.operand(0), numbersOf(view, "coefficients"), bias, labels.count);
  const winner = graph.argmax(scores, groupsAlong(scores.shape, 1), [1]);
  const transform = readTransform(view.text("post_transform", "NONE"));
  return [labelAt(graph, winner, labels), transformScores(graph, scores, transform)];
}

/** One decision for each pair of classes, and a vote for its winner; of equals the first class wins (as in LIBSVM). */
function byPairs(view: NodeView, graph: GraphBuilder, labels: ClassLabels, perClass: readonly number[]): Tensor[] {
  const classes = perClass.length;
  const decisions = decide(view, graph, perClass);
  const transform = readTransform(view.text("post_transform", "NONE"));
  const [slope, shift] = [numbersOf(view, "prob_a")[0], numbersOf(view, "prob_b")[0] ?? 0];
  if (slope !== undefined && classes > 2)
    throw new NodeProblem(
      "ATTRIBUTE_UNSUPPORTED",
      "probabilities of more than two classes are the limit of an iteration; train with probability=False",
    );
  if (slope !== undefined) {
    // 1 / (1 + exp(a * decision + b)) is the first class's probability.
    const scaled = affine(graph, decisions, slope, shift);
    const chances = transformScores(graph, rowOf(graph, [affine(graph, scaled, -1), scaled]), "LOGISTIC");
    const second = isAbove(graph, scaled, 0);
    return [labelAt(graph, second, labels), transformScores(graph, chances, transform)];
  }
  if (classes === 2) {
    if (transform === "PROBIT" || transform === "SOFTMAX_ZERO")
      throw new NodeProblem("ATTRIBUTE_UNSUPPORTED", `post_transform ${transform} is not supported here; take NONE`);
    const second = affine(graph, isAbove(graph, decisions, 0), -1, 1, "int");
    return [labelAt(graph, second, labels), bothScores(graph, decisions, transform, transform === "NONE" ? 0 : 1)];
  }
  const pairs = pairsOf(classes);
  const won = affine(graph, graph.step(affine(graph, decisions, -1)), -1, 1, "int");
  const bias = Float64Array.from({ length: classes }, (_, at) => pairs.filter(([, later]) => later === at).length);
  const votes = graph.linear(
    [won],
    [1, classes],
    (row, add) => {
      pairs.forEach(([one, other], at) => {
        if (one === row) add(at, 1);
        if (other === row) add(at, -1);
      });
    },
    { bias, type: "int" },
  );
  const winner = graph.argmax(votes, groupsAlong(votes.shape, 1), [1]);
  return [labelAt(graph, winner, labels), transformScores(graph, decisions, transform)];
}

/** [1, pairs]: above 0 for the first class of a pair. Each class has its vectors next to each other. */
function decide(view: NodeView, graph: GraphBuilder, perClass: readonly number[]): Tensor {
  const supports = perClass.reduce((sum, count) => sum + count, 0);
  const kernels = kernelValues(view, graph, supports);
  const coefficients = numbersOf(view, "coefficients");
  const starts = perClass.map((_, at) => perClass.slice(0, at).reduce((sum, count) => sum + count, 0));
  const pairs = pairsOf(perClass.length);
  const rho = numbersOf(view, "rho");
  return graph.linear(
    [kernels],
    [1, pairs.length],
    (row, add) => {
      const [one, other] = pairs[row] ?? [0, 0];
      for (const [own, against] of [
        [one, other - 1],
        [other, one],
      ] as const)
        for (let at = starts[own] ?? 0; at < (starts[own] ?? 0) + (perClass[own] ?? 0); at++)
          add(at, coefficients[against * supports + at] ?? 0);
    },
    { bias: Float64Array.from(pairs, (_, at) => rho[at] ?? 0) },
  );
}

function pairsOf(classes: number): (readonly [one: number, other: number])[] {
  return Array.from({ length: classes }, (_, one) =>
    Array.from({ length: classes - one - 1 }, (_, at) => [one, one + 1 + at] as const),
  ).flat();
}
