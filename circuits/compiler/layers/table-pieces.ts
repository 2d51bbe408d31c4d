import { bitLength, hull, type Interval } from "../graph/interval.ts";
import type { PiecewiseLayer } from "../graph/layer.ts";

export interface Piece {
  readonly start: bigint;
  /** Included. */
  readonly end: bigint;
  readonly value: bigint;
  readonly slope: bigint;
}

/** The neighbouring pieces that an element can be on. */
export interface Span {
  readonly pieces: readonly Piece[];
  /** Values before rounding on all of them but the first and the last; undefined if there are no others. */
  readonly inner: Interval | undefined;
  /** Bits of how far into a piece an element can be. */
  readonly offset: number;
  /** Whether slopes differ. */
  readonly steep: boolean;
}

interface Known {
  readonly pieces: readonly Piece[];
  readonly spans: Map<number, Span>;
}

/** Elements of a layer are many and mostly lie on the same pieces. */
const KNOWN = new WeakMap<PiecewiseLayer, Known>();

export function clampToTable({ starts, end }: PiecewiseLayer, value: bigint): bigint {
  const [first, last] = [BigInt(starts[0] ?? 0), BigInt(end)];
  return value < first ? first : value > last ? last : value;
}

export function spanOf(layer: PiecewiseLayer, { lo, hi }: Interval): Span {
  const { pieces, spans } = knownOf(layer);
  const first = pieceAt(layer, Number(clampToTable(layer, lo)));
  const last = pieceAt(layer, Number(clampToTable(layer, hi)));
  const key = first * pieces.length + last;
  const known = spans.get(key);
  if (known !== undefined) return known;
  const own = pieces.slice(first, last + 1);
  const inner = own.slice(1, -1);
  const span = {
    pieces: own,
    inner: inner.length === 0 ? undefined : hull(inner.flatMap((piece) => [piece.value, valueAt(piece, piece.end)])),
    offset: bitLength(own.reduce((most, { start, end }) => (end - start > most ? end - start : most), 0n)),
    steep: own.some(({ slope }) => slope !== own[0]?.slope),
  };
  spans.set(key, span);
  return span;
}

/** What an element in an interval can be before rounding. */
export function unroundedRange(layer: PiecewiseLayer, interval: Interval): Interval {
  const { pieces, inner } = spanOf(layer, interval);
  const { lo, hi } = { lo: clampToTable(layer, interval.lo), hi: clampToTable(layer, interval.hi) };
  const [first, last] = [pieces[0], pieces.at(-1)];
  if (first === undefined || last === undefined) throw new RangeError("a table has no pieces");
  const ends =
    first === last
      ? [valueAt(first, lo), valueAt(first, hi)]
      : [valueAt(first, lo), valueAt(first, first.end), last.value, valueAt(last, hi)];
  return hull(inner === undefined ? ends : [...ends, inner.lo, inner.hi]);
}

/** Index of the piece of something inside the table. */
export function pieceAt({ starts }: PiecewiseLayer, z: number): number {
  let [low, high] = [0, starts.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= z) low = middle;
    else high = middle - 1;
  }
  return low;
}

function valueAt({ start, value, slope }: Piece, z: bigint): bigint {
  return value + slope * (z - start);
}

/** The value before rounding of something inside the table. */
export function unrounded(layer: PiecewiseLayer, z: bigint): bigint {
  const piece = knownOf(layer).pieces[pieceAt(layer, Number(z))];
  if (piece === undefined) throw new RangeError("a table has no pieces");
  return valueAt(piece, z);
}

function knownOf(layer: PiecewiseLayer): Known {
  const known = KNOWN.get(layer);
  if (known !== undefined) return known;
  const { starts, end, values, slopes } = layer;
  const made = {
    pieces: starts.map((start, at) => {
      const next = starts[at + 1];
      return {
        start: BigInt(start),
        end: next === undefined ? BigInt(end) : BigInt(next) - 1n,
        value: BigInt(values[at] ?? 0),
        slope: BigInt(slopes[at] ?? 0),
      };
    }),
    spans: new Map<number, Span>(),
  };
  KNOWN.set(layer, made);
  return made;
}
