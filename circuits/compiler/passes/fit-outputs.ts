import type { NamedTensorSpec } from "../../format/manifest.ts";
import { ELEMENT_BITS, elementRange } from "../../format/tensor.ts";
import { Diagnostics } from "../compile-error.ts";
import type { Interval } from "../graph/interval.ts";
import type { OutputType } from "./choose-types.ts";

/**
 * Gives each output a width that holds its interval. Throws `OUTPUT_RANGE` if the declared one does not: a value that
 * does not fit would have no proof.
 */
export function fitOutputs(
  types: readonly OutputType[],
  intervals: readonly (readonly Interval[])[],
): readonly NamedTensorSpec[] {
  const problems = new Diagnostics();
  const specs = types.map((type, index) => {
    const elements = intervals[index] ?? [];
    const widths = type.bits === null ? ELEMENT_BITS.filter((bits) => bits >= 8) : [type.bits];
    const fits = widths
      .map((bits) => Object.freeze({ ...type, bits, shape: [...type.shape] }))
      .find((spec) => {
        const { min, max } = elementRange(spec);
        return elements.every(({ lo, hi }) => lo >= min && hi <= max);
      });
    if (fits !== undefined) return fits;
    const lo = elements.reduce((least, element) => (element.lo < least ? element.lo : least), 0n);
    const hi = elements.reduce((most, element) => (element.hi > most ? element.hi : most), 0n);
    problems.add(
      "OUTPUT_RANGE",
      { name: type.name, op: "" },
      `the output can lie anywhere in [${lo}, ${hi}] (value * 10^${type.decimals}), which does not fit ${type.kind}` +
        `${type.bits ?? 64}; take more bits, fewer decimals, or end the model with a Clip`,
    );
    return { ...type, bits: 64, shape: [...type.shape] };
  });
  problems.throwIfAny();
  return specs;
}
