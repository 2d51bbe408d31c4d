import type { NamedTensorSpec } from "../../format/manifest.ts";
import { computeValues } from "../graph/compute.ts";
import type { FloatGraph } from "../graph/graph.ts";
import type { FloatLayer, Layer } from "../graph/layer.ts";
import { entryCount } from "../graph/matrix.ts";
import { computeLayer, layerSize } from "../layers/table.ts";
import type { CompileOptions } from "../options.ts";
import { isExact } from "./check-exact.ts";
import type { ExpandedLayer } from "./expand-softmax.ts";
import { type Integerization, type IntegerLayers, integerize } from "./integerize.ts";
import { measureCost } from "./measure-cost.ts";
import type { Samples } from "./sample-inputs.ts";
import { measurePeaks, type Widths } from "./scales.ts";

/** `agreement`: share of equal labels. `maxError`: of numeric outputs, in units of the real values' range. */
export interface Accuracy {
  readonly agreement: number;
  readonly maxError: number;
}

/** The integer form of the graph at some widths. */
export interface Candidate extends Integerization {
  readonly widths: Widths;
  /** Estimate of the constraints. */
  readonly cost: number;
}

type Sample = readonly Float64Array[];
type Values = readonly Float64Array[];

/** How far one sample's integers are from its real outputs. */
interface Deviation {
  readonly unequal: number;
  /** For each output: the largest difference, in its units. */
  readonly errors: readonly number[];
}

const DEFAULT_AGREEMENT = 0.995;
const DEFAULT_MAX_ERROR = 0.01;
/** More samples would cost time and hardly change the choice. */
const MOST_SAMPLES = 1024;
const FEWEST_SAMPLES = 32;
/** Multiplications of one comparison: fewer samples of larger models are compared. */
const WORK = 2e8;
/** To make a weight an integer and to add up intervals takes as long as so many multiplications. */
const PLACING = 16;
/** Values of the best candidate that are kept, over all samples: 8 bytes each. */
const KEPT_VALUES = 1 << 24;

/** A float graph, and how close its integer forms come to it on samples. */
export class Trial {
  readonly graph: FloatGraph<ExpandedLayer>;
  /** The samples on which widths are compared. */
  readonly searched: Samples["inputs"];
  /** Multiplications so far, and what took as long. */
  spent = 0;
  readonly #specs: readonly NamedTensorSpec[];
  readonly #options: CompileOptions;
  readonly #peaks: readonly number[];
  /** Samples whose outputs have a range of their own. */
  readonly #near: ReadonlySet<Sample>;
  readonly #expected = new Map<Sample, Values>();
  /** The candidate that others are made from, and its values on the searched samples as far as they are kept. */
  #best: { readonly candidate: Candidate; readonly values: ReadonlyMap<Sample, Values> } | undefined;
  /** Those that turned a candidate down come first: the next one fails there too, if it does. */
  #order: readonly Sample[];

  constructor(
    graph: FloatGraph<ExpandedLayer>,
    specs: readonly NamedTensorSpec[],
    { inputs: samples, near }: Pick<Samples, "inputs" | "near">,
    options: CompileOptions,
  ) {
    this.#near = new Set(samples.slice(0, near));
    this.graph = graph;
    const work = graph.layers.reduce((sum, layer) => sum + layerWork(layer), 0);
    const wanted = Math.max(FEWEST_SAMPLES, Math.min(MOST_SAMPLES, Math.floor(WORK / work)));
    const step = Math.max(1, Math.ceil(samples.length / wanted));
    this.searched = samples.filter((_, index) => index % step === 0);
    this.#order = this.searched;
    this.#specs = specs;
    this.#options = options;
    this.#peaks = measurePeaks(graph, this.searched, (sample, values) => {
      this.#expected.set(sample, this.#outputsOf(values));
    });
  }

  candidate(widths: Widths): Candidate {
    const earlier = this.#best?.candidate;
    const made = integerize(this.graph, this.#specs, widths, this.#peaks, earlier);
    const { layers, ranges } = made.integers;
    layers.forEach((layer, index) => {
      if (layer !== earlier?.integers.layers[index]) this.spent += PLACING * layerWork(layer);
    });
    return { ...made, widths, cost: measureCost(layers, ranges, this.#specs.length) };
  }

  /** Whether a candidate is accurate enough on the searched samples. If so, the next ones are made from it. */
  adopts(candidate: Candidate): boolean {
    const { layers } = candidate.integers;
    const before = this.#best?.candidate.integers.layers;
    if (!layers.every((layer, index) => layer === before?.[index] || isExact(layer))) return false;
    const { agreement: least = DEFAULT_AGREEMENT } = this.#options;
    const spans = this.#spans(this.searched);
    const labels = this.#labels(this.searched);
    const values = new Map<Sample, Values>();
    let [unequal, kept] = [0, 0];
    for (const sample of this.#order) {
      const computed = this.#compute(candidate, sample);
      const { unequal: more, errors } = this.#deviation(sample, candidate.integers, computed);
      unequal += more;
      const isClose = this.#isClose(errors, spans(sample));
      if (more > 0 || !isClose) {
        this.#order = [sample, ...this.#order.filter((other) => other !== sample)];
        if (!isClose || (labels - unequal) / labels < least) return false;
      }
      kept += computed.reduce((sum, value) => sum + value.length, 0);
      if (kept <= KEPT_VALUES) values.set(sample, computed);
    }
    this.#best = { candidate, values };
    return true;
  }

  accepts({ agreement, maxError }: Accuracy): boolean {
    const { agreement: least = DEFAULT_AGREEMENT, maxError: most = DEFAULT_MAX_ERROR } = this.#options;
    return agreement >= least && maxError <= most;
  }

  /** How close any integer form of the graph comes. */
  compare(integers: Pick<IntegerLayers, "layers" | "results">, samples: Samples["inputs"]): Accuracy {
    const labels = this.#labels(samples);
    const spans = this.#spans(samples);
    let [unequal, maxError] = [0, 0];
    for (const sample of samples) {
      const deviation = this.#deviation(sample, integers, computeValues(integers.layers, sample));
      unequal += deviation.unequal;
      maxError = Math.max(maxError, ...deviation.errors.map((error, index) => share(error, spans(sample)[index])));
    }
    return { agreement: labels === 0 ? 1 : (labels - unequal) / labels, maxError };
  }

  #isClose(errors: readonly number[], spans: readonly number[]): boolean {
    const { maxError: most = DEFAULT_MAX_ERROR } = this.#options;
    return errors.every((error, index) => share(error, spans[index]) <= most);
  }

  /** What the best candidate has computed from the same layers need not be computed again. */
  #compute({ integers: { layers } }: Candidate, sample: Sample): Values {
    const known = this.#best?.values.get(sample);
    const before = this.#best?.candidate.integers.layers;
    const first = sample.length;
    const values: Float64Array[] = [...sample];
    layers.forEach((layer, index) => {
      const same = known?.[first + index];
      if (same !== undefined && layer === before?.[index] && layer.inputs.every((id) => values[id] === known?.[id])) {
        values.push(same);
        return;
      }
      this.spent += layerWork(layer);
      values.push(
        computeLayer(
          layer,
          layer.inputs.map((id) => values[id] ?? new Float64Array()),
        ),
      );
    });
    return values;
  }

  #deviation(sample: Sample, { results }: Pick<IntegerLayers, "results">, values: Values): Deviation {
    const floats = this.#floats(sample);
    let unequal = 0;
    const errors = this.graph.outputs.map(({ type }, index) => {
      const got = values[results[index] ?? 0] ?? new Float64Array();
      let error = 0;
      // No integer is near what the model itself cannot compute.
      floats[index]?.forEach((element, at) => {
        if (!Number.isFinite(element)) return;
        const other = got[at] ?? 0;
        if (type === "real") error = Math.max(error, Math.abs(element - other));
        else if (element !== other) unequal++;
      });
      return error;
    });
    return { unequal, errors };
  }

  /** For a sample, how far the outputs of its kind of samples reach. */
  #spans(samples: Samples["inputs"]): (sample: Sample) => readonly number[] {
    const near = this.#spansOf(samples.filter((sample) => this.#near.has(sample)));
    const wide = this.#spansOf(samples.filter((sample) => !this.#near.has(sample)));
    return (sample) => (this.#near.has(sample) ? near : wide);
  }

  /** From the least to the largest element of each output, in its units. */
  #spansOf(samples: Samples["inputs"]): readonly number[] {
    return this.graph.outputs.map((_, index) => {
      let [lo, hi] = [Infinity, -Infinity];
      for (const sample of samples)
        for (const element of this.#floats(sample)[index] ?? []) {
          if (!Number.isFinite(element)) continue;
          lo = Math.min(lo, element);
          hi = Math.max(hi, element);
        }
      return Math.max(1, hi - lo);
    });
  }

  #labels(samples: Samples["inputs"]): number {
    return samples.reduce(
      (sum, sample) =>
        this.graph.outputs.reduce((count, { type }, index) => {
          const elements = type === "real" ? undefined : this.#floats(sample)[index];
          return count + (elements?.filter(Number.isFinite).length ?? 0);
        }, sum),
      0,
    );
  }

  /** The real outputs of a sample. */
  #floats(sample: Sample): Values {
    const known = this.#expected.get(sample);
    if (known !== undefined) return known;
    const outputs = this.#outputsOf(computeValues(this.graph.layers, sample));
    this.#expected.set(sample, outputs);
    return outputs;
  }

  #outputsOf(values: Values): Values {
    return this.graph.outputs.map(({ value }) => values[value] ?? new Float64Array());
  }
}

/** Half a unit is the rounding that the tensor's own decimals ask for, whatever the scales. */
function share(error: number, span = 1): number {
  return Math.max(0, error - 0.5) / span;
}

function layerWork(layer: FloatLayer | Layer): number {
  return layer.kind === "linear" ? entryCount(layer.matrix) : 4 * layerSize(layer);
}
