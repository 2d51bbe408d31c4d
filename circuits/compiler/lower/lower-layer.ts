import type { Sum } from "../gadgets/gadget.ts";
import type { ClipLayer, Layer, LinearLayer } from "../graph/layer.ts";
import { forEachEntry } from "../graph/matrix.ts";
import { argmaxGroups } from "../layers/argmax.ts";
import { combine, plus, type ProgramBuilder } from "./program-builder.ts";

/** Records the gadgets of a layer; returns what its elements are. */
export function lowerLayer(layer: Layer, inputs: readonly (readonly Sum[])[], builder: ProgramBuilder): Sum[] {
  const [input = []] = inputs;
  switch (layer.kind) {
    case "linear":
      return lowerLinear(layer, inputs.flat());
    case "rescale":
      return input.map((sum) => builder.round(sum, layer.shift));
    case "relu":
      return input.map((sum) => builder.relu(sum, layer.shift));
    case "clip":
      return input.map((sum) => lowerClip(layer, sum, builder));
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
function lowerClip({ shift, min, max }: ClipLayer, sum: Sum, builder: ProgramBuilder): Sum {
  const capped =
    min === null
      ? builder.round(sum, shift)
      : plus(builder.relu(plus(sum, -(BigInt(min) << BigInt(shift))), shift), BigInt(min));
  if (max === null) return capped;
  const excess = builder.relu(plus(capped, -BigInt(max)), 0);
  return combine([capped, excess], [1n, -1n], 0n);
}
