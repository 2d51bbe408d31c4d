import { z } from "zod";

import type { Sum } from "../gadgets/gadget.ts";
import { bitLength, floorDivide, type Interval, quotientInterval } from "../graph/interval.ts";
import type { Layer } from "../graph/layer.ts";
import type { ProgramBuilder } from "../lower/program-builder.ts";
import { combine, plus, ZERO } from "../lower/sums.ts";
import type { LayerRules } from "./layer-rules.ts";
import { encodePairs, keepPairs, mapPairs, needsPairs, pairProblems, PAIRS } from "./pairs.ts";

export const quotient: LayerRules<Layer<"quotient">> = {
  size: ({ left }) => left.length,
  compute: (layer, inputs) =>
    Float64Array.from(mapPairs(layer, inputs, (a: number, b: number) => Math.floor(a / (b > 0 ? b : 1)) + 0)),
  evaluate: (layer, inputs) => mapPairs(layer, inputs, (a: bigint, b: bigint) => floorDivide(a, b > 0n ? b : 1n)),
  range: (layer, inputs) => mapPairs(layer, inputs, (a: Interval, b: Interval) => quotientInterval(a, atLeastOne(b))),
  lower: (layer, inputs, builder) => {
    const [dividends = [], divisors = []] = inputs;
    const divides = new Set(layer.right);
    const positive = divisors.map((sum, at) => (divides.has(at) ? atLeastOneOf(sum, builder) : sum));
    return mapPairs(layer, [dividends, positive], (a: Sum, b: Sum) => divide(a, b, builder));
  },
  cost: (layer, inputs, output) => {
    const remainders = mapPairs(layer, inputs, (_: Interval, b: Interval) => bitLength(atLeastOne(b).hi - 1n));
    return remainders.reduce((rows, bits, at) => {
      const { lo, hi } = output[at] ?? { lo: 0n, hi: 0n };
      return rows + bitLength(hi - lo) + 2 * bits + 2;
    }, 0);
  },
  prunable: "freely",
  needs: needsPairs,
  keep: keepPairs,
  numbers: () => [],
  problems: pairProblems,
  schema: z.strictObject({ kind: z.literal("quotient"), ...PAIRS }),
  encode: encodePairs,
};

function atLeastOne({ lo, hi }: Interval): Interval {
  return { lo: lo < 1n ? 1n : lo, hi: hi < 1n ? 1n : hi };
}

function atLeastOneOf(sum: Sum, builder: ProgramBuilder): Sum {
  return plus(builder.relu(plus(sum, -1n), 0), 1n);
}

function divide(dividend: Sum, divisor: Sum, builder: ProgramBuilder): Sum {
  const { lo, hi } = builder.range(divisor);
  return lo === hi ? divideByKnown(dividend, lo, builder) : builder.quotient(dividend, divisor);
}

/**
 * By a constant, with its reciprocal rounded up to so many bits that the error stays below what a remainder leaves: of
 * 2^s / d with s the bits of dividend and divisor together (Granlund and Montgomery, 1994).
 */
function divideByKnown(dividend: Sum, divisor: bigint, builder: ProgramBuilder): Sum {
  if (divisor === 1n) return dividend;
  const { lo, hi } = builder.range(dividend);
  const base = floorDivide(lo, divisor);
  if (floorDivide(hi, divisor) === base) return plus(ZERO, base);
  const natural = plus(dividend, -base * divisor);
  const shift = BigInt(bitLength(hi - base * divisor) + bitLength(divisor));
  const reciprocal = ((1n << shift) + divisor - 1n) / divisor;
  // Rounding is half up: taking half off first leaves the floor.
  const scaled = combine([natural], [reciprocal], -(1n << (shift - 1n)));
  return plus(builder.round(scaled, Number(shift)), base);
}
