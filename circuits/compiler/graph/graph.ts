import type { NamedTensorSpec } from "../../format/manifest.ts";
import type { Visibility } from "../../format/visibility.ts";
import type { TensorType } from "../build/tensor.ts";
import type { FloatLayer, Layer, Origin, ValueId } from "./layer.ts";

export interface FloatInput {
  readonly name: string;
  readonly shape: readonly number[];
}

export interface FloatOutput {
  readonly name: string;
  readonly shape: readonly number[];
  readonly type: TensorType;
  /** What each class is called, if the elements count classes from 0. */
  readonly labels?: readonly string[];
  readonly value: ValueId;
}

/** The model as real arithmetic on flat vectors. Softmax may still be in it before `fuse`. */
export interface FloatGraph<Kind extends FloatLayer = FloatLayer> {
  readonly inputs: readonly FloatInput[];
  readonly layers: readonly Kind[];
  /** One for each layer. */
  readonly origins: readonly Origin[];
  readonly outputs: readonly FloatOutput[];
}

/** A linear layer whose weights and biases are a witness of these widths, whatever they are now. */
export interface CommittedWeights {
  /** Index among the layers. */
  readonly layer: number;
  /** Signed bits of a weight and of a bias. */
  readonly bits: number;
  readonly biasBits: number;
  /** For each input, what its real weights are multiplied by: 2 to the power of this. */
  readonly scales: readonly number[];
  readonly biasScale: number;
}

/**
 * The compiled model: integers in, integers out, exact. It defines the right answer of a version: reference, witness
 * and circuit are all read off it.
 */
export interface IntegerGraph {
  readonly name: string;
  readonly inputs: readonly NamedTensorSpec[];
  readonly outputs: readonly NamedTensorSpec[];
  readonly layers: readonly Layer[];
  readonly origins: readonly Origin[];
  /** Which value each output is. */
  readonly results: readonly ValueId[];
  /** What the interface words hold of inputs and outputs, and who has the graph; without it everything is public. */
  readonly visibility?: Visibility;
  /** There if and only if weights are committed. */
  readonly committedWeights?: readonly CommittedWeights[];
}
