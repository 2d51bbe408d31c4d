import { z } from "zod";

import type { Sum } from "../gadgets/gadget.ts";
import { hull, type Interval, roundHalfUp, roundHalfUpNumber } from "../graph/interval.ts";
import type { Layer, PiecewiseLayer } from "../graph/layer.ts";
import { lookupRows, lookupSums } from "../lower/lookup-sums.ts";
import { combine, plus, ZERO } from "../lower/sums.ts";
import type { ProgramBuilder } from "../lower/program-builder.ts";
import { count, integer, keepSame, needsSame, oneInput, shift, sizeOfElements, sizeProblems } from "./elementwise.ts";
import type { LayerRules } from "./layer-rules.ts";
import { pieceRows } from "./piece-rows.ts";
import { clampToTable, type Piece, pieceAt, spanOf, unrounded, unroundedRange } from "./table-pieces.ts";

/** A longer list of values is never the cheaper one. */
const LONGEST_LIST = 1 << 12;

export const piecewise: LayerRules<Layer<"piecewise">> = {
  size: sizeOfElements,
  compute(layer, [input = new Float64Array()]) {
    return input.map((value) => {
      const z = Math.min(layer.end, Math.max(layer.starts[0] ?? 0, value));
      const at = pieceAt(layer, z);
      const exact = (layer.values[at] ?? 0) + (layer.slopes[at] ?? 0) * (z - (layer.starts[at] ?? 0));
      return roundHalfUpNumber(exact, layer.shift);
    });
  },
  evaluate: (layer, [input = []]) =>
    input.map((value) => roundHalfUp(unrounded(layer, clampToTable(layer, value)), layer.shift)),
  range: (layer, [input = []]) =>
    input.map((interval) => {
      const { lo, hi } = unroundedRange(layer, interval);
      return { lo: roundHalfUp(lo, layer.shift), hi: roundHalfUp(hi, layer.shift) };
    }),
  lower: lowerPiecewise,
  cost: (layer, [input = []]) => input.reduce((rows, interval) => rows + placeOf(layer, interval).rows, 0),
  prunable: "aligned",
  needs: needsSame,
  keep: keepSame,
  *numbers({ starts, end, values, slopes }) {
    yield* starts;
    yield* values;
    yield* slopes;
    yield end;
  },
  problems(layer, sizes) {
    const { starts, end, values, slopes } = layer;
    const problems = sizeProblems(layer, sizes);
    if (values.length !== starts.length || slopes.length !== starts.length)
      problems.push("starts, values and slopes differ in number");
    if (starts.some((start, at) => at > 0 && start <= (starts[at - 1] ?? start)) || end < (starts.at(-1) ?? Infinity))
      problems.push("starts must ascend up to the end");
    return problems;
  },
  schema: z.strictObject({
    kind: z.literal("piecewise"),
    inputs: oneInput,
    size: count,
    shift,
    starts: z.array(integer).min(1),
    end: integer,
    values: z.array(integer),
    slopes: z.array(integer),
  }),
  encode: (layer) => ({ ...layer }),
};

/** Where an element can be, and what is cheaper: to find its piece, or to look its value up. */
function placeOf(layer: PiecewiseLayer, interval: Interval) {
  const { pieces, offset, steep } = spanOf(layer, interval);
  const within = { lo: clampToTable(layer, interval.lo), hi: clampToTable(layer, interval.hi) };
  if (pieces.length < 2 && layer.shift === 0) return { pieces, within, offset, isList: false, rows: 0 };
  const { lo, hi } = layer.shift === 0 ? { lo: 0n, hi: 0n } : unroundedRange(layer, interval);
  const largest = Number(hi > -lo ? hi : -lo);
  const rows = pieceRows({ pieces: pieces.length, longest: 2 ** offset - 1, steep, largest });
  const length = Number(within.hi - within.lo) + 1;
  const listed = length <= LONGEST_LIST ? lookupRows(length) : Infinity;
  return { pieces, within, offset, isList: listed < rows, rows: Math.min(listed, rows) };
}

/** An element that cannot leave the table needs no clamp. */
function lowerPiecewise(
  layer: PiecewiseLayer,
  [input = []]: readonly (readonly Sum[])[],
  builder: ProgramBuilder,
): Sum[] {
  const clamped = builder.clampAll(input, BigInt(layer.starts[0] ?? 0), BigInt(layer.end));
  const elements = clamped.map((sum) => ({ sum, ...placeOf(layer, builder.range(sum)) }));
  const listed = lookupSums(
    elements
      .filter(({ isList }) => isList)
      .map(({ sum, within: { lo, hi } }) => ({
        sum: plus(sum, -lo),
        table: Array.from({ length: Number(hi - lo) + 1 }, (_, at) =>
          roundHalfUp(unrounded(layer, lo + BigInt(at)), layer.shift),
        ),
      })),
    builder,
  );
  const exact = lowerPieces(
    layer,
    elements.filter(({ isList }) => !isList),
    builder,
  );
  const [fromList, fromPieces] = [listed.values(), exact.values()];
  return elements.map(({ isList }) => (isList ? fromList : fromPieces).next().value ?? ZERO);
}

/** Which piece an element is on; then its value, its slope times how far it is in, and the rounding. */
function lowerPieces(
  layer: PiecewiseLayer,
  elements: readonly { readonly sum: Sum; readonly pieces: readonly Piece[]; readonly offset: number }[],
  builder: ProgramBuilder,
): Sum[] {
  const found = elements.map((element) => ({
    ...element,
    place: builder.segments(element.sum, element.pieces, element.offset),
  }));
  const exact = found.map(({ sum, pieces, place }) => {
    const [only] = pieces;
    if (pieces.length === 1 && only !== undefined)
      return combine([sum], [only.slope], only.value - only.slope * only.start);
    const value = combine(
      place.members,
      pieces.map((piece) => piece.value),
      0n,
    );
    const slopes = pieces.map(({ slope }) => slope);
    const steepness = combine(place.members, slopes, 0n);
    const rise = slopes.every((slope) => slope === slopes[0])
      ? combine([place.offset], [slopes[0] ?? 0n], 0n)
      : builder.product(builder.known(steepness, hull(slopes)), place.offset);
    return builder.known(combine([value, rise], [1n, 1n], 0n), unroundedRange(layer, builder.range(sum)));
  });
  return exact.map((sum) => builder.round(sum, layer.shift));
}
