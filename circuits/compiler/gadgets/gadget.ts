/** Integer weights on scalars of the program, plus a constant: what a gadget takes. It costs nothing to write one. */
export interface Sum {
  /** Scalar ids, ascending. */
  readonly scalars: readonly number[];
  readonly weights: readonly bigint[];
  readonly constant: bigint;
}

/** Proves 0 <= sum < 2^bits. Wires: the bits of the sum, lowest first. */
export interface BitsGadget {
  readonly kind: "bits";
  readonly sum: Sum;
  readonly bits: number;
  readonly first: number;
}

/**
 * `sum` is a number in offset binary, that is plus 2^(bits - 1), so that its top bit is 1 unless it is negative. Wires:
 * the bits, lowest first, then max(0, floor(number / 2^shift)).
 */
export interface ReluGadget {
  readonly kind: "relu";
  readonly sum: Sum;
  readonly bits: number;
  readonly shift: number;
  readonly first: number;
}

/**
 * Which sum is the largest, the first one of equals. Wires: one per class (1 for the winner), the largest value, then
 * for each class the bits of how far it stays behind (`gaps[i]` of them, at least one).
 */
export interface ArgmaxGadget {
  readonly kind: "argmax";
  readonly sums: readonly Sum[];
  readonly gaps: readonly number[];
  readonly first: number;
}

export type Gadget = BitsGadget | ReluGadget | ArgmaxGadget;

/** Linear in wires: pairs of wire and integer coefficient, plus a constant. */
export interface WireSum {
  readonly terms: readonly (readonly [wire: number, coefficient: bigint])[];
  readonly constant: bigint;
}

/** What a gadget writes its rows with; coefficients may be any integers. */
export interface RowWriter {
  /** The sum in wires. */
  expand(sum: Sum): WireSum;
  /** left * right = result */
  product(left: WireSum, right: WireSum, result: WireSum): void;
  /** sum = 0 */
  zero(sum: WireSum): void;
}

/** What a gadget fills in its wires with. */
export interface WireWriter {
  valueOf(sum: Sum): bigint;
  set(wire: number, value: bigint): void;
}

/** Two of the three faces of a gadget; the third, its Circom text, is in `emit/` and `circuits/templates`. */
export interface GadgetRules<Kind extends Gadget> {
  wireCount(gadget: Kind): number;
  rows(gadget: Kind, writer: RowWriter): void;
  witness(gadget: Kind, writer: WireWriter): void;
}

export const NOTHING: WireSum = { terms: [], constant: 0n };

export function wireAlone(wire: number): WireSum {
  return { terms: [[wire, 1n]], constant: 0n };
}

/** Sum over k of 2^k times wire first + k. */
export function binary(first: number, bits: number): WireSum {
  return {
    terms: Array.from({ length: bits }, (_, k) => [first + k, 1n << BigInt(k)] as const),
    constant: 0n,
  };
}

export function minus(left: WireSum, right: WireSum): WireSum {
  return {
    terms: [...left.terms, ...right.terms.map(([wire, coefficient]) => [wire, -coefficient] as const)],
    constant: left.constant - right.constant,
  };
}
