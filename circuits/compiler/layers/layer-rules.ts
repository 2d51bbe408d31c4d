import type { z } from "zod";

import type { Sum } from "../gadgets/gadget.ts";
import type { Interval } from "../graph/interval.ts";
import type { FloatLayer, Layer } from "../graph/layer.ts";
import type { ProgramBuilder } from "../lower/program-builder.ts";

/** What a layer of a float graph means. `inputs` are the vectors of the layer's `inputs`, in order. */
export interface FloatRules<Kind extends FloatLayer> {
  /** Number of elements of its output. */
  size(layer: Kind): number;
  /** In float64: real arithmetic for a float graph; exact for an integer graph whose numbers stay below 2^52. */
  compute(layer: Kind, inputs: readonly Float64Array[]): Float64Array;
}

/** Everything about one kind of layer of an integer graph. */
export interface LayerRules<Kind extends Layer> extends FloatRules<Kind> {
  /** The reference: exact integers. */
  evaluate(layer: Kind, inputs: readonly (readonly bigint[])[]): bigint[];
  /** The tightest interval of each output element that follows from those of the inputs. */
  range(layer: Kind, inputs: readonly (readonly Interval[])[]): Interval[];
  /** Records gadgets and says what each output element is. Works through its elements stage by stage, not one by one. */
  lower(layer: Kind, inputs: readonly (readonly Sum[])[], builder: ProgramBuilder): Sum[];
  /** Estimate of the constraints, from intervals alone, for comparing scales. */
  cost(layer: Kind, inputs: readonly (readonly Interval[])[], output: readonly Interval[]): number;
  /**
   * Whether single output elements can be left out: any of them, none, or just those whose input element is left out
   * too because one is made of the other.
   */
  readonly prunable: "freely" | "aligned" | "never";
  /** For each input, the elements that some output elements depend on, in any order and perhaps more than once. */
  needs(layer: Kind, wanted: readonly number[], sizes: readonly number[]): readonly Iterable<number>[];
  /** The layer with only some of its output elements; `kept` are the elements that each input still has, ascending. */
  keep(layer: Kind, wanted: readonly number[], kept: readonly (readonly number[])[], sizes: readonly number[]): Kind;
  /** Every number that must be an exact integer. */
  numbers(layer: Kind): Iterable<number>;
  /** What is wrong with a layer that somebody else wrote, given the sizes of its inputs. */
  problems(layer: Kind, sizes: readonly number[]): string[];
  /** Its JSON form. */
  readonly schema: z.ZodType<Kind>;
  encode(layer: Kind): Record<string, unknown>;
}
