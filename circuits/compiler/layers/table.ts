import type { Interval } from "../graph/interval.ts";
import type { FloatLayer, Layer } from "../graph/layer.ts";
import { argmax } from "./argmax.ts";
import { clip } from "./clip.ts";
import { linear } from "./linear.ts";
import { relu } from "./relu.ts";
import { rescale } from "./rescale.ts";
import { computeSoftmax } from "./softmax.ts";

export function computeLayer(layer: FloatLayer, inputs: readonly Float64Array[]): Float64Array {
  switch (layer.kind) {
    case "linear":
      return linear.compute(layer, inputs);
    case "rescale":
      return rescale.compute(layer, inputs);
    case "relu":
      return relu.compute(layer, inputs);
    case "clip":
      return clip.compute(layer, inputs);
    case "argmax":
      return argmax.compute(layer, inputs);
    case "softmax":
      return computeSoftmax(layer, inputs[0] ?? new Float64Array());
  }
}

export function evaluateLayer(layer: Layer, inputs: readonly (readonly bigint[])[]): bigint[] {
  switch (layer.kind) {
    case "linear":
      return linear.evaluate(layer, inputs);
    case "rescale":
      return rescale.evaluate(layer, inputs);
    case "relu":
      return relu.evaluate(layer, inputs);
    case "clip":
      return clip.evaluate(layer, inputs);
    case "argmax":
      return argmax.evaluate(layer, inputs);
  }
}

export function rangeLayer(layer: Layer, inputs: readonly (readonly Interval[])[]): Interval[] {
  switch (layer.kind) {
    case "linear":
      return linear.range(layer, inputs);
    case "rescale":
      return rescale.range(layer, inputs);
    case "relu":
      return relu.range(layer, inputs);
    case "clip":
      return clip.range(layer, inputs);
    case "argmax":
      return argmax.range(layer, inputs);
  }
}
