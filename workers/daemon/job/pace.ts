import { domainSize, proveSeconds } from "../../../circuits/compiler/index.ts";
import type { Policy } from "./policy.ts";

/** Seconds that steps take on this machine, rather too many than too few. */
export interface Pace {
  readonly answer: number;
  /** Of an enclave's signature. */
  readonly Tee: number;
  /** Of a proof. */
  readonly Zkml: number;
}

/** Size of a version's circuit, as its manifest has it. */
export interface CircuitSize {
  readonly constraints: number;
  readonly publicSignals: number;
}

/** Milliseconds that runs and proofs of one version took here, newest last. */
export interface Times {
  readonly answers: readonly number[];
  readonly proofs: readonly number[];
}

/** A version of which there are measurements. */
export interface Known {
  readonly size: CircuitSize | null;
  readonly times: Times;
}

export const NO_TIMES: Times = { answers: [], proofs: [] };

/** How much longer than the middle one of the measured times the next may take. */
const ROOM = 1.5;
/** How much longer a first proof may take than one on the machine that the estimate was measured on. */
const UNKNOWN_MACHINE = 2;

/**
 * How long this machine will take: as measured with the version; before its first proof as its circuit's size lets
 * expect, corrected by what proofs of other versions took here; and where nothing is known as the policy says.
 */
export function paceOf(
  version: Known,
  others: readonly Known[],
  { expectedSeconds }: Pick<Policy, "expectedSeconds">,
): Pace {
  const { size, times } = version;
  return {
    answer: measured(times.answers) ?? expectedSeconds.Vanilla,
    Tee: expectedSeconds.Tee,
    Zkml:
      measured(times.proofs) ??
      (size === null ? expectedSeconds.Zkml : ROOM * estimateSeconds(size) * (slowness(others) ?? UNKNOWN_MACHINE)),
  };
}

/** Of a proof with a warm key, on the machine where the compiler's estimate was measured. */
export function estimateSeconds({ constraints, publicSignals }: CircuitSize): number {
  return proveSeconds(domainSize(constraints, publicSignals));
}

function measured(milliseconds: readonly number[]): number | undefined {
  const usual = middle(milliseconds);
  return usual === undefined ? undefined : (usual / 1000) * ROOM;
}

/** How many times as long as estimated proofs take here. */
function slowness(others: readonly Known[]): number | undefined {
  const ratios = others.flatMap(({ size, times }) => {
    const usual = middle(times.proofs);
    return size === null || usual === undefined ? [] : [usual / 1000 / estimateSeconds(size)];
  });
  return middle(ratios);
}

function middle(values: readonly number[]): number | undefined {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)];
}
