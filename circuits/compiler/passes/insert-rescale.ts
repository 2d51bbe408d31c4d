import type { FloatGraph, FloatOutput } from "../graph/graph.ts";
import type { Layer, Origin, ValueId } from "../graph/layer.ts";
import { type Scales, valueSize } from "./scales.ts";

/** Layers with their shifts, and which value each output is. */
export interface RescaledLayers {
  readonly layers: readonly Layer[];
  readonly origins: readonly Origin[];
  readonly results: readonly ValueId[];
}

/**
 * Gives each relu and clip the shift between the scale it takes and the scale it leaves, where dropping bits is free
 * because they decompose anyway, and rounds outputs to the integers of their spec.
 */
export function insertRescale(graph: FloatGraph<Layer>, quantized: readonly Layer[], scales: Scales): RescaledLayers {
  const first = graph.inputs.length;
  const layers = quantized.map((layer, index): Layer => {
    if (layer.kind !== "relu" && layer.kind !== "clip") return layer;
    const id = first + index;
    return Object.freeze({ ...layer, shift: (scales.before[id] ?? 0) - (scales.after[id] ?? 0) });
  });
  const origins = [...graph.origins];
  const results = graph.outputs.map(({ value, shape }: FloatOutput): ValueId => {
    const shift = scales.after[value] ?? 0;
    if (shift === 0) return value;
    layers.push(Object.freeze({ kind: "rescale", inputs: [value] as const, size: valueSize(graph, value), shift }));
    origins.push(Object.freeze({ nodes: [], ops: ["Rescale"], shape }));
    return first + layers.length - 1;
  });
  return { layers, origins, results };
}
