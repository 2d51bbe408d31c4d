import { z } from "zod";

import type { Sum } from "../gadgets/gadget.ts";
import { bitLength, hull, type Interval, roundHalfUp, roundHalfUpNumber, signedBits } from "../graph/interval.ts";
import type { Layer, PiecewiseLayer } from "../graph/layer.ts";
import { combine } from "../lower/sums.ts";
import type { ProgramBuilder } from "../lower/program-builder.ts";
import { count, integer, keepSame, needsSame, oneInput, shift, sizeOfElements, sizeProblems } from "./elementwise.ts";
import type { LayerRules } from "./layer-rules.ts";

export const piecewise: LayerRules<Layer<"piecewise">> = {
  size: sizeOfElements,
  compute(layer, [input = new Float64Array()]) {
    return input.map((value) => {
      const z = Math.min(layer.end, Math.max(layer.starts[0] ?? 0, value));
      const at = pieceOf(layer, z);
      const exact = (layer.values[at] ?? 0) + (layer.slopes[at] ?? 0) * (z - (layer.starts[at] ?? 0));
      return roundHalfUpNumber(exact, layer.shift);
    });
  },
  evaluate: (layer, [input = []]) =>
    input.map((value) => roundHalfUp(unrounded(layer, clamp(layer, value)), layer.shift)),
  range: (layer, [input = []]) =>
    input.map((interval) => {
      const { lo, hi } = unroundedRange(layer, interval);
      return { lo: roundHalfUp(lo, layer.shift), hi: roundHalfUp(hi, layer.shift) };
    }),
  lower: lowerPiecewise,
  cost: (layer, [input = []]) =>
    input.reduce((rows, interval) => {
      const pieces = piecesWithin(layer, interval);
      if (pieces.length < 2) return rows;
      const rounding = layer.shift === 0 ? 0 : signedBits(unroundedRange(layer, interval)) + 1;
      const slopes = pieces.some(({ slope }) => slope !== pieces[0]?.slope) ? 1 : 0;
      return rows + pieces.length + 3 + 2 * offsetBits(pieces) + slopes + rounding;
    }, 0),
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

interface Piece {
  readonly start: bigint;
  /** Included. */
  readonly end: bigint;
  readonly value: bigint;
  readonly slope: bigint;
}

/** The pieces that an element can be on. */
function piecesWithin({ starts, end, values, slopes }: PiecewiseLayer, interval: Interval): Piece[] {
  const [first, last] = [BigInt(starts[0] ?? 0), BigInt(end)];
  const clampTo = (value: bigint): bigint => (value < first ? first : value > last ? last : value);
  const [lo, hi] = [clampTo(interval.lo), clampTo(interval.hi)];
  return starts.flatMap((from, at) => {
    const next = starts[at + 1];
    const piece = {
      start: BigInt(from),
      end: next === undefined ? last : BigInt(next) - 1n,
      value: BigInt(values[at] ?? 0),
      slope: BigInt(slopes[at] ?? 0),
    };
    return piece.end < lo || piece.start > hi ? [] : [piece];
  });
}

/** Bits of how far into a piece an element can be. */
function offsetBits(pieces: readonly Piece[]): number {
  return bitLength(pieces.reduce((most, { start, end }) => (end - start > most ? end - start : most), 0n));
}

function unroundedRange(layer: PiecewiseLayer, interval: Interval): Interval {
  const { lo, hi } = { lo: clamp(layer, interval.lo), hi: clamp(layer, interval.hi) };
  return hull(
    piecesWithin(layer, interval).flatMap((piece) => {
      const at = (z: bigint): bigint => piece.value + piece.slope * (z - piece.start);
      return [at(lo > piece.start ? lo : piece.start), at(hi < piece.end ? hi : piece.end)];
    }),
  );
}

/** Which piece an element is on; then its value, its slope times how far it is in, and the rounding. */
function lowerPiecewise(
  layer: PiecewiseLayer,
  [input = []]: readonly (readonly Sum[])[],
  builder: ProgramBuilder,
): Sum[] {
  const [first, last] = [BigInt(layer.starts[0] ?? 0), BigInt(layer.end)];
  const clamped = builder.clampAll(input, first, last);
  const found = clamped.map((sum) => {
    const interval = builder.range(sum);
    const pieces = piecesWithin(layer, interval);
    return { sum, interval, pieces, place: builder.segments(sum, pieces, offsetBits(pieces)) };
  });
  const exact = found.map(({ sum, interval, pieces, place }) => {
    const value = combine(
      place.members,
      pieces.map((piece) => piece.value),
      0n,
    );
    const slopes = pieces.map(({ slope }) => slope);
    const steepness = combine(place.members, slopes, 0n);
    const common = slopes.every((slope) => slope === slopes[0]);
    const rise = common
      ? combine([place.offset], [slopes[0] ?? 0n], 0n)
      : builder.product(builder.known(steepness, hull(slopes)), place.offset);
    if (pieces.length === 1) {
      const { start, value: at, slope } = pieces[0] ?? { start: 0n, value: 0n, slope: 0n };
      return combine([sum], [slope], at - slope * start);
    }
    return builder.known(combine([value, rise], [1n, 1n], 0n), unroundedRange(layer, interval));
  });
  return exact.map((sum) => builder.round(sum, layer.shift));
}

function clamp({ starts, end }: PiecewiseLayer, value: bigint): bigint {
  const [first, last] = [BigInt(starts[0] ?? 0), BigInt(end)];
  return value < first ? first : value > last ? last : value;
}

function pieceOf({ starts }: PiecewiseLayer, z: number): number {
  let [low, high] = [0, starts.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= z) low = middle;
    else high = middle - 1;
  }
  return low;
}

function unrounded(layer: PiecewiseLayer, z: bigint): bigint {
  const at = pieceOf(layer, Number(z));
  return BigInt(layer.values[at] ?? 0) + BigInt(layer.slopes[at] ?? 0) * (z - BigInt(layer.starts[at] ?? 0));
}
