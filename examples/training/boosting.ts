import { binRows } from "./bins.ts";
import { growTree, type TreeSettings } from "./grow-tree.ts";
import type { Random } from "./prng.ts";
import { LEAF_UNIT, leafOf, scoreOf, type Tree } from "./trees.ts";

export interface BoostingSettings extends TreeSettings {
  readonly trees: number;
  /** The share of rows and of features that each tree sees. */
  readonly rowShare: number;
  readonly featureShare: number;
  /** Bins of a feature, at most: one more than its thresholds. */
  readonly bins: number;
}

/** score = base + the sum of the trees' leaves: the logarithm of the odds of class 1. */
export interface BoostedTrees {
  readonly features: number;
  readonly base: number;
  readonly trees: readonly Tree[];
}

/** Gradient boosting with logistic loss (Friedman 2001). The same arguments give the same trees. */
export function boost(
  rows: readonly ArrayLike<number>[],
  labels: readonly number[],
  settings: BoostingSettings,
  random: Random,
): BoostedTrees {
  const features = rows[0]?.length ?? 0;
  const data = binRows(rows, features, settings.bins);
  const positive = labels.reduce((sum, label) => sum + label, 0) / labels.length;
  const base = Math.round(Math.log(positive / (1 - positive)) / LEAF_UNIT) * LEAF_UNIT;
  const scores = new Float64Array(rows.length).fill(base);
  const slopes = { first: new Float64Array(rows.length), second: new Float64Array(rows.length) };
  const trees: Tree[] = [];
  for (let round = 0; round < settings.trees; round++) {
    scores.forEach((score, row) => {
      const chance = probability(score);
      slopes.first[row] = chance - (labels[row] ?? 0);
      slopes.second[row] = chance * (1 - chance);
    });
    const seenRows = Int32Array.from(someOf(rows.length, settings.rowShare, random));
    const seenFeatures = [...someOf(features, settings.featureShare, random)];
    const tree = growTree(data, slopes, seenRows, seenFeatures, settings);
    rows.forEach((row, at) => (scores[at] = (scores[at] ?? 0) + leafOf(tree, row)));
    trees.push(tree);
  }
  return { features, base, trees };
}

export function probability(score: number): number {
  return 1 / (1 + Math.exp(-score));
}

export function boostedScore({ base, trees }: BoostedTrees, row: ArrayLike<number>): number {
  return base + scoreOf(trees, row);
}

/** A share of the integers below `count`, ascending. */
function someOf(count: number, share: number, random: Random): Uint32Array {
  return random
    .permutation(count)
    .subarray(0, Math.ceil(count * share))
    .sort();
}
