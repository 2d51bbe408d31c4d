import { boostedScore, type BoostedTrees } from "../training/boosting.ts";
import { accuracyAt, areaUnderRoc, costAt } from "../training/scores.ts";
import { depthOf } from "../training/trees.ts";
import type { Applicant } from "./applicants.ts";

/** What the data's authors say: lending to someone who does not pay costs five times as much as refusing one who would. */
export const MISSED_COST = 5;

/** The score above which refusing costs less than lending: the odds are then better than 1 in `MISSED_COST`. */
export const CHEAPEST_LIMIT = -Math.log(MISSED_COST);

export interface Measured {
  /** The share of right labels (score above zero), between 0 and 1. */
  readonly accuracy: number;
  readonly areaUnderRoc: number;
  /** Mean cost of an applicant if one lends by the label, and by the score with `CHEAPEST_LIMIT`. */
  readonly costByLabel: number;
  readonly costByScore: number;
}

export function measure(model: BoostedTrees, applicants: readonly Applicant[]): Measured {
  return measureScores(
    applicants.map(({ features }) => boostedScore(model, features)),
    applicants.map(({ label }) => label),
  );
}

export function measureScores(scores: readonly number[], labels: readonly number[]): Measured {
  return {
    accuracy: accuracyAt(0, scores, labels),
    areaUnderRoc: areaUnderRoc(scores, labels),
    costByLabel: costAt(0, scores, labels, MISSED_COST),
    costByScore: costAt(CHEAPEST_LIMIT, scores, labels, MISSED_COST),
  };
}

export interface Size {
  readonly splits: number;
  readonly depth: number;
  /** Different pairs of feature and threshold. */
  readonly thresholds: number;
}

export function sizeOf({ trees }: BoostedTrees): Size {
  const splits = trees.flatMap((tree) => tree.flatMap((node) => ("feature" in node ? [node] : [])));
  return {
    splits: splits.length,
    depth: Math.max(...trees.map((tree) => depthOf(tree))),
    thresholds: new Set(splits.map(({ feature, threshold }) => `${feature}:${threshold}`)).size,
  };
}
