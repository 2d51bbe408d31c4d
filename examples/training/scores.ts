/** Area under the ROC curve: the chance that a random positive scores above a random negative, ties counting half. */
export function areaUnderRoc(scores: readonly number[], labels: readonly number[]): number {
  const positives = scores.filter((_, at) => labels[at] === 1);
  const negatives = scores.filter((_, at) => labels[at] === 0);
  let above = 0;
  for (const high of positives) for (const low of negatives) above += high > low ? 1 : high === low ? 0.5 : 0;
  return above / (positives.length * negatives.length);
}

/** The share of scores on the right side of `limit`: above it for label 1. */
export function accuracyAt(limit: number, scores: readonly number[], labels: readonly number[]): number {
  return scores.filter((score, at) => score > limit === (labels[at] === 1)).length / scores.length;
}

/** The mean cost where a missed 1 costs `missed`, a false alarm 1. */
export function costAt(limit: number, scores: readonly number[], labels: readonly number[], missed: number): number {
  const costs = scores.map((score, at) => {
    if (labels[at] === 1) return score > limit ? 0 : missed;
    return score > limit ? 1 : 0;
  });
  return costs.reduce((sum, cost) => sum + cost, 0) / costs.length;
}
