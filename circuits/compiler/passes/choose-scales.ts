import type { NamedTensorSpec } from "../../format/manifest.ts";
import { computeValues } from "../graph/compute.ts";
import type { FloatGraph } from "../graph/graph.ts";
import type { CompileOptions } from "../options.ts";
import { isExact } from "./check-exact.ts";
import type { ExpandedLayer } from "./expand-softmax.ts";
import { type IntegerLayers, integerize } from "./integerize.ts";
import { measureCost } from "./measure-cost.ts";
import type { Samples } from "./sample-inputs.ts";
import { measurePeaks, type Widths, widthRole } from "./scales.ts";

/** What was chosen, and how close the integers come to the float graph on the samples. */
export interface ScaleChoice {
  readonly integers: IntegerLayers;
  /** For each layer: bits of weights (linear) or of activations (relu, clip). */
  readonly widths: Widths;
  readonly accuracy: Accuracy;
  readonly reached: boolean;
}

/** `agreement`: share of equal labels. `maxError`: of numeric outputs, in units of the real values' range. */
export interface Accuracy {
  readonly agreement: number;
  readonly maxError: number;
}

const DEFAULT_AGREEMENT = 0.995;
const DEFAULT_MAX_ERROR = 0.01;
const WIDEST = 14;
const NARROWEST = 2;
/** More samples would cost time and hardly change the choice. */
const SEARCHED = 1024;

/**
 * The fewest bits that keep the accuracy: all widths fall together from 14 bits until the samples disagree too much, then
 * one at a time, always the one that saves the most constraints. Deterministic.
 */
export function chooseScales(
  graph: FloatGraph<ExpandedLayer>,
  specs: readonly NamedTensorSpec[],
  samples: Samples,
  options: CompileOptions,
): ScaleChoice {
  const step = Math.max(1, Math.ceil(samples.inputs.length / SEARCHED));
  const searched = samples.inputs.filter((_, index) => index % step === 0);
  const trial = new Trial(graph, specs, searched, options);
  let widest = WIDEST;
  while (widest > NARROWEST && !trial.isExact(trial.widths(widest))) widest--;
  let best = trial.widths(widest);
  if (trial.ok(best)) {
    for (let bits = widest - 1; bits >= NARROWEST; bits--) {
      const narrower = trial.widths(bits);
      if (!trial.ok(narrower)) break;
      best = narrower;
    }
    for (let next = trial.cheapestStep(best); next !== undefined; next = trial.cheapestStep(best)) best = next;
  }
  const accuracy = trial.measure(best, samples.inputs);
  return { integers: trial.integers(best), widths: best, accuracy, reached: trial.accepts(accuracy) };
}

class Trial {
  readonly #graph: FloatGraph<ExpandedLayer>;
  readonly #specs: readonly NamedTensorSpec[];
  readonly #samples: Samples["inputs"];
  readonly #options: CompileOptions;
  readonly #peaks: readonly number[];
  readonly #expected = new Map<readonly Float64Array[], readonly Float64Array[]>();

  constructor(
    graph: FloatGraph<ExpandedLayer>,
    specs: readonly NamedTensorSpec[],
    samples: Samples["inputs"],
    options: CompileOptions,
  ) {
    this.#graph = graph;
    this.#specs = specs;
    this.#samples = samples;
    this.#options = options;
    this.#peaks = measurePeaks(graph, samples);
  }

  /** The same width for everything that the options leave open. */
  widths(bits: number): Widths {
    return [
      ...this.#graph.inputs.map(() => null),
      ...this.#graph.layers.map((layer) => {
        const role = widthRole(layer);
        if (role === "weights") return this.#options.weightBits ?? bits;
        return role === "activations" ? (this.#options.activationBits ?? bits) : null;
      }),
    ];
  }

  isExact(widths: Widths): boolean {
    return this.integers(widths).layers.every(isExact);
  }

  ok(widths: Widths): boolean {
    return this.accepts(this.measure(widths, this.#samples));
  }

  accepts({ agreement, maxError }: Accuracy): boolean {
    const { agreement: least = DEFAULT_AGREEMENT, maxError: most = DEFAULT_MAX_ERROR } = this.#options;
    return agreement >= least && maxError <= most;
  }

  /** One bit less somewhere, where it saves the most and stays accurate; undefined if nowhere. */
  cheapestStep(widths: Widths): Widths | undefined {
    const cost = this.#cost(widths);
    const steps = widths
      .flatMap((width, id): { readonly widths: Widths; readonly saved: number }[] => {
        if (width === null || width <= NARROWEST || this.#isFixed(id)) return [];
        const narrower = widths.map((other, at) => (at === id ? width - 1 : other));
        const saved = cost - this.#cost(narrower);
        return saved > 0 ? [{ widths: narrower, saved }] : [];
      })
      .sort((a, b) => b.saved - a.saved);
    return steps.find((candidate) => this.ok(candidate.widths))?.widths;
  }

  measure(widths: Widths, samples: Samples["inputs"]): Accuracy {
    const { layers, results } = this.integers(widths);
    let [equal, labels, maxError] = [0, 0, 0];
    const spans = this.#graph.outputs.map(() => ({ lo: Infinity, hi: -Infinity, error: 0 }));
    for (const sample of samples) {
      const floats = this.#floats(sample);
      const integers = computeValues(layers, sample);
      this.#graph.outputs.forEach(({ value, type }, index) => {
        const expected = floats[value] ?? new Float64Array();
        const got = integers[results[index] ?? 0] ?? new Float64Array();
        const isLabel = type !== "real";
        const span = spans[index];
        expected.forEach((element, at) => {
          const other = got[at] ?? 0;
          if (isLabel) {
            labels++;
            if (element === other) equal++;
          } else if (span !== undefined) {
            span.lo = Math.min(span.lo, element);
            span.hi = Math.max(span.hi, element);
            span.error = Math.max(span.error, Math.abs(element - other));
          }
        });
      });
    }
    // Half a unit is the rounding that the tensor's own decimals ask for, whatever the scales.
    for (const { lo, hi, error } of spans)
      if (hi >= lo) maxError = Math.max(maxError, Math.max(0, error - 0.5) / Math.max(1, hi - lo));
    return { agreement: labels === 0 ? 1 : equal / labels, maxError };
  }

  integers(widths: Widths): IntegerLayers {
    return integerize(this.#graph, this.#specs, widths, this.#peaks);
  }

  #isFixed(id: number): boolean {
    const layer = this.#graph.layers[id - this.#graph.inputs.length];
    const role = layer === undefined ? null : widthRole(layer);
    return (role === "weights" ? this.#options.weightBits : this.#options.activationBits) !== undefined;
  }

  #cost(widths: Widths): number {
    const { layers, ranges } = this.integers(widths);
    return measureCost(layers, ranges, this.#specs.length);
  }

  #floats(sample: readonly Float64Array[]): readonly Float64Array[] {
    const known = this.#expected.get(sample);
    if (known !== undefined) return known;
    const values = computeValues(this.#graph.layers, sample);
    this.#expected.set(sample, values);
    return values;
  }
}
