/** Rows seen through thresholds: the bin of a value is the number of thresholds below it. */
export interface Binned {
  readonly rows: number;
  /** For each feature, the bin of each row. */
  readonly bins: readonly Uint8Array[];
  /** For each feature, ascending, midway between values that occur. */
  readonly thresholds: readonly (readonly number[])[];
}

/** At most `most` (up to 256) bins for each feature, of about equally many rows where values are too many. */
export function binRows(rows: readonly ArrayLike<number>[], features: number, most: number): Binned {
  const thresholds = Array.from({ length: features }, (_, feature) =>
    thresholdsOf(
      rows.map((row) => row[feature] ?? 0),
      most,
    ),
  );
  const bins = thresholds.map((limits, feature) =>
    Uint8Array.from(rows, (row) => limits.filter((limit) => (row[feature] ?? 0) > limit).length),
  );
  return { rows: rows.length, bins, thresholds };
}

function thresholdsOf(values: number[], most: number): number[] {
  const sorted = values.toSorted((a, b) => a - b);
  const cuts = new Map<number, number>();
  for (let at = 1; at < sorted.length; at++) {
    const low = sorted[at - 1] ?? 0;
    const high = sorted[at] ?? 0;
    if (low < high) cuts.set(at, Math.fround((low + high) / 2));
  }
  const places = [...cuts.keys()];
  if (places.length < most) return [...cuts.values()];
  const chosen = new Set<number>();
  for (let part = 1; part < most; part++) {
    const wanted = (part * sorted.length) / most;
    const place = places.find((at) => at >= wanted);
    if (place !== undefined) chosen.add(cuts.get(place) ?? 0);
  }
  return [...chosen];
}
