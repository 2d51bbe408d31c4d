import type { NamedTensorSpec } from "../../format/manifest.ts";
import { computeValues } from "../graph/compute.ts";
import type { FloatGraph } from "../graph/graph.ts";
import { entryCount } from "../graph/matrix.ts";
import { layerSize } from "../layers/table.ts";
import type { CompileOptions } from "../options.ts";
import { isExact } from "./check-exact.ts";
import type { ExpandedLayer } from "./expand-softmax.ts";
import { type IntegerLayers, integerize } from "./integerize.ts";
import { measureCost } from "./measure-cost.ts";
import type { Samples } from "./sample-inputs.ts";
import { measurePeaks, type Widths } from "./scales.ts";

/** `agreement`: share of equal labels. `maxError`: of numeric outputs, in units of the real values' range. */
export interface Accuracy {
  readonly agreement: number;
  readonly maxError: number;
}

const DEFAULT_AGREEMENT = 0.995;
const DEFAULT_MAX_ERROR = 0.01;
/** More samples would cost time and hardly change the choice. */
const MOST_SAMPLES = 1024;
const FEWEST_SAMPLES = 32;
/** Multiplications of one comparison: fewer samples of larger models are compared. */
const WORK = 2e8;

/** A float graph, and how close its integer forms come to it on samples. */
export class Trial {
  readonly graph: FloatGraph<ExpandedLayer>;
  /** Multiplications of one evaluation. */
  readonly work: number;
  /** The samples on which widths are compared. */
  readonly searched: Samples["inputs"];
  readonly #specs: readonly NamedTensorSpec[];
  readonly #options: CompileOptions;
  readonly #peaks: readonly number[];
  readonly #expected = new Map<readonly Float64Array[], readonly Float64Array[]>();

  constructor(
    graph: FloatGraph<ExpandedLayer>,
    specs: readonly NamedTensorSpec[],
    samples: Samples["inputs"],
    options: CompileOptions,
  ) {
    this.graph = graph;
    this.work = graph.layers.reduce((sum, layer) => sum + layerWork(layer), 0);
    const wanted = Math.max(FEWEST_SAMPLES, Math.min(MOST_SAMPLES, Math.floor(WORK / this.work)));
    const step = Math.max(1, Math.ceil(samples.length / wanted));
    this.searched = samples.filter((_, index) => index % step === 0);
    this.#specs = specs;
    this.#options = options;
    this.#peaks = measurePeaks(graph, this.searched);
  }

  integers(widths: Widths): IntegerLayers {
    return integerize(this.graph, this.#specs, widths, this.#peaks);
  }

  /** Estimate of the constraints. */
  cost(widths: Widths): number {
    const { layers, ranges } = this.integers(widths);
    return measureCost(layers, ranges, this.#specs.length);
  }

  isExact(widths: Widths): boolean {
    return this.integers(widths).layers.every(isExact);
  }

  ok(widths: Widths): boolean {
    return this.accepts(this.measure(widths, this.searched));
  }

  accepts({ agreement, maxError }: Accuracy): boolean {
    const { agreement: least = DEFAULT_AGREEMENT, maxError: most = DEFAULT_MAX_ERROR } = this.#options;
    return agreement >= least && maxError <= most;
  }

  measure(widths: Widths, samples: Samples["inputs"]): Accuracy {
    return this.compare(this.integers(widths), samples);
  }

  /** How close any integer form of the graph comes. */
  compare({ layers, results }: Pick<IntegerLayers, "layers" | "results">, samples: Samples["inputs"]): Accuracy {
    let [equal, labels, maxError] = [0, 0, 0];
    const spans = this.graph.outputs.map(() => ({ lo: Infinity, hi: -Infinity, error: 0 }));
    for (const sample of samples) {
      const floats = this.#floats(sample);
      const integers = computeValues(layers, sample);
      this.graph.outputs.forEach(({ type }, index) => {
        const expected = floats[index] ?? new Float64Array();
        const got = integers[results[index] ?? 0] ?? new Float64Array();
        const span = spans[index];
        expected.forEach((element, at) => {
          // No integer is near what the model itself cannot compute.
          if (!Number.isFinite(element)) return;
          const other = got[at] ?? 0;
          if (type !== "real") {
            labels++;
            if (element === other) equal++;
          } else if (span !== undefined && Number.isFinite(element)) {
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

  /** The real outputs of a sample. */
  #floats(sample: readonly Float64Array[]): readonly Float64Array[] {
    const known = this.#expected.get(sample);
    if (known !== undefined) return known;
    const values = computeValues(this.graph.layers, sample);
    const outputs = this.graph.outputs.map(({ value }) => values[value] ?? new Float64Array());
    this.#expected.set(sample, outputs);
    return outputs;
  }
}

function layerWork(layer: ExpandedLayer): number {
  return layer.kind === "linear" ? entryCount(layer.matrix) : 4 * layerSize(layer);
}
