import { z } from "zod";

import type { Sum } from "../gadgets/gadget.ts";
import { bitLength, type Interval, signedBits } from "../graph/interval.ts";
import type { Layer } from "../graph/layer.ts";
import type { ProgramBuilder } from "../lower/program-builder.ts";
import { combine, plus, ZERO } from "../lower/sums.ts";
import type { LayerRules } from "./layer-rules.ts";
import { encodePairs, keepPairs, mapPairs, needsPairs, pairProblems, PAIRS } from "./pairs.ts";

/** Beyond it float64 has no integers, and a wrong scale may lead there while scales are compared. */
export const MAGNITUDE_LIMIT = 2 ** 53;

export const bitand: LayerRules<Layer<"bitand">> = {
  size: ({ left }) => left.length,
  compute: (layer, inputs) =>
    Float64Array.from(
      mapPairs(layer, inputs, (a: number, b: number) =>
        Math.abs(a) < MAGNITUDE_LIMIT && Math.abs(b) < MAGNITUDE_LIMIT
          ? Number(BigInt(Math.round(a)) & BigInt(Math.round(b)))
          : NaN,
      ),
    ),
  evaluate: (layer, inputs) => mapPairs(layer, inputs, (a: bigint, b: bigint) => a & b),
  range: (layer, inputs) => mapPairs(layer, inputs, andInterval),
  lower: (layer, inputs, builder) => {
    const digits = inputs.map((sums) => sums.map((sum) => digitsOf(sum, builder)));
    return mapPairs(layer, digits, (one: Digits, other: Digits) => andDigits(one, other, builder));
  },
  cost: (layer, inputs) =>
    mapPairs(layer, inputs, (a: Interval, b: Interval) => 3 * Math.max(digitCount(a), digitCount(b)) + 2).reduce(
      (rows, more) => rows + more,
      0,
    ),
  prunable: "freely",
  needs: needsPairs,
  keep: keepPairs,
  numbers: () => [],
  problems: pairProblems,
  schema: z.strictObject({ kind: z.literal("bitand"), ...PAIRS }),
  encode: encodePairs,
};

export function andInterval(a: Interval, b: Interval): Interval {
  if (a.lo >= 0n && b.lo >= 0n) return { lo: 0n, hi: a.hi < b.hi ? a.hi : b.hi };
  if (a.lo >= 0n) return { lo: 0n, hi: a.hi };
  if (b.lo >= 0n) return { lo: 0n, hi: b.hi };
  const bits = Math.max(signedBits(a), signedBits(b));
  return { lo: -(1n << BigInt(bits - 1)), hi: a.hi > b.hi ? a.hi : b.hi };
}

export function andSums(one: Sum, other: Sum, builder: ProgramBuilder): Sum {
  return andDigits(digitsOf(one, builder), digitsOf(other, builder), builder);
}

/** A number in two's complement: what all bits above the last one are, too. */
interface Digits {
  readonly bits: readonly Sum[];
  readonly sign: Sum;
  readonly range: Interval;
}

function digitCount({ lo, hi }: Interval): number {
  return lo >= 0n ? bitLength(hi) : signedBits({ lo, hi });
}

/** Plus 2^(n - 1), all bits are those of two's complement but the highest, which says "not negative". */
function digitsOf(sum: Sum, builder: ProgramBuilder): Digits {
  const range = builder.range(sum);
  if (range.lo >= 0n) return { bits: builder.bitsOf(sum, bitLength(range.hi)), sign: ZERO, range };
  const count = signedBits(range);
  const bits = builder.bitsOf(plus(sum, 1n << BigInt(count - 1)), count);
  const sign = combine([bits[count - 1] ?? ZERO], [-1n], 1n);
  return { bits: bits.slice(0, -1), sign, range };
}

/** One row for each bit that neither operand lacks; a constant bit costs nothing. */
function andDigits(one: Digits, other: Digits, builder: ProgramBuilder): Sum {
  const count = Math.max(one.bits.length, other.bits.length);
  const parts = Array.from({ length: count }, (_, k) =>
    builder.product(one.bits[k] ?? one.sign, other.bits[k] ?? other.sign),
  );
  const weights = parts.map((_, k) => 1n << BigInt(k));
  const sum = combine([...parts, builder.product(one.sign, other.sign)], [...weights, -(1n << BigInt(count))], 0n);
  return builder.known(sum, andInterval(one.range, other.range));
}
