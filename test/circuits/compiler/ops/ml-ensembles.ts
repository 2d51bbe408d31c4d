import { xorshift } from "../../../../circuits/compiler/passes/xorshift.ts";
import type { TestAttribute, TestModel } from "../build-onnx.ts";

export interface EnsembleShape {
  readonly trees: number;
  readonly depth: number;
  readonly features: number;
  readonly seed: number;
  /** The thresholds of a feature: few, as bins of a histogram are. */
  readonly thresholds: (feature: number) => readonly number[];
  readonly modes?: readonly string[];
  /** Ids that each leaf, in turn, gives weights to. */
  readonly targets?: (tree: number) => readonly number[];
  readonly weight?: (next: () => number) => number;
  /** Chance that a node above the last level is a leaf already. */
  readonly stop?: number;
}

/** Random trees as attributes of TreeEnsembleClassifier ("class") or TreeEnsembleRegressor ("target"). */
export function ensembleAttributes(kind: "class" | "target", shape: EnsembleShape): Record<string, TestAttribute> {
  const next = xorshift(shape.seed | 1);
  const pick = <Item>(items: readonly Item[], fallback: Item): Item =>
    items[Math.floor(next() * items.length)] ?? fallback;
  const nodes: { tree: number; id: number; feature: number; value: number; mode: string; yes: number; no: number }[] =
    [];
  const leaves: { tree: number; id: number; target: number; weight: number }[] = [];
  for (let tree = 0; tree < shape.trees; tree++) {
    let count = 0;
    const grow = (depth: number): number => {
      const id = count++;
      const isLeaf = depth === shape.depth || (depth > 0 && next() < (shape.stop ?? 0));
      const feature = Math.floor(next() * shape.features);
      const node = { tree, id, feature, value: 0, mode: "LEAF", yes: 0, no: 0 };
      nodes.push(node);
      if (isLeaf)
        for (const target of shape.targets?.(tree) ?? [0])
          leaves.push({ tree, id, target, weight: Math.fround((shape.weight ?? ((draw) => draw() - 0.5))(next)) });
      else {
        node.value = Math.fround(pick(shape.thresholds(feature), 0));
        node.mode = pick(shape.modes ?? ["BRANCH_LEQ"], "BRANCH_LEQ");
        node.yes = grow(depth + 1);
        node.no = grow(depth + 1);
      }
      return id;
    };
    grow(0);
  }
  return {
    nodes_treeids: nodes.map(({ tree }) => tree),
    nodes_nodeids: nodes.map(({ id }) => id),
    nodes_featureids: nodes.map(({ feature }) => feature),
    nodes_values: { floats: nodes.map(({ value }) => value) },
    nodes_modes: nodes.map(({ mode }) => mode),
    nodes_truenodeids: nodes.map(({ yes }) => yes),
    nodes_falsenodeids: nodes.map(({ no }) => no),
    nodes_missing_value_tracks_true: nodes.map(() => 0),
    nodes_hitrates: { floats: nodes.map(() => 1) },
    [`${kind}_treeids`]: leaves.map(({ tree }) => tree),
    [`${kind}_nodeids`]: leaves.map(({ id }) => id),
    [`${kind}_ids`]: leaves.map(({ target }) => target),
    [`${kind}_weights`]: { floats: leaves.map(({ weight }) => weight) },
  };
}

/** One node of ai.onnx.ml on x, whose outputs are the graph's. */
export function mlModel(
  op: string,
  attributes: Record<string, TestAttribute>,
  options: { readonly features: number; readonly outputs?: readonly string[]; readonly mlOpset?: number },
): TestModel {
  const outputs = options.outputs ?? ["y"];
  return {
    inputs: [{ name: "x", shape: ["n", options.features] }],
    outputs,
    mlOpset: options.mlOpset ?? 3,
    nodes: [{ op, domain: "ai.onnx.ml", inputs: ["x"], outputs, attributes }],
  };
}
