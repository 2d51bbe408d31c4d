import type { NodeView } from "../../build/node-view.ts";
import { NodeProblem } from "../../compile-error.ts";
import { isMode, type Leaf, type Tree } from "./forest.ts";
import { numbersOf } from "./numbers.ts";

/**
 * The trees of TreeEnsembleClassifier ("class") and TreeEnsembleRegressor ("target"), of ai.onnx.ml before opset 5: lists
 * of nodes, which name their tree, their number in it and their children's, and of weights, which name a leaf. Missing
 * values do not exist in integers, so what they track does not matter. The first node of a tree is its root.
 */
export function readTrees(view: NodeView, kind: "class" | "target"): readonly Tree[] {
  const treeIds = numbersOf(view, "nodes_treeids");
  const nodeIds = numbersOf(view, "nodes_nodeids");
  const elements = numbersOf(view, "nodes_featureids");
  const values = numbersOf(view, "nodes_values");
  const yes = numbersOf(view, "nodes_truenodeids");
  const no = numbersOf(view, "nodes_falsenodeids");
  const modes = view.textsAttribute("nodes_modes") ?? [];
  if ([nodeIds, modes, elements, values, yes, no].some(({ length }) => length < treeIds.length))
    throw new NodeProblem("ATTRIBUTE_UNSUPPORTED", "its lists of nodes have different lengths; export the model again");
  const placeOf = new Map<string, number>();
  const roots = new Map<number, number>();
  treeIds.forEach((tree, at) => {
    placeOf.set(`${tree}/${nodeIds[at] ?? 0}`, at);
    if (!roots.has(tree)) roots.set(tree, at);
  });
  const entries = readEntries(view, kind);
  const visited = new Set<number>();
  const read = (tree: number, at: number | undefined): Tree => {
    if (at === undefined || visited.has(at))
      throw new NodeProblem("GRAPH_CYCLE", `tree ${tree} has a node that is missing or has two parents`);
    visited.add(at);
    const mode = modes[at] ?? "LEAF";
    if (mode === "LEAF") return { entries: entries.get(`${tree}/${nodeIds[at] ?? 0}`) ?? [] };
    if (!isMode(mode)) throw new NodeProblem("ATTRIBUTE_UNSUPPORTED", `nodes of mode ${mode} are not known`);
    const child = (id: number | undefined): Tree => read(tree, placeOf.get(`${tree}/${id ?? 0}`));
    const element = elements[at] ?? 0;
    return { mode, element, values: [values[at] ?? 0], yes: child(yes[at]), no: child(no[at]) };
  };
  return [...roots].map(([tree, at]) => read(tree, at));
}

/** For each leaf, what it adds to which output; entries for the same output add up. */
function readEntries(view: NodeView, kind: "class" | "target"): ReadonlyMap<string, Leaf["entries"]> {
  const trees = numbersOf(view, `${kind}_treeids`);
  const nodes = numbersOf(view, `${kind}_nodeids`);
  const outputs = numbersOf(view, `${kind}_ids`);
  const weights = numbersOf(view, `${kind}_weights`);
  const sums = new Map<string, Map<number, number>>();
  trees.forEach((tree, at) => {
    const key = `${tree}/${nodes[at] ?? 0}`;
    const own = sums.get(key) ?? new Map<number, number>();
    const output = outputs[at] ?? 0;
    own.set(output, (own.get(output) ?? 0) + (weights[at] ?? 0));
    sums.set(key, own);
  });
  return new Map([...sums].map(([key, own]) => [key, [...own]] as const));
}
