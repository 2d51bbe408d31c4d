/** Go to `left` if x[feature] <= threshold, else to `right`: indexes into the tree's nodes. */
export interface Split {
  readonly feature: number;
  /** Exact in float32. */
  readonly threshold: number;
  readonly left: number;
  readonly right: number;
}

export interface Leaf {
  readonly value: number;
}

/** The root is node 0; children come after their parent. */
export type Tree = readonly (Split | Leaf)[];

/** Leaves are whole multiples of this, so that float32 adds up a few thousand of them without rounding. */
export const LEAF_UNIT = 2 ** -10;

export function isLeaf(node: Split | Leaf): node is Leaf {
  return "value" in node;
}

/** The value of the leaf that `row` ends in. */
export function leafOf(tree: Tree, row: ArrayLike<number>): number {
  let node = tree[0];
  while (node !== undefined && !isLeaf(node))
    node = tree[(row[node.feature] ?? 0) <= node.threshold ? node.left : node.right];
  return node?.value ?? 0;
}

/** The sum over all trees: the logarithm of the odds of class 1, but for the model's base. */
export function scoreOf(trees: readonly Tree[], row: ArrayLike<number>): number {
  return trees.reduce((sum, tree) => sum + leafOf(tree, row), 0);
}

export function depthOf(tree: Tree, at = 0): number {
  const node = tree[at];
  if (node === undefined || isLeaf(node)) return 0;
  return 1 + Math.max(depthOf(tree, node.left), depthOf(tree, node.right));
}
