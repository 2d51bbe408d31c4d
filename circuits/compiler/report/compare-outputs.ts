import { computeValues } from "../graph/compute.ts";
import type { FloatGraph, IntegerGraph } from "../graph/graph.ts";
import type { Samples } from "../passes/sample-inputs.ts";

/** Elements of one output on samples: what the float model gives and what the integers stand for, position by position. */
export interface Comparison {
  readonly output: string;
  /** Whether it is a choice among classes, of which only equality counts. */
  readonly label: boolean;
  readonly float: readonly number[];
  readonly integer: readonly number[];
}

/** Points of a plot: more would cover each other. */
const MOST_POINTS = 400;
/** An output with many elements is compared on at least so many samples. */
const FEWEST_SAMPLES = 16;
/** More digits would only be noise of one processor's float64. */
const DIGITS = 6;

/**
 * Evenly spaced samples and elements, the same for the same samples. `float` is the graph from which the integer graph was
 * made: both count outputs in units of their decimals.
 */
export function compareOutputs(graph: IntegerGraph, float: FloatGraph, { inputs }: Samples): readonly Comparison[] {
  const smallest = Math.min(...graph.outputs.map(({ shape }) => shape.reduce((product, size) => product * size, 1)));
  const wanted = Math.max(FEWEST_SAMPLES, Math.ceil(MOST_POINTS / Math.max(1, smallest)));
  const pairs = spaced(inputs, wanted).map((sample) => [
    computeValues(float.layers, sample),
    computeValues(graph.layers, sample),
  ]);
  return graph.outputs.map(({ name, kind, decimals }, index) => {
    const from = float.outputs[index]?.value ?? -1;
    const to = graph.results[index] ?? -1;
    const points = pairs.flatMap(([floats, integers]) =>
      Array.from(integers?.[to] ?? [], (integer, at) => [floats?.[from]?.[at] ?? 0, integer] as const),
    );
    const shown = spaced(points, MOST_POINTS);
    const real = (value: number): number => Number((value / 10 ** decimals).toPrecision(DIGITS));
    return Object.freeze({
      output: name,
      label: kind === "label",
      float: shown.map(([expected]) => real(expected)),
      integer: shown.map(([, got]) => real(got)),
    });
  });
}

/** At most `count` of the items, the first one among them. */
function spaced<T>(items: readonly T[], count: number): readonly T[] {
  const step = Math.max(1, Math.ceil(items.length / count));
  return items.filter((_, index) => index % step === 0);
}
