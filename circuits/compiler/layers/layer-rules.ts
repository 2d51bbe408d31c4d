import type { Interval } from "../graph/interval.ts";
import type { FloatLayer } from "../graph/layer.ts";

/** The meaning of one kind of layer. `inputs` are the vectors of the layer's `inputs`, in order. */
export interface LayerRules<Kind extends FloatLayer> {
  /** In float64: real arithmetic for a float graph; exact for an integer graph whose numbers stay below 2^52. */
  compute(layer: Kind, inputs: readonly Float64Array[]): Float64Array;
  /** The reference: exact integers. */
  evaluate(layer: Kind, inputs: readonly (readonly bigint[])[]): bigint[];
  /** The tightest interval of each output element that follows from those of the inputs. */
  range(layer: Kind, inputs: readonly (readonly Interval[])[]): Interval[];
}
