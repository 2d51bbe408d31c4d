import { ZeroHash } from "ethers";

/** What the registry says of the enclave's key, times in seconds. */
export interface EnrolmentState {
  /** Zero if it is not enrolled for this worker in the present key epoch. */
  readonly expiresAt: number;
  readonly enrolledAt: number;
  /** Of the quote that enrolled it. */
  readonly quoteHash: string;
  /** The expiry that this quote was given at first: the present one is earlier after a notice. */
  readonly promised: number;
}

export const NOT_ENROLLED: EnrolmentState = { expiresAt: 0, enrolledAt: 0, quoteHash: ZeroHash, promised: 0 };

export type EnrolmentNews = "enrolled" | "on notice" | "ended";

/** The state after a look at the registry. */
export function afterLook(
  before: EnrolmentState,
  found: Omit<EnrolmentState, "promised"> | null,
): { readonly state: EnrolmentState; readonly news: EnrolmentNews | null } {
  if (found === null) return { state: NOT_ENROLLED, news: before.expiresAt > 0 ? "ended" : null };
  const isSame = found.quoteHash === before.quoteHash;
  const state = { ...found, promised: isSame ? before.promised : found.expiresAt };
  if (!isSame) return { state, news: "enrolled" };
  return { state, news: isOnNotice(state) && !isOnNotice(before) ? "on notice" : null };
}

export function isOnNotice({ expiresAt, promised }: EnrolmentState): boolean {
  return expiresAt < promised;
}

/**
 * Whether it is time for another quote: there is no enrolment, it is on notice, or it ends soon.
 * @param renewBefore seconds before the end; half of its life counts, if that is less.
 */
export function needsQuote(state: EnrolmentState, now: number, renewBefore: number): boolean {
  const { expiresAt, enrolledAt, promised } = state;
  return isOnNotice(state) || expiresAt <= now + Math.min(renewBefore, (promised - enrolledAt) / 2);
}
