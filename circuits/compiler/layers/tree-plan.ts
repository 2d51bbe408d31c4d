import { bitLength, type Interval, signedBits } from "../graph/interval.ts";
import type { TreesLayer, TreeTest } from "../graph/layer.ts";
import { forEachEntry } from "../graph/matrix.ts";

/** What is left of a tree where tests that the inputs' intervals decide are gone. */
export type Branch = LeafBranch | NodeBranch;

export interface LeafBranch {
  readonly leaf: number;
}

export interface NodeBranch {
  readonly leaf?: never;
  readonly test: number;
  readonly low: Branch;
  readonly high: Branch;
  /** Tests on the longest way down. */
  readonly height: number;
}

export interface TreePlan {
  readonly root: Branch;
  /** The outputs that its leaves count for. */
  readonly outputs: readonly number[];
  /**
   * "values": each node chooses between its children's values, one product for each output, free above two leaves.
   * "shares": what reaches a node is split between its children, one product whatever the outputs, free at the root.
   */
  readonly by: "values" | "shares";
}

/** How the tests on one element are decided. */
export interface ElementPlan {
  readonly element: number;
  /** The edges within its interval, ascending. */
  readonly edges: readonly bigint[];
  /** Neighbouring intervals of it, or a comparison for each edge, or the element itself, which has two values. */
  readonly by: "segments" | "steps" | "itself";
}

export interface Plan {
  readonly elements: readonly ElementPlan[];
  readonly trees: readonly TreePlan[];
  readonly rows: number;
}

/** For each leaf, the outputs that it counts for and by how much. */
export function leafEntries({
  matrix,
}: TreesLayer): readonly (readonly (readonly [output: number, weight: number])[])[] {
  const leaves = Array.from({ length: matrix.columns }, (): (readonly [number, number])[] => []);
  for (let row = 0; row < matrix.rows; row++)
    forEachEntry(matrix, row, (leaf, weight) => leaves[leaf]?.push([row, weight]));
  return leaves;
}

/** The cheapest way to decide all tests that are open and to walk all trees. */
export function planTrees(layer: TreesLayer, input: readonly Interval[]): Plan {
  const leaves = leafEntries(layer);
  const branchOf = prune(layer, input);
  const trees = layer.roots.map((root): TreePlan => {
    const branch = branchOf(root);
    const outputs = new Set<number>();
    forEachLeaf(branch, (leaf) => {
      for (const [output] of leaves[leaf] ?? []) outputs.add(output);
    });
    const { inner, mixed } = countNodes(branch);
    return {
      root: branch,
      outputs: [...outputs].sort((a, b) => a - b),
      by: mixed * outputs.size <= inner - 1 ? "values" : "shares",
    };
  });
  const elements = planElements(layer, trees, input);
  const rows = [...elements.map((plan) => elementRows(plan, input)), ...trees.map(treeRows)];
  return { elements, trees, rows: rows.reduce((sum, own) => sum + own, 0) };
}

/** Whether a test holds on a whole interval; undefined if it depends. */
function decide({ edges }: TreeTest, { lo, hi }: Interval): boolean | undefined {
  const below = edges.filter((edge) => BigInt(edge) <= lo).length;
  return edges.some((edge) => BigInt(edge) > lo && BigInt(edge) <= hi) ? undefined : below % 2 === 1;
}

export function forEachLeaf(branch: Branch, visit: (leaf: number) => void): void {
  const waiting = [branch];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop())
    if (next.leaf === undefined) waiting.push(next.high, next.low);
    else visit(next.leaf);
}

export function forEachNode(branch: Branch, visit: (node: NodeBranch) => void): void {
  const waiting = [branch];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop())
    if (next.leaf === undefined) {
      visit(next);
      waiting.push(next.high, next.low);
    }
}

/** For each root, what is left of its tree. From the last node to the first: children come after their parents. */
function prune({ nodes, tests }: TreesLayer, input: readonly Interval[]): (root: number) => Branch {
  const branches = new Array<Branch | undefined>(nodes.length).fill(undefined);
  const branchOf = (child: number): Branch => branches[child] ?? { leaf: -1 - child };
  const decisions = tests.map((test) => decide(test, input[test.element] ?? { lo: 0n, hi: 0n }));
  for (let at = nodes.length - 1; at >= 0; at--) {
    const { test, low, high } = nodes[at] ?? { test: 0, low: -1, high: -1 };
    const holds = decisions[test];
    const [left, right] = [branchOf(low), branchOf(high)];
    if (holds !== undefined) branches[at] = holds ? right : left;
    else branches[at] = { test, low: left, high: right, height: 1 + Math.max(heightOf(left), heightOf(right)) };
  }
  return branchOf;
}

function heightOf(branch: Branch): number {
  return branch.leaf === undefined ? branch.height : 0;
}

/** All nodes, and those that do not only choose between two leaves. */
function countNodes(branch: Branch): { readonly inner: number; readonly mixed: number } {
  let [inner, mixed] = [0, 0];
  forEachNode(branch, ({ height }) => {
    inner++;
    if (height > 1) mixed++;
  });
  return { inner, mixed };
}

function treeRows({ root, outputs, by }: TreePlan): number {
  const { inner, mixed } = countNodes(root);
  return by === "values" ? mixed * outputs.length : Math.max(0, inner - 1);
}

function planElements(layer: TreesLayer, trees: readonly TreePlan[], input: readonly Interval[]): ElementPlan[] {
  const edgesOf = new Map<number, Set<bigint>>();
  for (const { root } of trees)
    forEachNode(root, ({ test }) => {
      const { element, edges } = layer.tests[test] ?? { element: 0, edges: [] };
      const { lo, hi } = input[element] ?? { lo: 0n, hi: 0n };
      const own = edgesOf.get(element) ?? new Set();
      edgesOf.set(element, own);
      for (const edge of edges.map(BigInt)) if (edge > lo && edge <= hi) own.add(edge);
    });
  return [...edgesOf]
    .sort(([one], [other]) => one - other)
    .map(([element, found]) => {
      const edges = [...found].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
      const ways = (["itself", "segments", "steps"] as const).map((by) => ({ element, edges, by }));
      return ways.reduce((best, way) => (elementRows(way, input) < elementRows(best, input) ? way : best));
    });
}

function elementRows({ element, edges, by }: ElementPlan, input: readonly Interval[]): number {
  const { lo, hi } = input[element] ?? { lo: 0n, hi: 0n };
  switch (by) {
    case "itself":
      return hi - lo === 1n ? 0 : Infinity;
    case "segments":
      return edges.length + 1 + 3 + 2 * lengthBits(segmentsOf(edges, { lo, hi }));
    case "steps":
      return edges.reduce((rows, edge) => rows + signedBits({ lo: lo - edge, hi: hi - edge }) + 1, 0);
  }
}

export function segmentsOf(
  edges: readonly bigint[],
  { lo, hi }: Interval,
): { readonly start: bigint; readonly end: bigint }[] {
  return [lo, ...edges].map((start, at) => ({ start, end: (edges[at] ?? hi + 1n) - 1n }));
}

/** Bits of how far into one of them an element can be. */
export function lengthBits(segments: readonly { readonly start: bigint; readonly end: bigint }[]): number {
  return bitLength(segments.reduce((most, { start, end }) => (end - start > most ? end - start : most), 0n));
}
