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
 * the bits, lowest first, then base + max(0, floor(number / 2^shift)). With number = a - b and base = b it is the larger
 * of a and b.
 */
export interface ReluGadget {
  readonly kind: "relu";
  readonly sum: Sum;
  readonly bits: number;
  readonly shift: number;
  readonly base: Sum;
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

/** Wire: the product of two sums. */
export interface ProductGadget {
  readonly kind: "product";
  readonly left: Sum;
  readonly right: Sum;
  readonly first: number;
}

/**
 * floor(dividend / divisor), where the divisor is at least 1. Wires: the bits of the quotient less `base`, of the
 * remainder, and of how far the remainder stays below the divisor less 1.
 */
export interface QuotientGadget {
  readonly kind: "quotient";
  readonly dividend: Sum;
  readonly divisor: Sum;
  /** The least quotient. */
  readonly base: bigint;
  readonly quotientBits: number;
  readonly remainderBits: number;
  readonly first: number;
}

/**
 * Which of several neighbouring intervals `sum` lies in; it lies in one. Wires: one per interval (1 for that one), then
 * the bits of how far the sum is above the interval's start and below its end, `bits` of them each.
 */
export interface SegmentsGadget {
  readonly kind: "segments";
  readonly sum: Sum;
  readonly starts: readonly bigint[];
  /** Included; one less than the next start. */
  readonly ends: readonly bigint[];
  readonly bits: number;
  readonly first: number;
}

/**
 * The Poseidon permutation of a capacity element and field elements. Wires: the first element of the result; then, for
 * the rows alone, the inputs that are no wires of their own, what enters S-boxes, and its powers.
 */
export interface PoseidonGadget {
  readonly kind: "poseidon";
  /** 1 to 16; none of them is a constant. */
  readonly inputs: readonly Sum[];
  /** Which inputs are a wire alone. */
  readonly direct: readonly boolean[];
  readonly capacity: bigint;
  readonly first: number;
}

/**
 * `sum` as the integer in [0, field order) that it is. Wires: its 254 bits, lowest first, then 128 bits of how far the
 * highest of them stay below those of the order.
 */
export interface CanonicalGadget {
  readonly kind: "canonical";
  readonly sum: Sum;
  readonly first: number;
}

/** The gadgets by kind. */
export interface GadgetKinds {
  readonly bits: BitsGadget;
  readonly relu: ReluGadget;
  readonly argmax: ArgmaxGadget;
  readonly product: ProductGadget;
  readonly quotient: QuotientGadget;
  readonly segments: SegmentsGadget;
  readonly poseidon: PoseidonGadget;
  readonly canonical: CanonicalGadget;
}

export type GadgetKind = keyof GadgetKinds;
export type Gadget<Kind extends GadgetKind = GadgetKind> = {
  [K in Kind]: GadgetKinds[K] & { readonly kind: K };
}[Kind];

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

/** Some consecutive wires of a gadget under one name. */
export interface Signal {
  readonly name: string;
  readonly size: number;
  /**
   * Whether other gadgets may take it. A result named "out" has size 1; those of a block are one array in the Circom
   * source.
   */
  readonly result: boolean;
}

/** What a gadget writes its Circom statements with. */
export interface CircomWriter {
  /** The identifier of one of the gadget's signals: an array, or a single signal if it is "out". */
  signal(name: string): string;
  /** A name of its own for a variable. */
  local(name: string): string;
  /** Statements that give the variable `target` the value of a sum. */
  assign(target: string, sum: Sum): readonly string[];
}

/** The faces of a gadget. The templates that its Circom statements call are in `circuits/templates`. */
export interface GadgetRules<Kind extends Gadget> {
  /** In the order of the wires. */
  signals(gadget: Kind): readonly Signal[];
  /** What it takes. */
  sums(gadget: Kind): readonly Sum[];
  /** Bits of each of its decompositions. */
  widths(gadget: Kind): readonly number[];
  rows(gadget: Kind, writer: RowWriter): void;
  witness(gadget: Kind, writer: WireWriter): void;
  /** Statements; the variables `sum` and `recomposed` are free to use. */
  circom(gadget: Kind, writer: CircomWriter): readonly string[];
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
