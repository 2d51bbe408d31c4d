import { affine, weightedSum } from "../../build/arithmetic.ts";
import type { GraphBuilder } from "../../build/graph-builder.ts";
import { knownTensor, type Tensor } from "../../build/tensor.ts";
import { NodeProblem } from "../../compile-error.ts";
import type { Op } from "../op.ts";
import { plantForest, type Tree } from "./forest.ts";
import { numbersOf } from "./numbers.ts";
import { type PostTransform, readTransform, transformScores } from "./post-transform.ts";
import { readTrees } from "./read-trees.ts";
import { readTreesOf5 } from "./read-trees-5.ts";
import { TREE_DOC } from "./tree-doc.ts";

type Aggregate = "SUM" | "AVERAGE" | "MIN" | "MAX";

export const treeEnsembleRegressor: Op = {
  doc: TREE_DOC,
  build(view, graph) {
    const aggregate = readAggregate(view.text("aggregate_function", "SUM"));
    const transform = readTransform(view.text("post_transform", "NONE"));
    const base = numbersOf(view, "base_values");
    const targets = view.number("n_targets", 1);
    return aggregateTrees(graph, view.operand(0), readTrees(view, "target"), { aggregate, transform, base, targets });
  },
};

const AGGREGATES: readonly Aggregate[] = ["AVERAGE", "SUM", "MIN", "MAX"];
const TRANSFORMS: readonly PostTransform[] = ["NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO", "PROBIT"];

export const treeEnsemble: Op = {
  doc: TREE_DOC,
  build(view, graph) {
    const aggregate = AGGREGATES[view.number("aggregate_function", 1)];
    const transform = TRANSFORMS[view.number("post_transform", 0)];
    if (aggregate === undefined || transform === undefined)
      throw new NodeProblem("ATTRIBUTE_UNSUPPORTED", "its aggregate_function or post_transform is not known");
    const targets = view.number("n_targets", 1);
    return aggregateTrees(graph, view.operand(0), readTreesOf5(view), { aggregate, transform, base: [], targets });
  },
};

interface Regression {
  readonly aggregate: Aggregate;
  readonly transform: PostTransform;
  readonly base: readonly number[];
  readonly targets: number;
}

function readAggregate(name: string): Aggregate {
  const found = AGGREGATES.find((aggregate) => aggregate === name);
  if (found === undefined) throw new NodeProblem("ATTRIBUTE_UNSUPPORTED", `aggregate_function ${name} is not known`);
  return found;
}

/** [1, targets]. A single target is only transformed by PROBIT, as ONNX Runtime does. */
function aggregateTrees(
  graph: GraphBuilder,
  input: Tensor,
  trees: readonly Tree[],
  { aggregate, transform, base, targets }: Regression,
): Tensor {
  if (base.length > 0 && base.length !== targets)
    throw new NodeProblem("ATTRIBUTE_UNSUPPORTED", `${base.length} base_values for ${targets} targets`);
  const bias = Array.from({ length: targets }, (_, at) => base[at] ?? 0);
  const summed =
    aggregate === "SUM" || aggregate === "AVERAGE"
      ? graph.trees(
          input,
          plantForest(
            trees.map((tree) => scaleTree(tree, aggregate === "SUM" ? 1 : 1 / trees.length)),
            bias,
          ),
          [1, targets],
        )
      : extremeTrees(graph, input, trees, bias, aggregate);
  return targets > 1 || transform === "PROBIT" ? transformScores(graph, summed, transform) : summed;
}

/** Each tree has outputs of its own, of which the largest counts. */
function extremeTrees(
  graph: GraphBuilder,
  input: Tensor,
  trees: readonly Tree[],
  bias: readonly number[],
  aggregate: "MIN" | "MAX",
): Tensor {
  const sign = aggregate === "MAX" ? 1 : -1;
  const own = trees.map((tree, at) => {
    if (!countsForAll(tree, bias.length))
      throw new NodeProblem(
        "ATTRIBUTE_UNSUPPORTED",
        `${aggregate} over trees whose leaves do not count for every target is not supported; take SUM`,
      );
    return moveTree(scaleTree(tree, sign), at * bias.length);
  });
  const outputs = new Array<number>(trees.length * bias.length).fill(0);
  const all = graph.trees(input, plantForest(own, outputs), [trees.length, bias.length]);
  const most = graph.max(all, { outer: 1, classes: trees.length, inner: bias.length }, [1, bias.length]);
  return weightedSum(graph, [affine(graph, most, sign), knownTensor([1, bias.length], bias)], [1, 1]);
}

function countsForAll(tree: Tree, targets: number): boolean {
  if (tree.entries === undefined) return countsForAll(tree.yes, targets) && countsForAll(tree.no, targets);
  return tree.entries.length === targets;
}

function scaleTree(tree: Tree, factor: number): Tree {
  return mapLeaves(tree, ([output, weight]) => [output, weight * factor]);
}

function moveTree(tree: Tree, by: number): Tree {
  return mapLeaves(tree, ([output, weight]) => [output + by, weight]);
}

type Entry = readonly [output: number, weight: number];

function mapLeaves(tree: Tree, change: (entry: Entry) => Entry): Tree {
  if (tree.entries !== undefined) return { entries: tree.entries.map(change) };
  return { ...tree, yes: mapLeaves(tree.yes, change), no: mapLeaves(tree.no, change) };
}
