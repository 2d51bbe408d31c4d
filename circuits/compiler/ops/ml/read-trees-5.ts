import type { NodeView } from "../../build/node-view.ts";
import { NodeProblem } from "../../compile-error.ts";
import type { Mode, Tree } from "./forest.ts";
import { isConstant, numbersOf } from "./numbers.ts";

/** In the order in which `nodes_modes` counts them. */
const MODES: readonly Mode[] = [
  "BRANCH_LEQ",
  "BRANCH_LT",
  "BRANCH_GTE",
  "BRANCH_GT",
  "BRANCH_EQ",
  "BRANCH_NEQ",
  "BRANCH_MEMBER",
];

/**
 * The trees of TreeEnsemble, of ai.onnx.ml 5: nodes and leaves are numbered through all trees, and each leaf counts for
 * one target. A tree that is a leaf is a node whose children are the same leaf.
 */
export function readTreesOf5(view: NodeView): readonly Tree[] {
  const [elements, splits, modes] = ["nodes_featureids", "nodes_splits", "nodes_modes"].map((name) =>
    numbersOf(view, name),
  );
  const [yes, no] = ["nodes_truenodeids", "nodes_falsenodeids"].map((name) => numbersOf(view, name));
  const [yesLeaf, noLeaf] = ["nodes_trueleafs", "nodes_falseleafs"].map((name) => numbersOf(view, name));
  const [targets, weights] = ["leaf_targetids", "leaf_weights"].map((name) => numbersOf(view, name));
  const sets = readSets(view, modes ?? []);
  const leaf = (at: number): Tree => ({ entries: [[targets?.[at] ?? 0, weights?.[at] ?? 0]] });
  const path = new Set<number>();
  const read = (at: number): Tree => {
    const mode = MODES[modes?.[at] ?? -1];
    if (mode === undefined || path.has(at))
      throw new NodeProblem("ATTRIBUTE_UNSUPPORTED", `node ${at} has no known mode, or is below itself`);
    path.add(at);
    const child = (id: number | undefined, isLeaf: number | undefined): Tree =>
      isLeaf === 1 ? leaf(id ?? 0) : read(id ?? 0);
    const tree = {
      mode,
      element: elements?.[at] ?? 0,
      values: sets.get(at) ?? [splits?.[at] ?? 0],
      yes: child(yes?.[at], yesLeaf?.[at]),
      no: child(no?.[at], noLeaf?.[at]),
    };
    path.delete(at);
    return tree;
  };
  return numbersOf(view, "tree_roots").map((root) => read(root));
}

/** The members of each set, in the order of the nodes that have one; something that is no number ends each. */
function readSets(view: NodeView, modes: readonly number[]): ReadonlyMap<number, readonly number[]> {
  const members = view.node.attributes.get("membership_values");
  const found: number[][] = [[]];
  if (isConstant(members))
    for (const value of members.values)
      if (Number.isNaN(value)) found.push([]);
      else found.at(-1)?.push(value);
  const nodes = modes.flatMap((mode, at) => (MODES[mode] === "BRANCH_MEMBER" ? [at] : []));
  return new Map(nodes.map((at, index) => [at, found[index] ?? []] as const));
}
