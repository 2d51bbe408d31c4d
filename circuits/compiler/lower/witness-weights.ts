import { weightsRoot } from "../../format/commitment.ts";
import type { NamedTensorSpec } from "../../format/manifest.ts";
import { packTensors } from "../../format/tensor.ts";
import type { Sum } from "../gadgets/gadget.ts";
import type { IntegerGraph } from "../graph/graph.ts";
import type { LinearLayer } from "../graph/layer.ts";
import { forEachEntry } from "../graph/matrix.ts";
import type { ProgramBuilder } from "./program-builder.ts";
import { combine } from "./sums.ts";

/** A tensor that the prover brings beside the inputs. Its width is any number of bits: it is never on chain. */
interface WeightTensor {
  readonly spec: NamedTensorSpec;
  readonly values: readonly bigint[];
}

/**
 * For each layer whose weights are a witness: its matrix by rows with every zero, and its bias. What the circuit is like
 * depends on the specs alone.
 */
export function weightTensors({ layers, committedWeights = [] }: IntegerGraph): WeightTensor[] {
  return committedWeights.flatMap(({ layer: index, bits, biasBits }) => {
    const layer = layers[index];
    if (layer?.kind !== "linear") throw new RangeError(`layer ${index} has no weights`);
    const { rows, columns } = layer.matrix;
    const spec = (name: string, width: number, shape: number[]): NamedTensorSpec => ({
      name: `layer ${index} ${name}`,
      kind: "int",
      bits: width,
      decimals: 0,
      shape,
    });
    return [
      { spec: spec("weights", bits, [rows, columns]), values: denseWeights(layer) },
      { spec: spec("bias", biasBits, [rows]), values: Array.from(layer.bias, BigInt) },
    ];
  });
}

/** The public signal that stands for a graph's weights. */
export function rootOf(graph: IntegerGraph): bigint {
  const tensors = weightTensors(graph);
  return weightsRoot(
    packTensors(
      tensors.map(({ spec }) => spec),
      tensors.map(({ values }) => values),
    ),
  );
}

function denseWeights({ matrix }: LinearLayer): bigint[] {
  const values = new Array<bigint>(matrix.rows * matrix.columns).fill(0n);
  for (let row = 0; row < matrix.rows; row++)
    forEachEntry(matrix, row, (column, weight) => (values[row * matrix.columns + column] = BigInt(weight)));
  return values;
}

/** A product for each weight, and sums of them. */
export function lowerWitnessLayer(
  { matrix }: LinearLayer,
  inputs: readonly (readonly Sum[])[],
  weights: readonly Sum[],
  bias: readonly Sum[],
  builder: ProgramBuilder,
): Sum[] {
  const vector = inputs.flat();
  return bias.map((start, row) => {
    const products = vector.map((element, column) => {
      const weight = weights[row * matrix.columns + column];
      if (weight === undefined) throw new RangeError(`row ${row} has no weight ${column}`);
      return builder.product(weight, element);
    });
    return combine([start, ...products], [1n, ...products.map(() => 1n)], 0n);
  });
}
