import type { Forest } from "../../build/graph-builder.ts";
import { NodeProblem } from "../../compile-error.ts";
import type { TreeNode, TreeTest } from "../../graph/layer.ts";
import { buildMatrix } from "../../graph/matrix.ts";
import { withoutPairs } from "../../passes/place-trees.ts";
import { floatBelow, leastAbove } from "./float32.ts";

export type Mode =
  "BRANCH_LEQ" | "BRANCH_LT" | "BRANCH_GTE" | "BRANCH_GT" | "BRANCH_EQ" | "BRANCH_NEQ" | "BRANCH_MEMBER";

/** A tree as a person would draw it. */
export type Tree = Leaf | Split;

export interface Leaf {
  /** What it adds to which output. */
  readonly entries: readonly (readonly [output: number, weight: number])[];
}

export interface Split {
  readonly entries?: never;
  readonly mode: Mode;
  readonly element: number;
  /** One threshold, or the members of a set. */
  readonly values: readonly number[];
  readonly yes: Tree;
  readonly no: Tree;
}

/** Numbers nodes and leaves; equal tests are one. */
export function plantForest(trees: readonly Tree[], bias: readonly number[]): Forest {
  const tests: TreeTest[] = [];
  const places = new Map<string, number>();
  const nodes: TreeNode[] = [];
  const leaves: Leaf["entries"][] = [];
  const testOf = (test: TreeTest): number => {
    const key = `${test.element}:${test.edges.join()}`;
    const known = places.get(key) ?? tests.length;
    if (known === tests.length) tests.push(test);
    places.set(key, known);
    return known;
  };
  const plant = (tree: Tree): number => {
    if (tree.entries !== undefined) {
      leaves.push(tree.entries);
      return -leaves.length;
    }
    const { edges, negated } = edgesOf(tree);
    const at = nodes.length;
    const test = testOf({ element: tree.element, edges });
    nodes.push({ test, low: -1, high: -1 });
    const [low, high] = [plant(negated ? tree.yes : tree.no), plant(negated ? tree.no : tree.yes)];
    nodes[at] = { test, low, high };
    return at;
  };
  const roots = trees.map(plant);
  const rows = bias.map((): [number, number][] => []);
  leaves.forEach((entries, leaf) => {
    for (const [output, weight] of entries) rows[output]?.push([leaf, weight]);
  });
  const matrix = buildMatrix(bias.length, leaves.length, (row, add) => {
    for (const [leaf, weight] of rows[row] ?? []) add(leaf, weight);
  });
  return { tests, nodes, roots, matrix, bias: Float64Array.from(bias) };
}

/**
 * Real numbers at which the answer changes: a threshold t is compared with float32 values, so what rounds to at most t
 * is at most t. `negated` if the edges say when the answer is no.
 */
function edgesOf({ mode, values }: Split): { readonly edges: readonly number[]; readonly negated: boolean } {
  const [value = 0] = values;
  const above = leastAbove(value);
  const from = leastAbove(floatBelow(value));
  switch (mode) {
    case "BRANCH_LEQ":
      return { edges: finite([above]), negated: true };
    case "BRANCH_LT":
      return { edges: finite([from]), negated: true };
    case "BRANCH_GTE":
      return { edges: finite([from]), negated: false };
    case "BRANCH_GT":
      return { edges: finite([above]), negated: false };
    case "BRANCH_EQ":
      return { edges: finite([from, above]), negated: false };
    case "BRANCH_NEQ":
      return { edges: finite([from, above]), negated: true };
    case "BRANCH_MEMBER": {
      const members = [...new Set(values)].sort((a, b) => a - b);
      const edges = members.flatMap((member) => [leastAbove(floatBelow(member)), leastAbove(member)]);
      return { edges: finite(withoutPairs(edges)), negated: false };
    }
  }
}

/** What no number reaches is no edge. */
function finite(edges: readonly number[]): readonly number[] {
  if (edges.some((edge) => Number.isNaN(edge) || edge === -Infinity))
    throw new NodeProblem("VALUE_NOT_FINITE", "a threshold is below every number; leave the node out when exporting");
  return edges.filter((edge) => edge !== Infinity);
}

export function isMode(mode: string): mode is Mode {
  return /^BRANCH_(LEQ|LT|GTE|GT|EQ|NEQ|MEMBER)$/.test(mode);
}
