import type { ElementKind } from "../format/tensor.ts";
import type { Visibility } from "../format/visibility.ts";
import type { IntegerGraph } from "./graph/graph.ts";

/** Element type of a graph input or output; the shape comes from the model. */
export interface ElementOptions {
  /** Default: the name in the ONNX file. */
  readonly name?: string;
  readonly kind: ElementKind;
  readonly bits: number;
  readonly decimals: number;
}

export interface CompileOptions {
  readonly name: string;
  /** What the chain sees of inputs and outputs; default: everything. */
  readonly visibility?: Visibility;
  /**
   * A graph with committed weights, of a model of the same shape: its scales and types are kept, so that its proving key
   * serves this model as well.
   */
  readonly retrainOf?: IntegerGraph;
  /**
   * In the order of the graph inputs. Default by ONNX type: uint8, int8, uint16 and int16 as they are, wider integers as
   * 16 bits, an index as the fewest of its places, bool as one unsigned bit, float as int16 with 3 decimals (-32.768 to
   * 32.767).
   */
  readonly inputs?: readonly ElementOptions[];
  /**
   * In the order of the graph outputs. Default: an ArgMax is a label of the fewest of 8 and 16 bits, anything else a
   * signed integer with 3 decimals and the fewest bits that hold its interval.
   */
  readonly outputs?: readonly ElementOptions[];
  /** Sizes of dynamic dimensions, by the names that the ONNX file gives them. The batch is 1 unless it is said here. */
  readonly dimensions?: Readonly<Record<string, number>>;
  /** Signed bits of every weight; default: the fewest that reach `agreement`. */
  readonly weightBits?: number;
  /** Bits of hidden activations, measured on the samples; default: the fewest that reach `agreement`. */
  readonly activationBits?: number;
  /** Share of samples whose labels must equal the float model's; default 0.995. */
  readonly agreement?: number;
  /** Largest error of a numeric output, as a share of its range over the samples; default 0.01. */
  readonly maxError?: number;
  /** More constraints than this are a `MODEL_TOO_LARGE` that says where they go; default: no limit. */
  readonly maxConstraints?: number;
  /**
   * Real values as the ONNX model takes them, all inputs laid end to end; default: seeded draws from the declared ranges, and
   * of real numbers half of them from the standard normal distribution.
   */
  readonly sampleInputs?: readonly (readonly number[])[];
}
