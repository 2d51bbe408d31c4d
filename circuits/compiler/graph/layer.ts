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

/** Divides by 2^shift, rounding half up. */
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

/** Position of the largest along the middle one of three dimensions; of equals, the lowest position. */
export interface ArgmaxLayer {
  readonly kind: "argmax";
  readonly inputs: readonly [ValueId];
  readonly outer: number;
  readonly classes: number;
  readonly inner: number;
}

/** Along the middle one of three dimensions. Only in a float graph: `fuse` drops it before an argmax. */
export interface SoftmaxLayer {
  readonly kind: "softmax";
  readonly inputs: readonly [ValueId];
  readonly outer: number;
  readonly classes: number;
  readonly inner: number;
}

/**
 * The layers of an integer graph: weights, biases and bounds are safe integers. The same records describe a float
 * graph, where every shift is 0.
 */
export type Layer = LinearLayer | RescaleLayer | ReluLayer | ClipLayer | ArgmaxLayer;
export type FloatLayer = Layer | SoftmaxLayer;

/** Where a layer came from, for reports: the names and operators of the ONNX nodes that were merged into it. */
export interface Origin {
  readonly nodes: readonly string[];
  readonly ops: readonly string[];
  readonly shape: readonly number[];
}
