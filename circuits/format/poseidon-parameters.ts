import { invert } from "./field.ts";
import { FIELD_ORDER } from "./interface-words.ts";

/** Round constants and mixing matrix of the Poseidon permutation with `width` field elements of state. */
export interface PoseidonParameters {
  readonly width: number;
  /** Rounds in which one element goes through the S-box; half of the full rounds come before them. */
  readonly partialRounds: number;
  /** `width` for each round, in the order of the rounds. */
  readonly constants: readonly (readonly bigint[])[];
  readonly matrix: readonly (readonly bigint[])[];
}

export const FULL_ROUNDS = 8;
export const WIDEST_STATE = 17;

/** Of widths 2 to 17, for 128 bits of security with x^5 over BN254: table 2 of the paper with its security margin. */
const PARTIAL_ROUNDS = [56, 57, 56, 60, 60, 63, 64, 63, 60, 66, 60, 65, 70, 60, 64, 68];

const FIELD_BITS = 254;
const known = new Map<number, PoseidonParameters>();

/**
 * Computed as the reference implementation does (https://eprint.iacr.org/2019/458, appendices E and F): constants from
 * a Grain generator that is seeded with the instance, the matrix of Cauchy's form from what the generator gives next.
 * Throws `RangeError` for widths outside 2 to 17.
 */
export function poseidonParameters(width: number): PoseidonParameters {
  const found = known.get(width);
  if (found !== undefined) return found;
  const partialRounds = PARTIAL_ROUNDS[width - 2];
  if (partialRounds === undefined) throw new RangeError(`a Poseidon state of ${width} elements has no parameters`);
  const grain = seededGrain(width, partialRounds);
  const constants = Array.from({ length: FULL_ROUNDS + partialRounds }, () =>
    Array.from({ length: width }, () => drawBelowOrder(grain)),
  );
  const parameters = Object.freeze({ width, partialRounds, constants, matrix: cauchyMatrix(width, grain) });
  known.set(width, parameters);
  return parameters;
}

type Grain = () => bigint;

/** Gives one random bit each time: of pairs of the register's bits, the second ones of those whose first is 1. */
function seededGrain(width: number, partialRounds: number): Grain {
  const seed: (readonly [value: number, bits: number])[] = [
    [1, 2], // a prime field
    [0, 4], // x^5
    [FIELD_BITS, 12],
    [width, 12],
    [FULL_ROUNDS, 10],
    [partialRounds, 10],
    [2 ** 30 - 1, 30],
  ];
  const register = Uint8Array.from(seed.flatMap(([value, bits]) => toBits(value, bits)));
  let head = 0;
  const at = (offset: number): number => register[(head + offset) % register.length] ?? 0;
  const step = (): number => {
    const bit = at(62) ^ at(51) ^ at(38) ^ at(23) ^ at(13) ^ at(0);
    register[head] = bit;
    head = (head + 1) % register.length;
    return bit;
  };
  for (let discarded = 0; discarded < 160; discarded++) step();
  return () => {
    while (step() === 0) step();
    return BigInt(step());
  };
}

function toBits(value: number, bits: number): number[] {
  return Array.from({ length: bits }, (_, index) => Math.floor(value / 2 ** (bits - 1 - index)) % 2);
}

function draw(grain: Grain): bigint {
  let value = 0n;
  for (let bit = 0; bit < FIELD_BITS; bit++) value = (value << 1n) | grain();
  return value;
}

function drawBelowOrder(grain: Grain): bigint {
  for (;;) {
    const value = draw(grain);
    if (value < FIELD_ORDER) return value;
  }
}

/** Entry (i, j) is 1 / (x_i + y_j); every square part of such a matrix can be inverted. */
function cauchyMatrix(width: number, grain: Grain): bigint[][] {
  for (;;) {
    const drawn = Array.from({ length: 2 * width }, () => draw(grain) % FIELD_ORDER);
    const sums = drawn.slice(0, width).map((x) => drawn.slice(width).map((y) => (x + y) % FIELD_ORDER));
    if (new Set(drawn).size === drawn.length && sums.every((row) => row.every((sum) => sum !== 0n)))
      return sums.map((row) => row.map(invert));
  }
}
