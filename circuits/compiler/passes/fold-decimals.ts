import type { FloatGraph, FloatInput, FloatOutput } from "../graph/graph.ts";
import type { FloatLayer, Origin, ValueId } from "../graph/layer.ts";
import { identityMatrix } from "../graph/matrix.ts";
import { sizeOf } from "../build/tensor.ts";
import { layerSize } from "../layers/table.ts";
import { rewire } from "./rewire.ts";

/** Decimals of the integers that stand for each graph input and output. */
export interface EdgeDecimals {
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
}

/**
 * Makes the graph take and give integers: divides each input by 10^decimals and multiplies each output by it. `fuse`
 * then merges these factors into the first and last linear layers, where they cost nothing.
 */
export function foldDecimals(graph: FloatGraph, decimals: EdgeDecimals): FloatGraph {
  const first = graph.inputs.length;
  const layers: FloatLayer[] = [];
  const origins: Origin[] = [];
  const append = (layer: FloatLayer, origin: Origin): ValueId => {
    layers.push(Object.freeze(layer));
    origins.push(origin);
    return first + layers.length - 1;
  };
  const scale = (id: ValueId, size: number, factor: number, shape: readonly number[]): ValueId =>
    append(
      { kind: "linear", inputs: [id], matrix: identityMatrix(size, factor), bias: new Float64Array(size) },
      { nodes: [], ops: [], shape },
    );
  const moved = new Map<ValueId, ValueId>();
  graph.inputs.forEach((input: FloatInput, id) => {
    const places = decimals.inputs[id] ?? 0;
    moved.set(id, places === 0 ? id : scale(id, sizeOf(input.shape), 10 ** -places, input.shape));
  });
  const move = (id: ValueId): ValueId => moved.get(id) ?? id;
  graph.layers.forEach((layer, index) => {
    const origin = graph.origins[index] ?? { nodes: [], ops: [], shape: [] };
    moved.set(first + index, append(rewire(layer, move), origin));
  });
  const outputs = graph.outputs.map((output: FloatOutput, index) => {
    const places = decimals.outputs[index] ?? 0;
    const value = move(output.value);
    const producer = layers[value - first];
    const size = producer === undefined ? sizeOf(output.shape) : layerSize(producer);
    return Object.freeze({ ...output, value: places === 0 ? value : scale(value, size, 10 ** places, output.shape) });
  });
  return Object.freeze({ inputs: graph.inputs, layers, origins, outputs });
}
