import { affine } from "../../build/arithmetic.ts";
import { groupsAlong } from "../../build/axes.ts";
import type { GraphBuilder } from "../../build/graph-builder.ts";
import { knownTensor, type Tensor } from "../../build/tensor.ts";
import { NodeProblem } from "../../compile-error.ts";
import type { Op } from "../op.ts";
import { type ClassLabels, isAbove, labelAt, plainLabel, readLabels, rowOf } from "./class-labels.ts";
import { bothScores } from "./both-scores.ts";
import { plantForest } from "./forest.ts";
import { numbersOf } from "./numbers.ts";
import { type PostTransform, readTransform, transformScores } from "./post-transform.ts";
import { readTrees } from "./read-trees.ts";
import { TREE_DOC } from "./tree-doc.ts";

interface Classifier {
  readonly graph: GraphBuilder;
  readonly labels: ClassLabels;
  readonly transform: PostTransform;
  readonly base: readonly number[];
  /** The classes that leaves count for, ascending. */
  readonly counted: readonly number[];
  /** Of a class of its own. */
  readonly scoreOf: (output: number) => Tensor;
  /** Without a negative weight, a score of two classes is a probability. */
  readonly positive: boolean;
}

/**
 * What the standard leaves open for two classes is decided as ONNX Runtime does: with leaves for a single class, its score
 * stands for the second class, which wins above 0, or above 1/2 if no weight is negative.
 */
export const treeEnsembleClassifier: Op = {
  doc: TREE_DOC,
  build(view, graph) {
    const input = view.operand(0);
    const labels = readLabels(view);
    const base = numbersOf(view, "base_values");
    const weights = numbersOf(view, "class_weights");
    const trees = readTrees(view, "class");
    const counted = [...new Set(numbersOf(view, "class_ids"))].sort((a, b) => a - b);
    if (counted.some((id) => id < 0 || id >= Math.max(labels.count, 1)))
      throw new NodeProblem("ATTRIBUTE_UNSUPPORTED", "a leaf counts for a class that has no label");
    const multiple = labels.count > 2;
    if (base.length > 0 && base.length !== labels.count && (multiple || base.length > 2))
      throw new NodeProblem("ATTRIBUTE_UNSUPPORTED", `${base.length} base_values for ${labels.count} classes`);
    const bias = Array.from({ length: labels.count }, (_, at) => baseFor(at, base, counted, labels.count));
    const scores = graph.trees(input, plantForest(trees, bias), [1, labels.count]);
    const classifier: Classifier = {
      graph,
      labels,
      transform: readTransform(view.text("post_transform", "NONE")),
      base,
      counted,
      scoreOf: (output) => graph.take([scores], [1, 1], [output]),
      positive: weights.every((weight) => weight >= 0),
    };
    if (multiple) return severalClasses(classifier, scores);
    return labels.count === 1 ? oneClass(classifier) : twoClasses(classifier);
  },
};

/** Which base value a class's score starts with. */
function baseFor(at: number, base: readonly number[], counted: readonly number[], classes: number): number {
  if (classes > 2) return base[at] ?? 0;
  if (base.length === 2 && counted.length === 2) return at === 0 ? (base[1] ?? 0) : 0;
  return at === 0 ? (base[0] ?? 0) : 0;
}

/** Classes that no leaf counts for cannot win, unless they have a base value. */
function severalClasses({ graph, labels, transform, base, counted }: Classifier, scores: Tensor): Tensor[] {
  const running = base.length > 0 ? Array.from({ length: labels.count }, (_, at) => at) : counted;
  const contenders = graph.take([scores], [1, running.length], running);
  const winner = graph.argmax(contenders, groupsAlong(contenders.shape, 1), [1]);
  const position = running.length === labels.count ? winner : positionOf(graph, winner, running);
  return [labelAt(graph, position, labels), transformScores(graph, scores, transform)];
}

function positionOf(graph: GraphBuilder, winner: Tensor, running: readonly number[]): Tensor {
  return labelAt(graph, winner, { count: running.length, integers: running });
}

function oneClass({ graph, labels, transform, base, scoreOf }: Classifier): Tensor[] {
  if (base.length > 1) throw new NodeProblem("ATTRIBUTE_UNSUPPORTED", "two base_values for one class");
  const score = scoreOf(0);
  const transformed = transform === "PROBIT" ? transformScores(graph, score, transform) : score;
  return [plainLabel(isAbove(graph, score, 0), { count: 2, texts: [labels.texts?.[0] ?? "0", "1"] }), transformed];
}

function twoClasses(classifier: Classifier): Tensor[] {
  const { graph, labels, transform, base, counted, scoreOf, positive } = classifier;
  const bound = positive ? 0.5 : 0;
  if (counted.length === 2) {
    // ONNX Runtime answers 1 or 0 here, whatever the labels are.
    const mirrored = base.length === 2;
    const scores = mirrored ? [affine(graph, scoreOf(0), -1), scoreOf(0)] : [scoreOf(0), scoreOf(1)];
    const label = plainLabel(isAbove(graph, scores[1] ?? scoreOf(1), 0), labels);
    return [label, transformScores(graph, rowOf(graph, scores), transform)];
  }
  if (counted[0] === 1) {
    if (base.length === 2)
      throw new NodeProblem(
        "ATTRIBUTE_UNSUPPORTED",
        "with two base_values and leaves for the second class alone, ONNX Runtime ignores the trees; use class id 0",
      );
    const scores = rowOf(graph, [knownTensor([1, 1], [0]), scoreOf(1)]);
    return [labelAt(graph, isAbove(graph, scoreOf(1), bound), labels), transformScores(graph, scores, transform)];
  }
  const score = scoreOf(0);
  const label = labelAt(graph, isAbove(graph, score, bound), labels);
  if (base.length === 2)
    return [label, transformScores(graph, rowOf(graph, [score, knownTensor([1, 1], [0])]), transform)];
  return [label, bothScores(graph, score, transform, positive ? 1 : 0)];
}
