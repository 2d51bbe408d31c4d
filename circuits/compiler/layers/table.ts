import type { z } from "zod";

import type { Sum } from "../gadgets/gadget.ts";
import type { Interval } from "../graph/interval.ts";
import type { FloatLayer, FloatOnlyKind, FloatOnlyLayer, Layer, LayerKind } from "../graph/layer.ts";
import type { ProgramBuilder } from "../lower/program-builder.ts";
import { argmax } from "./argmax.ts";
import { bitand } from "./bitand.ts";
import { clip } from "./clip.ts";
import { curve } from "./curve.ts";
import type { FloatRules, LayerRules } from "./layer-rules.ts";
import { linear } from "./linear.ts";
import { mask } from "./mask.ts";
import { max } from "./max.ts";
import { onehot } from "./onehot.ts";
import { piecewise } from "./piecewise.ts";
import { product } from "./product.ts";
import { quantize } from "./quantize.ts";
import { quotient } from "./quotient.ts";
import { ranking } from "./ranking.ts";
import { relu } from "./relu.ts";
import { rescale } from "./rescale.ts";
import { softmax } from "./softmax.ts";
import { step } from "./step.ts";
import { trees } from "./trees.ts";
import { whole } from "./whole.ts";

/** Every kind of layer of an integer graph. A new one is a record in `graph/layer.ts`, a file here and a line here. */
const RULES: { readonly [Kind in LayerKind]: LayerRules<Layer<Kind>> } = {
  linear,
  rescale,
  relu,
  clip,
  argmax,
  max,
  ranking,
  product,
  step,
  piecewise,
  onehot,
  trees,
  quotient,
  bitand,
  mask,
};

const FLOAT_RULES: { readonly [Kind in FloatOnlyKind]: FloatRules<FloatOnlyLayer<Kind>> } = {
  curve,
  whole,
  softmax,
  quantize,
};

function isIntegerLayer(layer: FloatLayer): layer is Layer {
  return Object.hasOwn(RULES, layer.kind);
}

/** Number of elements of a layer's output. */
export function layerSize(layer: FloatLayer): number {
  return isIntegerLayer(layer) ? sizeOf(layer) : floatSize(layer);
}

export function computeLayer(layer: FloatLayer, inputs: readonly Float64Array[]): Float64Array {
  return isIntegerLayer(layer) ? compute(layer, inputs) : computeFloat(layer, inputs);
}

function sizeOf<Kind extends LayerKind>(layer: Layer<Kind>): number {
  return RULES[layer.kind].size(layer);
}

function floatSize<Kind extends FloatOnlyKind>(layer: FloatOnlyLayer<Kind>): number {
  return FLOAT_RULES[layer.kind].size(layer);
}

function compute<Kind extends LayerKind>(layer: Layer<Kind>, inputs: readonly Float64Array[]): Float64Array {
  return RULES[layer.kind].compute(layer, inputs);
}

function computeFloat<Kind extends FloatOnlyKind>(
  layer: FloatOnlyLayer<Kind>,
  inputs: readonly Float64Array[],
): Float64Array {
  return FLOAT_RULES[layer.kind].compute(layer, inputs);
}

export function evaluateLayer<Kind extends LayerKind>(
  layer: Layer<Kind>,
  inputs: readonly (readonly bigint[])[],
): bigint[] {
  return RULES[layer.kind].evaluate(layer, inputs);
}

export function rangeLayer<Kind extends LayerKind>(
  layer: Layer<Kind>,
  inputs: readonly (readonly Interval[])[],
): Interval[] {
  return RULES[layer.kind].range(layer, inputs);
}

export function lowerLayer<Kind extends LayerKind>(
  layer: Layer<Kind>,
  inputs: readonly (readonly Sum[])[],
  builder: ProgramBuilder,
): Sum[] {
  return RULES[layer.kind].lower(layer, inputs, builder);
}

export function layerCost<Kind extends LayerKind>(
  layer: Layer<Kind>,
  inputs: readonly (readonly Interval[])[],
  output: readonly Interval[],
): number {
  return RULES[layer.kind].cost(layer, inputs, output);
}

export function prunability<Kind extends LayerKind>(layer: Layer<Kind>): LayerRules<Layer>["prunable"] {
  return RULES[layer.kind].prunable;
}

export function layerNeeds<Kind extends LayerKind>(
  layer: Layer<Kind>,
  wanted: readonly number[],
  sizes: readonly number[],
): readonly Iterable<number>[] {
  return RULES[layer.kind].needs(layer, wanted, sizes);
}

export function keepElements<Kind extends LayerKind>(
  layer: Layer<Kind>,
  wanted: readonly number[],
  kept: readonly (readonly number[])[],
  sizes: readonly number[],
): Layer<Kind> {
  return RULES[layer.kind].keep(layer, wanted, kept, sizes);
}

export function layerNumbers<Kind extends LayerKind>(layer: Layer<Kind>): Iterable<number> {
  return RULES[layer.kind].numbers(layer);
}

export function layerProblems<Kind extends LayerKind>(layer: Layer<Kind>, sizes: readonly number[]): string[] {
  return RULES[layer.kind].problems(layer, sizes);
}

export function encodeLayer<Kind extends LayerKind>(layer: Layer<Kind>): Record<string, unknown> {
  return RULES[layer.kind].encode(layer);
}

/** Throws what zod throws for a record that is no layer. */
export function layerSchemas(): readonly z.ZodType<Layer>[] {
  return Object.values(RULES).map(({ schema }) => schema);
}
