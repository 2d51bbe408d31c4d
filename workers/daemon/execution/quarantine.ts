/** Errors of a version that ended its executor, or its prover. */
export const FAULT_CODES: ReadonlySet<string> = new Set([
  "EXECUTOR_CRASHED",
  "EXECUTOR_TIMEOUT",
  "EXECUTOR_MEMORY",
  "PROVER_CRASHED",
]);

/** Why new jobs of a version are not taken: its executor was ended by it again and again. */
export interface Quarantined {
  readonly versionId: string;
  /** Since the last long time without one. */
  readonly faults: number;
  /** What the last one was. */
  readonly why: string;
  /** Milliseconds since 1970. */
  readonly until: number;
}

export interface Quarantine {
  /** Notes a fault, and returns the quarantine that follows from it, if any. */
  note(versionId: string, why: string): Quarantined | null;
  of(versionId: string): Quarantined | null;
  all(): readonly Quarantined[];
}

export interface QuarantineOptions {
  /** Faults before the first quarantine, this one included. */
  readonly faults: number;
  /** The first one; each further fault doubles it. */
  readonly seconds: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

const LONGEST = 6 * 3600;
/** Seconds without a fault, after the end of a quarantine, that make up for all of them. */
const FORGIVEN = 3600;

/**
 * Counts the faults of versions. A fault costs a process and the time of one job, and a model that makes them for some
 * inputs could be made to make them all the time: so the pauses grow.
 */
export function createQuarantine({ faults: most, seconds, now }: QuarantineOptions): Quarantine {
  const known = new Map<string, Quarantined>();
  const of = (versionId: string): Quarantined | null => {
    const found = known.get(versionId);
    return found !== undefined && found.until > now() ? found : null;
  };
  return {
    of,
    all: () => [...known.keys()].flatMap((versionId) => of(versionId) ?? []),
    note(versionId, why) {
      const before = known.get(versionId);
      const isForgiven = before === undefined || now() > before.until + FORGIVEN * 1000;
      const faults = isForgiven ? 1 : before.faults + 1;
      const pause = faults < most ? 0 : Math.min(LONGEST, seconds * 2 ** (faults - most));
      known.set(versionId, { versionId, faults, why, until: now() + pause * 1000 });
      return of(versionId);
    },
  };
}
