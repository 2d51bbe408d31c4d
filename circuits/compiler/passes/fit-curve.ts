import { nearest } from "./fractions.ts";
import type { Curve, PiecewiseLayer } from "../graph/layer.ts";

/** What an integer means: integer / 2^fraction. */
interface Grid {
  readonly lo: number;
  readonly hi: number;
  readonly fraction: number;
}

type Table = Pick<PiecewiseLayer, "shift" | "starts" | "end" | "values" | "slopes">;

interface Piece {
  readonly start: number;
  readonly value: number;
  readonly slope: number;
}

/** More pieces than that cost more than the precision is worth: the tolerance is doubled instead. */
const MOST_PIECES = 128;
/** Evenly spaced places at which a piece is compared with the function. */
const PROBES = 24;

/**
 * The fewest straight pieces, from left to right, that stay within half a unit of the function over the whole interval.
 * Outputs that leave `limit` units are held there. A piece is a chord moved to the middle of its deviations.
 */
export function fitCurve(curve: Curve, input: Grid, outputFraction: number, limit: number): Table {
  const unit = 2 ** outputFraction;
  const bends = bendsOf(input);
  const f = (z: number): number => Math.max(-limit, Math.min(limit, curve.of(z / 2 ** input.fraction) * unit));
  for (let tolerance = 0.5; ; tolerance *= 2) {
    const pieces = fitPieces({ f, bends }, input.lo, input.hi, tolerance);
    if (pieces.length <= MOST_PIECES) return toTable(pieces, input.hi);
  }
}

interface Target {
  readonly f: (z: number) => number;
  /** Ascending places where a function of one variable is likely to bend. */
  readonly bends: readonly number[];
}

/** Powers of two and half steps between them, on both sides of 0: there is structure at every scale about it. */
function bendsOf({ lo, hi, fraction }: Grid): number[] {
  const sizes = Array.from({ length: 80 }, (_, k) => Math.round(2 ** (fraction - 20 + k / 2)));
  const places = [0, ...sizes, ...sizes.map((size) => -size)].filter((place) => place > lo && place < hi);
  return [...new Set(places)].sort((one, other) => one - other);
}

function fitPieces(target: Target, lo: number, hi: number, tolerance: number): Piece[] {
  const pieces: Piece[] = [];
  let start = lo;
  while (start <= hi && pieces.length <= MOST_PIECES) {
    let [good, bad] = [start, hi + 1];
    let piece = chord(target, start, start, tolerance);
    for (let reach = 1; good < hi; reach *= 2) {
      const end = Math.min(hi, start + reach);
      const next = chord(target, start, end, tolerance);
      if (next === undefined) {
        bad = end;
        break;
      }
      [good, piece] = [end, next];
    }
    while (bad - good > 1) {
      const middle = Math.floor((good + bad) / 2);
      const next = chord(target, start, middle, tolerance);
      if (next === undefined) bad = middle;
      else [good, piece] = [middle, next];
    }
    pieces.push(piece ?? { start, value: target.f(start), slope: 0 });
    start = good + 1;
  }
  return pieces;
}

/** The chord from `start` to `end`, if the function stays within twice the tolerance beside it. */
function chord({ f, bends }: Target, start: number, end: number, tolerance: number): Piece | undefined {
  const from = f(start);
  const rise = end === start ? 0 : (f(end) - from) / (end - start);
  // A function that is flat up to less than a unit needs no slope.
  const slope = Math.abs(rise * (end - start)) < tolerance ? 0 : rise;
  let [least, most] = [0, 0];
  const look = (z: number): void => {
    const deviation = f(z) - (from + slope * (z - start));
    least = Math.min(least, deviation);
    most = Math.max(most, deviation);
  };
  const step = Math.max(1, (end - start) / PROBES);
  for (let z = start; z <= end; z += step) look(Math.floor(z));
  // A long flat run hides a bend right behind its start or before its end from steps as long as these.
  for (let distance = 1; distance < step; distance *= 2) {
    look(start + distance);
    look(end - distance);
  }
  for (const z of bends) if (z > start && z < end) look(z);
  look(end);
  return most - least > 2 * tolerance ? undefined : { start, value: from + (least + most) / 2, slope };
}

/** Slopes get as many extra bits as keep a piece's far end within a quarter of a unit. */
function toTable(pieces: readonly Piece[], hi: number): Table {
  const lengths = pieces.map(({ start, slope }, at) =>
    slope === 0 ? 0 : (pieces[at + 1]?.start ?? hi + 1) - 1 - start,
  );
  const longest = Math.max(0, ...lengths);
  const shift = longest === 0 ? 0 : Math.min(24, Math.ceil(Math.log2(longest + 1)) + 1);
  const scale = 2 ** shift;
  return {
    shift,
    starts: pieces.map(({ start }) => start),
    end: hi,
    values: pieces.map(({ value }) => nearest(value * scale)),
    slopes: pieces.map(({ slope }) => nearest(slope * scale)),
  };
}
