import type { Mlp, SparseInput } from "./mlp.ts";

/**
 * How the float weights become integers: w1 and b1 in units of 2^-hiddenBits, w2 in units of 2^-outputBits. The hidden
 * layer is divided by 2^rescale (half up) on its way through ReLU, which leaves it in units of
 * 2^-(hiddenBits - rescale); b2 takes the units of the logits.
 */
export interface IntegerSettings {
  readonly hiddenBits: number;
  readonly rescale: number;
  readonly outputBits: number;
}

export interface Interval {
  readonly min: number;
  readonly max: number;
}

/** The network in integers: the same fields as the float network, with every weight a whole number. */
export interface IntegerMlp extends Mlp {
  readonly rescale: number;
}

/** Rounds half up. Weights of at most 24 bits stay exact in the float32 arrays. */
export function toIntegers(mlp: Mlp, settings: IntegerSettings): IntegerMlp {
  const { hiddenBits, rescale, outputBits } = settings;
  const round = (values: Float32Array, bits: number): Float32Array =>
    values.map((value) => Math.floor(value * 2 ** bits + 0.5));
  return {
    ...mlp,
    rescale,
    w1: round(mlp.w1, hiddenBits),
    b1: round(mlp.b1, hiddenBits),
    w2: round(mlp.w2, outputBits),
    b2: round(mlp.b2, hiddenBits - rescale + outputBits),
  };
}

/** The float network whose weights are exactly those integers, in their units: what a compiler can take as it is. */
export function onGrid(mlp: Mlp, settings: IntegerSettings): Mlp {
  const integers = toIntegers(mlp, settings);
  const { hiddenBits, rescale, outputBits } = settings;
  const scale = (values: Float32Array, bits: number): Float32Array => values.map((value) => value / 2 ** bits);
  return {
    ...mlp,
    w1: scale(integers.w1, hiddenBits),
    b1: scale(integers.b1, hiddenBits),
    w2: scale(integers.w2, outputBits),
    b2: scale(integers.b2, hiddenBits - rescale + outputBits),
  };
}

/** The hidden layer's integers after ReLU and rescale ([hidden]), then the logits ([outputs]). */
export function runIntegers(mlp: IntegerMlp, input: SparseInput): Float64Array {
  const hidden = Float64Array.from(mlp.b1);
  for (let at = 0; at < input.positions.length; at++) {
    const row = (input.positions[at] ?? 0) * mlp.hidden;
    const value = input.values === undefined ? 1 : (input.values[at] ?? 0);
    for (let unit = 0; unit < mlp.hidden; unit++)
      hidden[unit] = (hidden[unit] ?? 0) + value * (mlp.w1[row + unit] ?? 0);
  }
  const logits = Float64Array.from(mlp.b2);
  for (let unit = 0; unit < mlp.hidden; unit++) {
    const active = rescaledRelu(hidden[unit] ?? 0, mlp.rescale);
    if (active === 0) continue;
    const row = unit * mlp.outputs;
    for (let label = 0; label < mlp.outputs; label++)
      logits[label] = (logits[label] ?? 0) + active * (mlp.w2[row + label] ?? 0);
  }
  return logits;
}

function rescaledRelu(value: number, rescale: number): number {
  return Math.max(0, Math.floor(value / 2 ** rescale + 0.5));
}

/** What each hidden accumulator and each logit can reach for inputs in [0, largest], weights split by sign. */
export function intervals(mlp: IntegerMlp, largest: number): { hidden: Interval[]; logits: Interval[] } {
  const hidden = Array.from({ length: mlp.hidden }, (_, unit) => {
    let { min, max } = { min: mlp.b1[unit] ?? 0, max: mlp.b1[unit] ?? 0 };
    for (let input = 0; input < mlp.inputs; input++) {
      const reach = (mlp.w1[input * mlp.hidden + unit] ?? 0) * largest;
      if (reach < 0) min += reach;
      else max += reach;
    }
    return { min, max };
  });
  const logits = Array.from({ length: mlp.outputs }, (_, label) => {
    let { min, max } = { min: mlp.b2[label] ?? 0, max: mlp.b2[label] ?? 0 };
    hidden.forEach((interval, unit) => {
      const weight = mlp.w2[unit * mlp.outputs + label] ?? 0;
      const reach = [
        rescaledRelu(interval.min, mlp.rescale) * weight,
        rescaledRelu(interval.max, mlp.rescale) * weight,
      ];
      min += Math.min(...reach);
      max += Math.max(...reach);
    });
    return { min, max };
  });
  return { hidden, logits };
}

/** The bits that hold every integer of an interval in offset binary. */
export function bitsOf({ min, max }: Interval): number {
  return Math.ceil(Math.log2(max - min + 1));
}
