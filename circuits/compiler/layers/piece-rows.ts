import { bitLength } from "../graph/interval.ts";

/** What the rows of a table of straight pieces hang on. */
export interface PieceShape {
  readonly pieces: number;
  /** How far into a piece an element can be. */
  readonly longest: number;
  /** Whether slopes differ. */
  readonly steep: boolean;
  /** Largest magnitude before rounding; 0 if there is none. */
  readonly largest: number;
}

/** Members, two distances of the same width, the slope's product and the rounding. */
export function pieceRows({ pieces, longest, steep, largest }: PieceShape): number {
  const place = pieces < 2 ? 0 : pieces + 3 + 2 * bitLength(BigInt(Math.ceil(longest)));
  const rounding = largest === 0 ? 0 : bitLength(BigInt(Math.ceil(largest))) + 2;
  return place + (steep ? 1 : 0) + rounding;
}
