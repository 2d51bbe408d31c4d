import type { Binned } from "./bins.ts";
import { LEAF_UNIT, type Leaf, type Split, type Tree } from "./trees.ts";

export interface TreeSettings {
  readonly depth: number;
  /** Added to a leaf's curvature: pulls its value towards zero. */
  readonly ridge: number;
  /** Least rows on either side of a split. */
  readonly leastRows: number;
  /** What a leaf's value is multiplied with. */
  readonly learningRate: number;
}

/** First and second derivative of the loss by the score, for each row. */
export interface Slopes {
  readonly first: Float64Array;
  readonly second: Float64Array;
}

interface Choice {
  readonly feature: number;
  readonly bin: number;
  readonly gain: number;
}

/**
 * Grows one tree on the given rows, level by level in effect, with the split of greatest gain in the second-order
 * expansion of the loss (Chen and Guestrin 2016). Among equal gains the first feature and the lowest threshold win.
 */
export function growTree(
  data: Binned,
  slopes: Slopes,
  rows: Int32Array,
  features: readonly number[],
  settings: TreeSettings,
): Tree {
  const nodes: (Split | Leaf)[] = [];
  const grow = (members: Int32Array, depth: number): number => {
    const at = nodes.length;
    const choice = depth === 0 ? undefined : bestSplit(data, slopes, members, features, settings);
    if (choice === undefined) {
      nodes.push({ value: leafValue(slopes, members, settings) });
      return at;
    }
    nodes.push({ value: 0 });
    const { feature, bin } = choice;
    const goesLeft = (row: number): boolean => (data.bins[feature]?.[row] ?? 0) <= bin;
    const left = grow(members.filter(goesLeft), depth - 1);
    const right = grow(
      members.filter((row) => !goesLeft(row)),
      depth - 1,
    );
    nodes[at] = { feature, threshold: data.thresholds[feature]?.[bin] ?? 0, left, right };
    return at;
  };
  grow(rows, settings.depth);
  return nodes;
}

function leafValue({ first, second }: Slopes, members: Int32Array, { ridge, learningRate }: TreeSettings): number {
  let slope = 0;
  let curvature = ridge;
  for (const row of members) {
    slope += first[row] ?? 0;
    curvature += second[row] ?? 0;
  }
  return Math.round((-learningRate * slope) / curvature / LEAF_UNIT) * LEAF_UNIT;
}

function bestSplit(
  data: Binned,
  slopes: Slopes,
  members: Int32Array,
  features: readonly number[],
  settings: TreeSettings,
): Choice | undefined {
  let best: Choice | undefined;
  for (const feature of features) {
    const choice = splitOf(data, slopes, members, feature, settings);
    if (choice !== undefined && choice.gain > (best?.gain ?? 0)) best = choice;
  }
  return best;
}

/** Rows of a node on one side of a threshold, with the sums of their slopes. */
interface Side {
  readonly rows: number;
  readonly first: number;
  readonly second: number;
}

const NOBODY: Side = { rows: 0, first: 0, second: 0 };

/** The best threshold of one feature, from a histogram of the members' bins. */
function splitOf(
  data: Binned,
  slopes: Slopes,
  members: Int32Array,
  feature: number,
  { ridge, leastRows }: TreeSettings,
): Choice | undefined {
  const bins = histogram(data, slopes, members, feature);
  const all = bins.reduce(both, NOBODY);
  const worth = ({ first, second }: Side): number => (first * first) / (second + ridge);
  let left = NOBODY;
  let best: Choice | undefined;
  bins.slice(0, -1).forEach((side, bin) => {
    left = both(left, side);
    const right = { rows: all.rows - left.rows, first: all.first - left.first, second: all.second - left.second };
    if (left.rows < leastRows || right.rows < leastRows) return;
    const gain = worth(left) + worth(right) - worth(all);
    if (gain > (best?.gain ?? 0)) best = { feature, bin, gain };
  });
  return best;
}

function histogram(data: Binned, { first, second }: Slopes, members: Int32Array, feature: number): Side[] {
  const bins = Array.from({ length: (data.thresholds[feature]?.length ?? 0) + 1 }, () => NOBODY);
  for (const row of members) {
    const bin = data.bins[feature]?.[row] ?? 0;
    bins[bin] = both(bins[bin] ?? NOBODY, { rows: 1, first: first[row] ?? 0, second: second[row] ?? 0 });
  }
  return bins;
}

function both(one: Side, other: Side): Side {
  return { rows: one.rows + other.rows, first: one.first + other.first, second: one.second + other.second };
}
