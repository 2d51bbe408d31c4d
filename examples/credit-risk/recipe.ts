import { boost, type BoostedTrees, type BoostingSettings } from "../training/boosting.ts";
import { createRandom } from "../training/prng.ts";
import type { Applicant } from "./applicants.ts";

/** Chosen by the table in README.md: deeper trees cost more and are no better on the 160 applicants left out. */
export const CHOSEN: BoostingSettings = {
  trees: 100,
  depth: 3,
  ridge: 1,
  leastRows: 10,
  learningRate: 0.1,
  rowShare: 0.7,
  featureShare: 0.5,
  bins: 32,
};

/** Grown as far as depth 6 allows: a model of the size that lenders use, to measure circuits with. */
export const LARGE: BoostingSettings = {
  trees: 100,
  depth: 6,
  ridge: 0.1,
  leastRows: 1,
  learningRate: 0.05,
  rowShare: 1,
  featureShare: 1,
  bins: 64,
};

const SEED = 3;

export function trainOn(applicants: readonly Applicant[], settings: BoostingSettings): BoostedTrees {
  return boost(
    applicants.map(({ features }) => features),
    applicants.map(({ label }) => label),
    settings,
    createRandom(SEED),
  );
}
