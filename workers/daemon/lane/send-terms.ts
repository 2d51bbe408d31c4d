/** What a send may cost, and until when it is of use. Follows from the job (`job/spending.ts`). */
export interface SendTerms {
  /** Chain time after which it would come too late; null: nothing presses. */
  readonly dueAt: number | null;
  /** Wei that its gas may cost at most; null: only the price of gas has a cap, as where stake would be lost. */
  readonly most: bigint | null;
}

/** For sends that belong to no job. */
export const NO_TERMS: SendTerms = { dueAt: null, most: null };

/** Of a transaction for several: due when the first of them is. */
export function earliest(terms: readonly SendTerms[]): number | null {
  const times = terms.flatMap(({ dueAt }) => dueAt ?? []);
  return times.length === 0 ? null : Math.min(...times);
}
