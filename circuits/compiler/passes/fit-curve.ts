import type { Curve, PiecewiseLayer } from "../graph/layer.ts";
import { pieceRows } from "../layers/piece-rows.ts";
import { lookupRows } from "../lower/lookup-sums.ts";
import { holdDomain } from "./hold-domain.ts";
import { nearest } from "./fractions.ts";
import { RELATIVE_BITS } from "./scales.ts";

/** What an integer means: integer * unit / 2^fraction. */
interface Grid {
  readonly lo: number;
  readonly hi: number;
  readonly fraction: number;
  readonly unit: number;
}

type Table = Pick<PiecewiseLayer, "shift" | "starts" | "end" | "values" | "slopes">;

interface Piece {
  readonly start: number;
  readonly value: number;
  readonly slope: number;
}

/** More pieces than that cost more than the precision is worth: the tolerance is doubled instead, but only twice. */
const MANY_PIECES = 128;
const MOST_PIECES = 512;
/** Evenly spaced places at which a piece is compared with the function. */
const PROBES = 16;
/** Intervals of more integers are never cheaper as a list of values. */
const LONGEST_LIST = 1 << 12;
/** In units: half of one, less what lies between the probes. */
const TOLERANCE = 0.48;
/** Of a unit: how far the rounding of its slope may move the end of a piece. */
const SLOPE_ERROR = 0.25;

/** What the numbers of a table stay below, so that float64 holds them. */
const MOST_EXACT = 2 ** 52;

/** Scales are compared by fitting the same curve again and again. */
const FITTED = new WeakMap<Curve["of"], Map<string, Table>>();

/**
 * The fewest straight pieces, from left to right, that stay within half a unit of the function over the whole interval.
 * Outputs that leave `limit` units are held there. A piece is a chord moved to the middle of its deviations. With the
 * rounding of slopes (1/4), values (1/8) and result (1/2) an answer is within 1.375 units of the function. Short intervals
 * whose list of values is cheaper are given value by value: within half a unit.
 */
export function fitCurve(curve: Curve, input: Grid, outputFraction: number, limit: number): Table {
  const key = [input.lo, input.hi, input.fraction, input.unit, outputFraction, limit].join();
  const tables = FITTED.get(curve.of) ?? new Map<string, Table>();
  FITTED.set(curve.of, tables);
  const known = tables.get(key);
  if (known !== undefined) return known;
  const table = fit(curve, input, outputFraction, limit);
  tables.set(key, table);
  return table;
}

function fit(curve: Curve, input: Grid, outputFraction: number, limit: number): Table {
  const unit = 2 ** outputFraction;
  const { lo, hi } = input;
  const step = input.unit / 2 ** input.fraction;
  const bends = bendsOf(input);
  const held = holdDomain((z) => curve.of(z * step) * unit, lo, hi, bends);
  const relative = curve.relative === true ? 1 / limit : 0;
  const most = relative > 0 ? limit * 2 ** RELATIVE_BITS : limit;
  const f = (z: number): number => Math.max(-most, Math.min(most, held(z)));
  for (let tolerance = TOLERANCE; ; tolerance *= 2) {
    const worth = relative === 0 && tolerance < 4 * TOLERANCE ? MANY_PIECES : MOST_PIECES;
    const pieces = fitPieces({ f, bends, relative, most: worth }, lo, hi, tolerance);
    if (pieces.length > worth) continue;
    const table = toTable(pieces, hi);
    return hi - lo < LONGEST_LIST && isDearer(table, lo, hi) ? listValues(f, lo, hi) : table;
  }
}

function isDearer({ starts, values, slopes, shift }: Table, lo: number, hi: number): boolean {
  const lengths = starts.map((start, at) => (starts[at + 1] ?? hi + 1) - start);
  const rows = pieceRows({
    pieces: starts.length,
    longest: Math.max(...lengths) - 1,
    steep: slopes.some((slope) => slope !== slopes[0]),
    largest: shift === 0 ? 0 : Math.max(...values.map(Math.abs)),
  });
  return lookupRows(hi - lo + 1) < rows;
}

/** One flat piece for each run of equal values. */
function listValues(f: (z: number) => number, lo: number, hi: number): Table {
  const starts: number[] = [];
  const values: number[] = [];
  for (let z = lo; z <= hi; z++) {
    const value = nearest(f(z));
    if (value === values.at(-1)) continue;
    starts.push(z);
    values.push(value);
  }
  return { shift: 0, starts, end: hi, values, slopes: values.map(() => 0) };
}

interface Target {
  readonly f: (z: number) => number;
  /** Ascending places where a function of one variable is likely to bend. */
  readonly bends: readonly number[];
  /** Share of the result by which a piece may always be off. */
  readonly relative: number;
  /** Pieces that are still worth it. */
  readonly most: number;
}

/** Powers of two and half steps between them, on both sides of 0: there is structure at every scale about it. */
function bendsOf({ lo, hi, fraction, unit }: Grid): number[] {
  const sizes = Array.from({ length: 80 }, (_, k) => Math.round(2 ** (fraction - 20 + k / 2) / unit));
  const places = [0, ...sizes, ...sizes.map((size) => -size)].filter((place) => place > lo && place < hi);
  return [...new Set(places)].sort((one, other) => one - other);
}

function fitPieces(target: Target, lo: number, hi: number, tolerance: number): Piece[] {
  const pieces: Piece[] = [];
  let [start, guess] = [lo, 1];
  while (start <= hi && pieces.length <= target.most) {
    let [good, bad] = [start, hi + 1];
    let piece = chord(target, start, start, tolerance);
    for (let reach = guess; good < hi && bad > hi; reach *= 2) {
      const end = Math.min(hi, start + reach);
      const next = chord(target, start, end, tolerance);
      if (next === undefined) bad = end;
      else [good, piece] = [end, next];
    }
    while (bad - good > 1) {
      const middle = Math.floor((good + bad) / 2);
      const next = chord(target, start, middle, tolerance);
      if (next === undefined) bad = middle;
      else [good, piece] = [middle, next];
    }
    pieces.push(piece ?? { start, value: target.f(start), slope: 0 });
    guess = Math.max(1, (good - start) >> 1);
    start = good + 1;
  }
  return pieces;
}

/** The chord from `start` to `end`, if the function stays within twice the tolerance beside it. */
function chord({ f, bends, relative }: Target, start: number, end: number, tolerance: number): Piece | undefined {
  const from = f(start);
  const allowed = 2 * tolerance * Math.max(1, relative * Math.min(Math.abs(from), Math.abs(f(end))));
  const rise = end === start ? 0 : (f(end) - from) / (end - start);
  // A function that is flat up to less than a unit needs no slope.
  const slope = Math.abs(rise * (end - start)) < tolerance ? 0 : rise;
  let [least, most] = [0, 0];
  const look = (z: number): boolean => {
    const deviation = f(z) - (from + slope * (z - start));
    if (deviation < least) least = deviation;
    else if (deviation > most) most = deviation;
    return most - least <= allowed;
  };
  if (!look(Math.floor((start + end) / 2)) || !look(end)) return undefined;
  const step = Math.max(1, (end - start) / PROBES);
  for (let z = start + step; z < end; z += step) if (!look(Math.floor(z))) return undefined;
  // A long flat run hides a bend right behind its start or before its end from steps as long as these.
  for (let distance = 1; distance < step; distance *= 2)
    if (!look(start + distance) || !look(end - distance)) return undefined;
  for (const z of bends) if (z > start && z < end && !look(z)) return undefined;
  return { start, value: from + (least + most) / 2, slope };
}

/** Slopes get as few bits as keep a piece's end within a quarter of a unit; flat pieces need no rounding at all. */
function toTable(pieces: readonly Piece[], hi: number): Table {
  const isFine = (shift: number): boolean =>
    pieces.every(({ start, slope }, at) => {
      const length = (pieces[at + 1]?.start ?? hi + 1) - 1 - start;
      return Math.abs(nearest(slope * 2 ** shift) / 2 ** shift - slope) * length <= SLOPE_ERROR;
    });
  let shift = isFine(0) ? 0 : 2;
  const largest = pieces.reduce((most, { value }) => Math.max(most, Math.abs(value)), 1);
  while (shift > 0 && shift < 40 && largest * 2 ** (shift + 1) < MOST_EXACT && !isFine(shift)) shift++;
  const scale = 2 ** shift;
  return {
    shift,
    starts: pieces.map(({ start }) => start),
    end: hi,
    values: pieces.map(({ value }) => nearest(value * scale)),
    slopes: pieces.map(({ slope }) => nearest(slope * scale)),
  };
}
