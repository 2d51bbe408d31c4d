import type { NamedTensorSpec } from "../../format/manifest.ts";
import { hull, type Interval, signedBits } from "../graph/interval.ts";
import type { FloatGraph } from "../graph/graph.ts";
import type {
  ClipLayer,
  CurveLayer,
  Layer,
  LinearLayer,
  Origin,
  RescaleLayer,
  ValueId,
  WholeLayer,
} from "../graph/layer.ts";
import { buildMatrix, identityMatrix, mapEntries } from "../graph/matrix.ts";
import { layerSize, rangeLayer } from "../layers/table.ts";
import type { ExpandedLayer } from "./expand-softmax.ts";
import { fitCurve } from "./fit-curve.ts";
import { fittingFraction, nearest } from "./fractions.ts";
import { inputRanges, type Ranges } from "./infer-ranges.ts";
import { endsOf, weightFraction, type Widths } from "./scales.ts";

/** An integer graph's layers with the interval of every value, and which value each output is. */
export interface IntegerLayers {
  readonly layers: readonly Layer[];
  readonly origins: readonly Origin[];
  readonly results: readonly ValueId[];
  readonly ranges: Ranges;
}

/** A value of the integer graph: it stands for integer / 2^fraction. */
interface Placed {
  readonly id: ValueId;
  readonly fraction: number;
}

/** A value whose interval is that much wider than what the samples show is saturated: products would carry it on. */
const MARGIN_BITS = 6;
/** Tables are made for intervals of at most this many bits. */
const TABLE_BITS = 36;
const DEFAULT_WIDTH = 12;

/**
 * Turns real layers into integer ones, from inputs to outputs, at the finest scales within the widths: a linear layer's
 * largest weight just fits its bits, an activation's peak on the samples just fits its own. Bits are dropped where
 * something decomposes anyway. Outputs end at fraction 0, the integers of their spec. Deterministic.
 */
export function integerize(
  graph: FloatGraph<ExpandedLayer>,
  specs: readonly NamedTensorSpec[],
  widths: Widths,
  peaks: readonly number[],
): IntegerLayers {
  return new Integerizer(graph, specs, widths, peaks).run();
}

class Integerizer {
  readonly #graph: FloatGraph<ExpandedLayer>;
  readonly #widths: Widths;
  readonly #peaks: readonly number[];
  readonly #layers: Layer[] = [];
  readonly #origins: Origin[] = [];
  readonly #ranges: (readonly Interval[])[];
  readonly #placed: Placed[];
  readonly #published: ReadonlySet<ValueId>;
  #origin: Origin = { nodes: [], ops: [], shape: [] };

  constructor(
    graph: FloatGraph<ExpandedLayer>,
    specs: readonly NamedTensorSpec[],
    widths: Widths,
    peaks: readonly number[],
  ) {
    this.#graph = graph;
    this.#widths = widths;
    this.#peaks = peaks;
    this.#ranges = inputRanges(specs);
    this.#placed = graph.inputs.map((_, id) => ({ id, fraction: 0 }));
    this.#published = new Set(graph.outputs.map(({ value }) => value));
  }

  run(): IntegerLayers {
    const first = this.#graph.inputs.length;
    this.#graph.layers.forEach((layer, index) => {
      this.#origin = this.#graph.origins[index] ?? this.#origin;
      this.#placed.push(this.#place(layer, first + index));
    });
    const results = this.#graph.outputs.map(({ value, shape }) => {
      this.#origin = { nodes: [], ops: ["Rescale"], shape };
      return this.#toFraction(this.#at(value), 0).id;
    });
    return { layers: this.#layers, origins: this.#origins, results, ranges: this.#ranges };
  }

  #place(layer: ExpandedLayer, id: ValueId): Placed {
    const inputs = layer.inputs.map((input) => this.#at(input));
    const [input = { id: 0, fraction: 0 }, other = input] = inputs;
    switch (layer.kind) {
      case "linear":
        return this.#linear(layer, inputs, id);
      case "product":
        return {
          id: this.#emit({ ...layer, inputs: [input.id, other.id] }),
          fraction: input.fraction + other.fraction,
        };
      case "relu": {
        const fraction = this.#activationFraction(input.fraction, id);
        return { id: this.#emit({ ...layer, inputs: [input.id], shift: input.fraction - fraction }), fraction };
      }
      case "clip":
        return this.#clip(layer, input, this.#activationFraction(input.fraction, id));
      case "rescale":
        return this.#rescale(layer, input, id);
      case "max":
        return { id: this.#emit({ ...layer, inputs: [input.id] }), fraction: input.fraction };
      case "argmax":
      case "step":
        return { id: this.#emit({ ...layer, inputs: [input.id] }), fraction: 0 };
      case "onehot": {
        const whole = this.#toFraction(input, 0);
        const bounded = this.#within(whole, 0, layer.count - 1);
        return { id: this.#emit({ ...layer, inputs: [bounded.id] }), fraction: 0 };
      }
      case "curve":
        return this.#curve(layer, input, id);
      case "whole":
        return this.#whole(layer, input);
      case "piecewise":
        throw new RangeError("a float graph has no tables");
    }
  }

  #linear(layer: LinearLayer, inputs: readonly Placed[], id: ValueId): Placed {
    const sizes = inputs.map((input) => this.#size(input));
    const fractions = inputs.map((input) => input.fraction);
    const finest = weightFraction(layer, this.#widths[id] ?? DEFAULT_WIDTH, fractions, sizes);
    const fraction = this.#published.has(id) ? Math.max(0, finest) : finest;
    const ends = endsOf(sizes);
    const matrix = mapEntries(layer.matrix, (weight, column) => {
      const from = fractions[ends.findIndex((end) => column < end)] ?? 0;
      return nearest(weight * 2 ** (fraction - from));
    });
    const bias = layer.bias.map((value) => nearest(value * 2 ** fraction));
    return { id: this.#emit({ kind: "linear", inputs: inputs.map((input) => input.id), matrix, bias }), fraction };
  }

  #clip(layer: ClipLayer, input: Placed, fraction: number): Placed {
    const bound = (value: number | null): number | null => (value === null ? null : nearest(value * 2 ** fraction));
    const [min, max] = [bound(layer.min), bound(layer.max)];
    return { id: this.#emit({ ...layer, inputs: [input.id], shift: input.fraction - fraction, min, max }), fraction };
  }

  /** Saturates what the samples never come near, so that its width does not grow from layer to layer. */
  #rescale(layer: RescaleLayer, input: Placed, id: ValueId): Placed {
    const fraction = this.#activationFraction(input.fraction, id);
    const shift = input.fraction - fraction;
    const limit = 2 ** ((this.#widths[id] ?? DEFAULT_WIDTH) + MARGIN_BITS);
    const { lo, hi } = this.#hull(input);
    if (hi <= BigInt(limit) << BigInt(shift) && -lo <= BigInt(limit) << BigInt(shift)) {
      if (shift === 0) return input;
      return { id: this.#emit({ ...layer, inputs: [input.id], shift }), fraction };
    }
    return { id: this.#emit({ ...layer, kind: "clip", inputs: [input.id], shift, min: -limit, max: limit }), fraction };
  }

  #curve(layer: CurveLayer, given: Placed, id: ValueId): Placed {
    const width = this.#widths[id] ?? DEFAULT_WIDTH;
    const fraction = fittingFraction(this.#peaks[id] ?? 0, width);
    const excess = signedBits(this.#hull(given)) - TABLE_BITS;
    const input = excess > 0 ? this.#toFraction(given, given.fraction - excess) : given;
    const { lo, hi } = this.#hull(input);
    const grid = { lo: Number(lo), hi: Number(hi), fraction: input.fraction };
    const table = fitCurve(layer.curve, grid, fraction, 2 ** (width + MARGIN_BITS));
    return { id: this.#emit({ kind: "piecewise", inputs: [input.id], size: layer.size, ...table }), fraction };
  }

  /** floor(z / 2^f) is z - 2^(f - 1) rounded half up at f; the other modes are made of it. */
  #whole({ mode, size }: WholeLayer, input: Placed): Placed {
    const { fraction } = input;
    if (fraction <= 0) return this.#toFraction(input, 0);
    const half = 2 ** (fraction - 1);
    const shifted = (sign: number, bias: number): ValueId =>
      this.#emit({
        kind: "linear",
        inputs: [input.id],
        matrix: identityMatrix(size, sign),
        bias: new Float64Array(size).fill(bias),
      });
    if (mode === "trunc") {
      const parts = [1, -1].map((sign) =>
        this.#emit({ kind: "relu", inputs: [shifted(sign, -half)], size, shift: fraction }),
      );
      const matrix = buildMatrix(size, 2 * size, (row, add) => {
        add(row, 1);
        add(size + row, -1);
      });
      return { id: this.#emit({ kind: "linear", inputs: parts, matrix, bias: new Float64Array(size) }), fraction: 0 };
    }
    const bias = mode === "floor" ? -half : mode === "ceil" ? half - 1 : 0;
    const inputId = bias === 0 ? input.id : shifted(1, bias);
    return { id: this.#emit({ kind: "rescale", inputs: [inputId], size, shift: fraction }), fraction: 0 };
  }

  /** The same number with another fraction: bits are rounded off, or zeros added, which is free. */
  #toFraction(input: Placed, fraction: number): Placed {
    const shift = input.fraction - fraction;
    if (shift === 0) return input;
    const size = this.#size(input);
    if (shift > 0) return { id: this.#emit({ kind: "rescale", inputs: [input.id], size, shift }), fraction };
    const matrix = identityMatrix(size, 2 ** -shift);
    return { id: this.#emit({ kind: "linear", inputs: [input.id], matrix, bias: new Float64Array(size) }), fraction };
  }

  #within(input: Placed, min: number, max: number): Placed {
    const { lo, hi } = this.#hull(input);
    if (lo >= BigInt(min) && hi <= BigInt(max)) return input;
    const size = this.#size(input);
    return { ...input, id: this.#emit({ kind: "clip", inputs: [input.id], size, shift: 0, min, max }) };
  }

  #activationFraction(source: number, id: ValueId): number {
    const width = this.#widths[id] ?? null;
    const fraction = width === null ? source : Math.min(source, fittingFraction(this.#peaks[id] ?? 0, width));
    return this.#published.has(id) ? Math.max(Math.min(0, source), fraction) : fraction;
  }

  #emit(layer: Layer): ValueId {
    this.#layers.push(Object.freeze(layer));
    this.#origins.push(this.#origin);
    this.#ranges.push(
      rangeLayer(
        layer,
        layer.inputs.map((input) => this.#ranges[input] ?? []),
      ),
    );
    return this.#graph.inputs.length + this.#layers.length - 1;
  }

  #at(id: ValueId): Placed {
    const placed = this.#placed[id];
    if (placed === undefined) throw new RangeError(`value ${id} is used before it is computed`);
    return placed;
  }

  #size({ id }: Placed): number {
    const layer = this.#layers[id - this.#graph.inputs.length];
    return layer === undefined ? (this.#ranges[id]?.length ?? 0) : layerSize(layer);
  }

  #hull({ id }: Placed): Interval {
    const ranges = this.#ranges[id] ?? [];
    return hull(ranges.flatMap(({ lo, hi }) => [lo, hi]));
  }
}
