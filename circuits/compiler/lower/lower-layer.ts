import type { Sum } from "../gadgets/gadget.ts";
import type { ClipLayer, Layer, LinearLayer } from "../graph/layer.ts";
import { forEachEntry } from "../graph/matrix.ts";
import { argmaxGroups } from "../layers/argmax.ts";
import { combine, plus, type ProgramBuilder } from "./program-builder.ts";

/** Records the gadgets of layer number `index`; returns what its elements are. */
export function lowerLayer(
  layer: Layer,
  index: number,
  inputs: readonly (readonly Sum[])[],
  builder: ProgramBuilder,
): Sum[] {
  const sums = lowerElements(layer, index, inputs, builder);
  builder.closeBlock(`layer${index}`, index);
  return sums;
}

function lowerElements(
  layer: Layer,
  index: number,
  inputs: readonly (readonly Sum[])[],
  builder: ProgramBuilder,
): Sum[] {
  const [input = []] = inputs;
  switch (layer.kind) {
    case "linear":
      return lowerLinear(layer, inputs.flat());
    case "rescale":
      return input.map((sum) => builder.round(sum, layer.shift));
    case "relu":
      return input.map((sum) => builder.relu(sum, layer.shift));
    case "clip":
      return lowerClip(layer, index, input, builder);
    case "argmax":
      return argmaxGroups(layer).map((group) => builder.argmax(group.flatMap((at) => input[at] ?? [])));
  }
}

/** Only sums: no wire, no row. */
function lowerLinear({ matrix, bias }: LinearLayer, vector: readonly Sum[]): Sum[] {
  return Array.from({ length: matrix.rows }, (_, row) => {
    const parts: Sum[] = [];
    const weights: bigint[] = [];
    forEachEntry(matrix, row, (column, weight) => {
      const part = vector[column];
      if (part === undefined) throw new RangeError(`column ${column} is beyond the inputs`);
      parts.push(part);
      weights.push(BigInt(weight));
    });
    return combine(parts, weights, BigInt(bias[row] ?? 0));
  });
}

/**
 * min + relu(r - min) caps r below; what exceeds the other bound is taken off again by a second relu. The first one
 * also rescales: r - min before rounding is the sum less min * 2^shift.
 */
function lowerClip(
  { shift, min, max }: ClipLayer,
  index: number,
  input: readonly Sum[],
  builder: ProgramBuilder,
): Sum[] {
  const bounded = input.map((sum) =>
    min === null
      ? builder.round(sum, shift)
      : plus(builder.relu(plus(sum, -(BigInt(min) << BigInt(shift))), shift), BigInt(min)),
  );
  if (max === null) return bounded;
  // A block's gadgets do not take each other's results.
  builder.closeBlock(`layer${index}_lower`, index);
  return bounded.map((sum) => combine([sum, builder.relu(plus(sum, -BigInt(max)), 0)], [1n, -1n], 0n));
}
