import { groupedSize, groupsOf } from "../graph/groups.ts";
import type { MaxLayer, QuantizeLayer } from "../graph/layer.ts";
import { buildMatrix, type Matrix } from "../graph/matrix.ts";
import { findGrid } from "./integer-grid.ts";

/** Rows as integers in units that the rows of a group share, so that the largest integer of a group is the largest row. */
export interface GroupGrids {
  readonly matrix: Matrix;
  readonly bias: Float64Array;
  /** Diagonal: the unit of each group. */
  readonly factors: Matrix;
}

/** Undefined if there is a group whose weights and biases are not small multiples of one unit. Groups share no row. */
export function groupGrids(
  matrix: Matrix,
  bias: Float64Array,
  groups: readonly (readonly number[])[],
): GroupGrids | undefined {
  const weight = new Float64Array(matrix.weight.length);
  const offsets = new Float64Array(bias.length);
  const units = new Float64Array(groups.length);
  for (const [at, group] of groups.entries()) {
    const parts = group.map((row) => matrix.weight.subarray(matrix.start[row], matrix.start[row + 1]));
    const grid = findGrid(
      Float64Array.from(parts.flatMap((part) => [...part])),
      Float64Array.from(group, (row) => bias[row] ?? 0),
    );
    if (grid === undefined) return undefined;
    units[at] = grid.unit;
    let from = 0;
    group.forEach((row, index) => {
      const size = parts[index]?.length ?? 0;
      weight.set(grid.integers.subarray(from, from + size), matrix.start[row]);
      offsets[row] = grid.bias[index] ?? 0;
      from += size;
    });
  }
  const factors = buildMatrix(units.length, units.length, (row, add) => {
    add(row, units[row] ?? 0);
  });
  return { matrix: { ...matrix, weight }, bias: offsets, factors };
}

/** What quantizes the largest of each group, for all elements before it. */
export function beforeMax(layer: QuantizeLayer, max: MaxLayer): QuantizeLayer {
  const size = groupedSize(max);
  const [scale, zero] = [new Float64Array(size), new Float64Array(size)];
  groupsOf(max).forEach((group, at) => {
    for (const element of group) {
      scale[element] = layer.scale[at] ?? 1;
      zero[element] = layer.zero[at] ?? 0;
    }
  });
  return { ...layer, inputs: max.inputs, size, scale, zero };
}
