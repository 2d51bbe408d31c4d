import type { NamedTensorSpec } from "../../format/manifest.ts";
import { elementCount, elementRange } from "../../format/tensor.ts";
import { Diagnostics } from "../compile-error.ts";
import { xorshift } from "./xorshift.ts";

/** Integer inputs on which scales are compared, and where they came from. */
export interface Samples {
  /** For each sample, one vector of integers for each graph input. */
  readonly inputs: readonly (readonly Float64Array[])[];
  /** How many of them, the first ones, are near 0: their outputs are held to a range of their own. */
  readonly near: number;
  readonly source: "given" | "drawn";
  /** Given values that lay outside their type and were moved to its nearer end. */
  readonly clipped: number;
}

const DRAWN = 512;
const SEED = 0x5eed;

/**
 * Rounds the given real samples to their types, or draws with a fixed seed: uniformly from the declared ranges, and where
 * inputs are real numbers half of them from the standard normal distribution, as models are usually fed. `indices` say how
 * many places an input that is an index has.
 */
export function prepareSamples(
  specs: readonly NamedTensorSpec[],
  given: readonly (readonly number[])[] | undefined,
  indices: readonly (number | undefined)[] = [],
): Samples {
  if (given === undefined || given.length === 0) return { ...drawSamples(specs, indices), source: "drawn", clipped: 0 };
  const wanted = specs.reduce((sum, spec) => sum + elementCount(spec), 0);
  const problems = new Diagnostics();
  given.forEach((sample, index) => {
    if (sample.length !== wanted || !sample.every(Number.isFinite))
      problems.add(
        "OPTION_INVALID",
        { name: "", op: "" },
        `sample ${index} must be ${wanted} finite numbers, it has ${sample.length}`,
      );
  });
  problems.throwIfAny("OPTIONS_INVALID");
  let clipped = 0;
  const inputs = given.map((sample) => {
    let offset = 0;
    return specs.map((spec) => {
      const { min, max } = elementRange(spec);
      const [lo, hi] = [Number(min), Number(max)];
      const size = elementCount(spec);
      const values = Float64Array.from(sample.slice(offset, offset + size), (real) => {
        const integer = Math.floor(real * 10 ** spec.decimals + 0.5) + 0;
        if (integer < lo || integer > hi) clipped++;
        return Math.min(hi, Math.max(lo, integer));
      });
      offset += size;
      return values;
    });
  });
  return { inputs, near: 0, source: "given", clipped };
}

function drawSamples(
  specs: readonly NamedTensorSpec[],
  indices: readonly (number | undefined)[],
): Pick<Samples, "inputs" | "near"> {
  const next = xorshift(SEED);
  const near = specs.some(isReal) ? DRAWN / 2 : 0;
  const inputs = Array.from({ length: DRAWN }, (_, at) =>
    specs.map((spec, index) => {
      const { min, max } = elementRange(spec);
      const [lo, hi] = [Number(min), Number(max)];
      const span = Math.min(hi - lo + 1, indices[index] ?? Infinity);
      const uniform = (): number => lo + Math.floor(next() * span);
      const normal = (): number => Math.max(lo, Math.min(hi, Math.round(drawNormal(next) * 10 ** spec.decimals)));
      return Float64Array.from({ length: elementCount(spec) }, at < near && isReal(spec) ? normal : uniform);
    }),
  );
  return { inputs, near };
}

/** Decimals say that an element is a real number; without them it is a pixel, a count or a place. */
function isReal({ decimals }: NamedTensorSpec): boolean {
  return decimals > 0;
}

/** Box and Muller's transformation; `+ 0` turns -0 into 0. */
function drawNormal(next: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()) + 0;
}
