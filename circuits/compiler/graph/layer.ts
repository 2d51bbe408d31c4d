import type { Matrix } from "./matrix.ts";

/** Values are numbered: first the graph inputs, then one value for each layer, in order. Each is a flat vector. */
export type ValueId = number;

/** `matrix` times the inputs laid end to end, plus `bias`. */
export interface LinearLayer {
  readonly kind: "linear";
  readonly inputs: readonly ValueId[];
  readonly matrix: Matrix;
  readonly bias: Float64Array;
}

/** Divides by 2^shift, rounding half up. In a float graph: a place where bits may be dropped. */
export interface RescaleLayer {
  readonly kind: "rescale";
  readonly inputs: readonly [ValueId];
  readonly size: number;
  readonly shift: number;
}

/** Rescale, then 0 for what is negative. */
export interface ReluLayer {
  readonly kind: "relu";
  readonly inputs: readonly [ValueId];
  readonly size: number;
  readonly shift: number;
}

/** Rescale, then what lies outside [min, max] becomes the nearer end; `null` leaves that side open. */
export interface ClipLayer {
  readonly kind: "clip";
  readonly inputs: readonly [ValueId];
  readonly size: number;
  readonly shift: number;
  readonly min: number | null;
  readonly max: number | null;
}

/** The middle one of three dimensions is what a reduction runs along. */
export interface Groups {
  readonly outer: number;
  readonly classes: number;
  readonly inner: number;
}

/**
 * Position of the largest along the middle dimension; of equals, the lowest position. With `gives` "onehot" the output
 * keeps the input's size: 1 at that position and 0 elsewhere.
 */
export interface ArgmaxLayer extends Groups {
  readonly kind: "argmax";
  readonly inputs: readonly [ValueId];
  readonly gives: "index" | "onehot";
}

/**
 * The `count` largest along the middle dimension, in order; of equals, the lowest position first. For each group and
 * rank, `classes` elements: 1 at the position that has that rank, 0 elsewhere.
 */
export interface RankingLayer extends Groups {
  readonly kind: "ranking";
  readonly inputs: readonly [ValueId];
  readonly count: number;
}

/** The largest along the middle dimension. */
export interface MaxLayer extends Groups {
  readonly kind: "max";
  readonly inputs: readonly [ValueId];
}

/** Element i is element `left[i]` of the first input times element `right[i]` of the second. */
export interface ProductLayer {
  readonly kind: "product";
  readonly inputs: readonly [ValueId, ValueId];
  readonly left: Int32Array;
  readonly right: Int32Array;
}

/**
 * Element i is floor(a / b) for element `left[i]` of the first input and `right[i]` of the second. A divisor that is not
 * above 0 counts as 1.
 */
export interface QuotientLayer {
  readonly kind: "quotient";
  readonly inputs: readonly [ValueId, ValueId];
  readonly left: Int32Array;
  readonly right: Int32Array;
}

/** Element i is `left[i]` of the first input and `right[i]` of the second, bit by bit in two's complement. */
export interface BitAndLayer {
  readonly kind: "bitand";
  readonly inputs: readonly [ValueId, ValueId];
  readonly left: Int32Array;
  readonly right: Int32Array;
}

/** The bits of each element that its mask has too, in two's complement. */
export interface MaskLayer {
  readonly kind: "mask";
  readonly inputs: readonly [ValueId];
  readonly size: number;
  /** One for each element. */
  readonly masks: readonly number[];
}

/** 1 for what is not negative, else 0. */
export interface StepLayer {
  readonly kind: "step";
  readonly inputs: readonly [ValueId];
  readonly size: number;
}

/**
 * A table of straight pieces: for z in [starts[i], starts[i + 1]), round((values[i] + slopes[i] * (z - starts[i])) /
 * 2^shift), half up. What lies below `starts[0]` or above `end` counts as that end.
 */
export interface PiecewiseLayer {
  readonly kind: "piecewise";
  readonly inputs: readonly [ValueId];
  readonly size: number;
  readonly shift: number;
  /** Ascending. */
  readonly starts: readonly number[];
  readonly end: number;
  readonly values: readonly number[];
  readonly slopes: readonly number[];
}

/** For each input element, `count` elements: 1 at the position that it names, 0 elsewhere. What lies outside [0, count) names the nearer end. */
export interface OneHotLayer {
  readonly kind: "onehot";
  readonly inputs: readonly [ValueId];
  readonly size: number;
  readonly count: number;
}

/** Holds if an odd number of `edges`, which ascend, are not above the element. None: never. */
export interface TreeTest {
  readonly element: number;
  readonly edges: readonly number[];
}

/** Children are nodes, or leaves if negative: -1 is leaf 0, -2 leaf 1. */
export interface TreeNode {
  /** Index of the test. */
  readonly test: number;
  /** Where to go if the test fails, and if it holds. */
  readonly low: number;
  readonly high: number;
}

/**
 * Decision trees. An element lands in one leaf of each tree; `matrix` times these leaves (1 for each of them, 0 for all
 * others), plus `bias`.
 */
export interface TreesLayer {
  readonly kind: "trees";
  readonly inputs: readonly [ValueId];
  /** Elements of the input. */
  readonly size: number;
  readonly tests: readonly TreeTest[];
  /** A child comes after its parent, and has one. */
  readonly nodes: readonly TreeNode[];
  /** Numbered as children are. */
  readonly roots: readonly number[];
  /** A row for each output, a column for each leaf. */
  readonly matrix: Matrix;
  readonly bias: Float64Array;
}

/** A real function of one variable, for all elements alike. Only in a float graph: it becomes a piecewise table. */
export interface CurveLayer {
  readonly kind: "curve";
  readonly inputs: readonly [ValueId];
  readonly size: number;
  readonly curve: Curve;
}

export interface Curve {
  /** With its parameters, such as "Elu(alpha=1)". */
  readonly name: string;
  /** Where it is not finite, at a pole or outside its domain, a table holds the nearest value that is. */
  readonly of: (x: number) => number;
  /** Whether small results count as much as large ones, because they are factors of something large. */
  readonly relative?: boolean;
}

/** The quotient by a positive `divisor` as an integer. Only in a float graph. "even" rounds half to even. */
export interface WholeLayer {
  readonly kind: "whole";
  readonly inputs: readonly [ValueId];
  readonly size: number;
  readonly mode: "floor" | "ceil" | "even" | "trunc";
  readonly divisor: number;
}

/**
 * ONNX's QuantizeLinear: x / scale, rounded half to even, plus a zero point, within [min, max]. Only in a float graph:
 * it becomes the multiplication, shift and clip that give the same integers.
 */
export interface QuantizeLayer {
  readonly kind: "quantize";
  readonly inputs: readonly [ValueId];
  readonly size: number;
  /** One for each element, float32. */
  readonly scale: Float64Array;
  readonly zero: Float64Array;
  readonly min: number;
  readonly max: number;
}

/** Along the middle dimension. Only in a float graph: it is dropped before an argmax and else becomes other layers. */
export interface SoftmaxLayer extends Groups {
  readonly kind: "softmax";
  readonly inputs: readonly [ValueId];
  readonly log: boolean;
}

/** The layers of an integer graph, by kind: weights, biases, bounds and tables are safe integers. */
export interface LayerKinds {
  readonly linear: LinearLayer;
  readonly rescale: RescaleLayer;
  readonly relu: ReluLayer;
  readonly clip: ClipLayer;
  readonly argmax: ArgmaxLayer;
  readonly max: MaxLayer;
  readonly ranking: RankingLayer;
  readonly product: ProductLayer;
  readonly step: StepLayer;
  readonly piecewise: PiecewiseLayer;
  readonly onehot: OneHotLayer;
  readonly trees: TreesLayer;
  readonly quotient: QuotientLayer;
  readonly bitand: BitAndLayer;
  readonly mask: MaskLayer;
}

/** What a float graph has besides: the same records, where every shift is 0, and these. */
export interface FloatOnlyKinds {
  readonly curve: CurveLayer;
  readonly whole: WholeLayer;
  readonly softmax: SoftmaxLayer;
  readonly quantize: QuantizeLayer;
}

export type LayerKind = keyof LayerKinds;
export type FloatOnlyKind = keyof FloatOnlyKinds;

/** Written so that a table of rules indexed by a layer's kind takes that layer. */
export type Layer<Kind extends LayerKind = LayerKind> = { [K in Kind]: LayerKinds[K] & { readonly kind: K } }[Kind];
export type FloatOnlyLayer<Kind extends FloatOnlyKind = FloatOnlyKind> = {
  [K in Kind]: FloatOnlyKinds[K] & { readonly kind: K };
}[Kind];
export type FloatLayer = Layer | FloatOnlyLayer;

/** Where a layer came from, for reports: the names and operators of the ONNX nodes that were merged into it. */
export interface Origin {
  readonly nodes: readonly string[];
  readonly ops: readonly string[];
  readonly shape: readonly number[];
}
