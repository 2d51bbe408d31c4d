import type { onnx } from "onnx-proto";

import type { BoostedTrees } from "./boosting.ts";
import { decimals, integers, node, value, word, words, writeModel } from "./onnx-parts.ts";
import { isLeaf, type Leaf, type Split } from "./trees.ts";

interface Numbered {
  readonly tree: number;
  readonly at: number;
  readonly node: Split | Leaf;
}

/**
 * Writes one TreeEnsembleClassifier: `input` float [1, features] to `label` int64 [1], 1 where the score is above zero,
 * and `scores` float [1, 2], minus the score and the score. The attributes are those that LightGBM's and XGBoost's
 * converters write for two classes: every leaf's weight counts for class id 0, which stands for label 1.
 */
export function writeTrees(file: URL, model: BoostedTrees, name: string, input: string): void {
  writeModel(
    file,
    {
      name,
      node: [
        { ...node("TreeEnsembleClassifier", [input], ["label", "scores"], attributes(model)), domain: "ai.onnx.ml" },
      ],
      input: [value(input, "float", [1, model.features])],
      output: [value("label", "int64", [1]), value("scores", "float", [1, 2])],
    },
    { "": 13, "ai.onnx.ml": 3 },
  );
}

function attributes({ base, trees }: BoostedTrees): onnx.IAttributeProto[] {
  const nodes: Numbered[] = trees.flatMap((tree, index) => tree.map((node, at) => ({ tree: index, at, node })));
  const leaves = nodes.flatMap(({ tree, at, node }) => (isLeaf(node) ? [{ tree, at, value: node.value }] : []));
  const ofSplits = (read: (split: Split) => number): number[] =>
    nodes.map(({ node }) => (isLeaf(node) ? 0 : read(node)));
  return [
    decimals("base_values", [base]),
    integers(
      "class_ids",
      leaves.map(() => 0),
    ),
    integers(
      "class_nodeids",
      leaves.map(({ at }) => at),
    ),
    integers(
      "class_treeids",
      leaves.map(({ tree }) => tree),
    ),
    decimals(
      "class_weights",
      leaves.map((leaf) => leaf.value),
    ),
    integers("classlabels_int64s", [0, 1]),
    integers(
      "nodes_falsenodeids",
      ofSplits(({ right }) => right),
    ),
    integers(
      "nodes_featureids",
      ofSplits(({ feature }) => feature),
    ),
    decimals(
      "nodes_hitrates",
      nodes.map(() => 1),
    ),
    integers(
      "nodes_missing_value_tracks_true",
      nodes.map(() => 0),
    ),
    words(
      "nodes_modes",
      nodes.map(({ node }) => (isLeaf(node) ? "LEAF" : "BRANCH_LEQ")),
    ),
    integers(
      "nodes_nodeids",
      nodes.map(({ at }) => at),
    ),
    integers(
      "nodes_treeids",
      nodes.map(({ tree }) => tree),
    ),
    integers(
      "nodes_truenodeids",
      ofSplits(({ left }) => left),
    ),
    decimals(
      "nodes_values",
      ofSplits(({ threshold }) => threshold),
    ),
    word("post_transform", "NONE"),
  ];
}
