import type { NamedTensorSpec } from "../../format/manifest.ts";
import { signedBits } from "../graph/interval.ts";
import type { FloatGraph } from "../graph/graph.ts";
import type {
  BitAndLayer,
  ClipLayer,
  CurveLayer,
  Layer,
  LinearLayer,
  MaxLayer,
  Origin,
  ProductLayer,
  QuantizeLayer,
  QuotientLayer,
  ReluLayer,
  RescaleLayer,
  ValueId,
  WholeLayer,
} from "../graph/layer.ts";
import { identityMatrix, mapEntries, type Matrix, scaleColumns, sideBySide } from "../graph/matrix.ts";
import type { ExpandedLayer } from "./expand-softmax.ts";
import { divideWhole } from "./divide-whole.ts";
import { fitCurve } from "./fit-curve.ts";
import { fittingFraction, nearest, snap } from "./fractions.ts";
import { findGrid, type IntegerGrid } from "./integer-grid.ts";
import { beforeMax, groupGrids } from "./group-grids.ts";
import { partsOfScale, placeQuantize, type QuantizeSource } from "./place-quantize.ts";
import { inUnits, type Placed, type Step } from "./placed.ts";
import { inputRanges, type Ranges } from "./infer-ranges.ts";
import { PlacedLayers } from "./placed-layers.ts";
import { placeTrees } from "./place-trees.ts";
import { maxChain, quantizedMaxima } from "./max-chain.ts";
import { endsOf, weightFraction, type Widths } from "./scales.ts";

/** An integer graph's layers with the interval of every value, and which value each output is. */
export interface IntegerLayers {
  readonly layers: readonly Layer[];
  readonly origins: readonly Origin[];
  readonly results: readonly ValueId[];
  readonly ranges: Ranges;
}

/** Integer layers, and how they came about: one step for each real layer. */
export interface Integerization {
  readonly integers: IntegerLayers;
  readonly steps: readonly Step[];
}

type DiscreteLayer = Layer<"max" | "argmax" | "ranking" | "step" | "onehot" | "trees" | "mask" | "piecewise">;

const NOTHING: Placed = { id: 0, fraction: 0, unit: 1 };

/** A value whose interval is that much wider than what the samples show is saturated: products would carry it on. */
const MARGIN_BITS = 6;
/** Tables are made for intervals of at most this many bits. */
const TABLE_BITS = 36;
const DEFAULT_WIDTH = 12;
/** Of weights on what trees say. */
const TREE_WEIGHT_BITS = 25;

/**
 * Turns real layers into integer ones, from inputs to outputs, at the finest scales within the widths: a linear layer's
 * largest weight just fits its bits, an activation's peak on the samples just fits its own. Bits are dropped where
 * something decomposes anyway. Outputs end at fraction 0, the integers of their spec. Deterministic. Layers on which
 * nothing has changed since `earlier` are those of `earlier` themselves, which must be of the same graph, specs and peaks.
 */
export function integerize(
  graph: FloatGraph<ExpandedLayer>,
  specs: readonly NamedTensorSpec[],
  widths: Widths,
  peaks: readonly number[],
  earlier?: Integerization,
): Integerization {
  return new Integerizer(graph, specs, widths, peaks).run(earlier);
}

class Integerizer {
  readonly #graph: FloatGraph<ExpandedLayer>;
  readonly #widths: Widths;
  readonly #peaks: readonly number[];
  readonly #built: PlacedLayers;
  readonly #placed: Placed[];
  readonly #published: ReadonlySet<ValueId>;
  /** What quantizes them places them too. */
  readonly #quantizedMaxima: ReadonlySet<ValueId>;
  readonly #steps: Step[] = [];
  #sources = new Map<ValueId, Placed>();
  #width: number | null | undefined;

  constructor(
    graph: FloatGraph<ExpandedLayer>,
    specs: readonly NamedTensorSpec[],
    widths: Widths,
    peaks: readonly number[],
  ) {
    this.#graph = graph;
    this.#widths = widths;
    this.#peaks = peaks;
    this.#built = new PlacedLayers(inputRanges(specs));
    this.#placed = graph.inputs.map((_, id) => ({ id, fraction: 0, unit: 1 }));
    this.#published = new Set(graph.outputs.map(({ value }) => value));
    this.#quantizedMaxima = quantizedMaxima(graph);
  }

  run(earlier: Integerization | undefined): Integerization {
    const inputs = this.#graph.inputs.length;
    this.#graph.layers.forEach((layer, index) => {
      this.#built.origin = this.#graph.origins[index] ?? this.#built.origin;
      const known = earlier?.steps[index];
      if (known !== undefined && this.#isSame(known, inputs + index)) this.#repeat(known);
      else this.#record(layer, inputs + index);
    });
    this.#sources = new Map();
    const results = this.#graph.outputs.map(({ value, shape }) => {
      this.#built.origin = { nodes: [], ops: ["Rescale"], shape };
      return this.#built.toInteger(this.#at(value)).id;
    });
    const { layers, origins, ranges } = this.#built;
    const integers = { layers, origins, results, ranges };
    return { integers, steps: this.#steps };
  }

  #record(layer: ExpandedLayer, id: ValueId): void {
    this.#sources = new Map();
    this.#width = undefined;
    const first = this.#built.ranges.length;
    const placed = this.#place(layer, id);
    this.#placed.push(placed);
    this.#steps.push({
      placed,
      layers: this.#built.layers.slice(first - this.#graph.inputs.length),
      ranges: this.#built.ranges.slice(first),
      first,
      width: this.#width,
      sources: this.#sources,
    });
  }

  /** A step is repeated or not as a whole, so what it placed stands for its ranges too. */
  #isSame({ first, width, sources }: Step, id: ValueId): boolean {
    if (first !== this.#built.ranges.length || (width !== undefined && width !== (this.#widths[id] ?? null)))
      return false;
    for (const [source, placed] of sources) if (this.#placed[source] !== placed) return false;
    return true;
  }

  #repeat(step: Step): void {
    this.#placed.push(step.placed);
    this.#built.repeat(step);
    this.#steps.push(step);
  }

  #place(layer: ExpandedLayer, id: ValueId): Placed {
    const inputs = layer.inputs.map((input) => this.#at(input));
    const [input = NOTHING] = inputs;
    switch (layer.kind) {
      case "linear":
        return this.#linear(layer, inputs, id);
      case "product":
        return this.#product(layer, inputs);
      case "quotient":
      case "bitand":
        return this.#pairs(layer, inputs);
      case "relu":
      case "clip":
        return this.#activation(layer, input, this.#activationFraction(input, id));
      case "rescale":
        return this.#rescale(layer, input, id);
      case "quantize":
        return this.#quantize(layer);
      case "curve":
        return this.#curve(layer, input, id);
      case "whole":
        return this.#whole(layer, input);
      default:
        return this.#discrete(layer, input, id);
    }
  }

  /** What compares and chooses takes numbers at any scale. */
  #discrete(layer: DiscreteLayer, input: Placed, id: ValueId): Placed {
    switch (layer.kind) {
      case "max":
        if (this.#quantizedMaxima.has(id)) return NOTHING;
        return { ...input, id: this.#built.emit({ ...layer, inputs: [input.id] }) };
      case "argmax":
      case "ranking":
      case "step":
        return { id: this.#built.emit({ ...layer, inputs: [input.id] }), fraction: 0, unit: 1 };
      case "onehot": {
        const bounded = this.#built.within(this.#built.toInteger(input), 0, layer.count - 1);
        return { id: this.#built.emit({ ...layer, inputs: [bounded.id] }), fraction: 0, unit: 1 };
      }
      case "trees": {
        const { layer: placed, fraction } = placeTrees(layer, input, this.#published.has(id));
        return { id: this.#built.emit(placed), fraction, unit: 1 };
      }
      case "mask":
        return { id: this.#built.emit({ ...layer, inputs: [this.#built.toWhole(input).id] }), fraction: 0, unit: 1 };
      case "piecewise":
        throw new RangeError("a float graph has no tables");
    }
  }

  #product(layer: ProductLayer, [one = NOTHING, other = one]: readonly Placed[]): Placed {
    const id = this.#built.emit({ ...layer, inputs: [one.id, other.id] });
    return inUnits(id, one.unit * other.unit, one.fraction + other.fraction);
  }

  /** A quotient hangs on no scale that both share; bits are those of integers. */
  #pairs(layer: QuotientLayer | BitAndLayer, [one = NOTHING, other = one]: readonly Placed[]): Placed {
    const shared = layer.kind === "quotient" && one.unit === other.unit;
    const [left, right] = shared ? [one, other] : [this.#built.toWhole(one), this.#built.toWhole(other)];
    const fraction = Math.max(left.fraction, right.fraction);
    const inputs = [this.#built.toFraction(left, fraction).id, this.#built.toFraction(right, fraction).id] as const;
    return { id: this.#built.emit({ ...layer, inputs }), fraction: 0, unit: 1 };
  }

  #linear(layer: LinearLayer, inputs: readonly Placed[], id: ValueId): Placed {
    const real = this.#realWeights(layer, inputs);
    const ids = inputs.map((input) => input.id);
    const grid = this.#published.has(id) ? undefined : this.#grid(layer, real);
    if (grid !== undefined) {
      const matrix = { ...real, weight: grid.integers };
      return inUnits(this.#built.emit({ kind: "linear", inputs: ids, matrix, bias: grid.bias }), grid.unit, 0);
    }
    const scaled: LinearLayer = inputs.every(({ unit }) => unit === 1)
      ? layer
      : { ...layer, matrix: this.#unitWeights(layer, inputs) };
    const fractions = inputs.map((input) => input.fraction);
    const sizes = inputs.map((input) => this.#built.size(input));
    const width = this.#isOnTrees(layer) ? TREE_WEIGHT_BITS : (this.#widthOf(id) ?? DEFAULT_WIDTH);
    const finest = weightFraction(scaled, width, fractions, sizes);
    const fraction = this.#published.has(id) ? Math.max(0, finest) : finest;
    const matrix = mapEntries(real, (weight) => nearest(weight * 2 ** fraction));
    const bias = layer.bias.map((value) => nearest(value * 2 ** fraction));
    return { id: this.#built.emit({ kind: "linear", inputs: ids, matrix, bias }), fraction, unit: 1 };
  }

  /** Sums of leaves, and the largest of some, are as fine as float32: nothing is decomposed for it. */
  #isOnTrees({ inputs }: LinearLayer | MaxLayer): boolean {
    return inputs.every((input) => {
      const layer = this.#graph.layers[input - this.#graph.inputs.length];
      if (layer?.kind === "trees") return true;
      return (layer?.kind === "linear" || layer?.kind === "max") && this.#isOnTrees(layer);
    });
  }

  /** Weights on the inputs' integers instead of on what they stand for. */
  #realWeights(layer: LinearLayer, inputs: readonly Placed[]): Matrix {
    const matrix = this.#weightsTimes(layer, inputs, ({ unit, fraction }) => unit / 2 ** fraction);
    return { ...matrix, weight: matrix.weight.map(snap) };
  }

  #unitWeights(layer: LinearLayer, inputs: readonly Placed[]): Matrix {
    return this.#weightsTimes(layer, inputs, ({ unit }) => unit);
  }

  #weightsTimes({ matrix }: LinearLayer, inputs: readonly Placed[], factorOf: (input: Placed) => number): Matrix {
    const ends = endsOf(inputs.map((input) => this.#built.size(input)));
    return scaleColumns(matrix, inputs.map(factorOf), ends);
  }

  /** The unit of all weights and biases, if they have one that powers of two do not give. */
  #grid({ bias }: LinearLayer, { weight }: Matrix): IntegerGrid | undefined {
    const grid = findGrid(weight, bias);
    return grid === undefined || Number.isInteger(Math.log2(grid.unit)) ? undefined : grid;
  }

  /** Looks through the linear layer in front, and a maximum between, whose integers are exact where its rounded weights are not. */
  #quantize(layer: QuantizeLayer): Placed {
    const [source] = layer.inputs;
    const before = this.#graph.layers[source - this.#graph.inputs.length];
    const sums = before?.kind === "max" ? this.#largestSums(before) : undefined;
    if (before?.kind === "max" && sums === undefined) return this.#quantizeFirst(layer, before);
    const { ids, rows } = sums ?? this.#rowsBehind(source, before, layer.size);
    const { size, min, max } = layer;
    const parts = partsOfScale(layer, rows);
    if (parts !== undefined) {
      const sum = this.#built.emit({
        kind: "linear",
        inputs: ids,
        matrix: { ...rows.matrix, weight: parts.integers },
        bias: parts.bias,
      });
      const even = this.#whole(
        { kind: "whole", inputs: [sum], size, mode: "even", divisor: parts.divisor },
        { id: sum, fraction: 0, unit: 1 },
      );
      const moved = this.#built.emit({
        kind: "linear",
        inputs: [even.id],
        matrix: identityMatrix(size),
        bias: layer.zero,
      });
      return {
        id: this.#built.emit({ kind: "clip", inputs: [moved], size, shift: 0, min, max }),
        fraction: 0,
        unit: 1,
      };
    }
    const { matrix, bias, shift } = placeQuantize(layer, rows);
    const scaled = this.#built.emit({ kind: "linear", inputs: ids, matrix, bias });
    if (shift === 0) return this.#built.within({ id: scaled, fraction: 0, unit: 1 }, min, max);
    return { id: this.#built.emit({ kind: "clip", inputs: [scaled], size, shift, min, max }), fraction: 0, unit: 1 };
  }

  /** The linear layer behind a value, or the value itself, as real weights on integers. */
  #rowsBehind(source: ValueId, before: ExpandedLayer | undefined, size: number): QuantizeSource {
    const linear = before?.kind === "linear" ? before : identityLayer(source, size);
    const inputs = linear.inputs.map((id) => this.#at(id));
    return {
      ids: inputs.map(({ id }) => id),
      rows: {
        matrix: this.#realWeights(linear, inputs),
        bias: linear.bias,
        ranges: inputs.map(({ id }) => this.#built.ranges[id] ?? []),
      },
    };
  }

  /** The largest of some sums of products, as integers. Undefined if those of a group are not in one unit. */
  #largestSums(max: MaxLayer): QuantizeSource | undefined {
    const { chain, source, groups } = maxChain(max, (id) => this.#graph.layers[id - this.#graph.inputs.length]);
    if (source?.kind !== "linear") return undefined;
    const { ids, rows } = this.#rowsBehind(-1, source, source.matrix.rows);
    const found = groupGrids(rows.matrix, rows.bias, groups);
    if (found === undefined) return undefined;
    const { matrix, bias, factors } = found;
    const sums = this.#built.emit({ kind: "linear", inputs: ids, matrix, bias });
    const id = chain.reduce((input, link) => this.#built.emit({ ...link, kind: "max", inputs: [input] }), sums);
    const ranges = [this.#built.ranges[id] ?? []];
    return { ids: [id], rows: { matrix: factors, bias: fill(factors.rows, 0), ranges, areSums: true } };
  }

  /** The largest of what is quantized is the largest quantized. All elements of a group have the same levels. */
  #quantizeFirst(layer: QuantizeLayer, max: MaxLayer): Placed {
    const elements = this.#quantize(beforeMax(layer, max));
    return { ...elements, id: this.#built.emit({ ...max, kind: "max", inputs: [elements.id] }) };
  }

  #activation(layer: ReluLayer | ClipLayer, input: Placed, fraction: number): Placed {
    const shift = input.fraction - fraction;
    if (layer.kind === "relu")
      return { ...input, id: this.#built.emit({ ...layer, inputs: [input.id], shift }), fraction };
    const bound = (value: number | null): number | null =>
      value === null ? null : nearest((value / input.unit) * 2 ** fraction);
    const [min, max] = [bound(layer.min), bound(layer.max)];
    return { ...input, id: this.#built.emit({ ...layer, inputs: [input.id], shift, min, max }), fraction };
  }

  /** Saturates what the samples never come near, so that its width does not grow from layer to layer. */
  #rescale(layer: RescaleLayer, input: Placed, value: ValueId): Placed {
    const { unit } = input;
    const fraction = this.#activationFraction(input, value);
    const shift = input.fraction - fraction;
    const limit = 2 ** ((this.#widthOf(value) ?? DEFAULT_WIDTH) + MARGIN_BITS);
    const { lo, hi } = this.#built.hull(input);
    if (hi <= BigInt(limit) << BigInt(shift) && -lo <= BigInt(limit) << BigInt(shift)) {
      if (shift === 0) return input;
      return { id: this.#built.emit({ ...layer, inputs: [input.id], shift }), fraction, unit };
    }
    const id = this.#built.emit({ ...layer, kind: "clip", inputs: [input.id], shift, min: -limit, max: limit });
    return { id, fraction, unit };
  }

  #curve(layer: CurveLayer, given: Placed, id: ValueId): Placed {
    const width = this.#widthOf(id) ?? DEFAULT_WIDTH;
    const finest = fittingFraction(this.#peaks[id] ?? 0, width);
    const fraction = this.#published.has(id) ? Math.min(0, finest) : finest;
    const excess = signedBits(this.#built.hull(given)) - TABLE_BITS;
    const input = excess > 0 ? this.#built.toFraction(given, given.fraction - excess) : given;
    const { lo, hi } = this.#built.hull(input);
    const grid = { lo: Number(lo), hi: Number(hi), fraction: input.fraction, unit: input.unit };
    const table = fitCurve(layer.curve, grid, fraction, 2 ** (width + MARGIN_BITS));
    return {
      id: this.#built.emit({ kind: "piecewise", inputs: [input.id], size: layer.size, ...table }),
      fraction,
      unit: 1,
    };
  }

  /**
   * With D = divisor * 2^fraction / unit, all of these are floor((z + bias) / D): up by D - 1 less; towards zero likewise where z
   * is negative; to the nearest with half of D, less 1 where the quotient is even so that a tie stays there.
   */
  #whole({ mode, size, divisor }: WholeLayer, { id, fraction, unit }: Placed): Placed {
    const line = (parts: readonly ValueId[], factors: readonly number[], bias: number): ValueId =>
      this.#built.emit({ kind: "linear", inputs: parts, matrix: sideBySide(size, factors), bias: fill(size, bias) });
    const placed = (answer: ValueId): Placed => ({ id: answer, fraction: 0, unit: 1 });
    const parts = (divisor / unit) * 2 ** fraction;
    if (parts < 1) return placed(line([id], [nearest(1 / parts)], 0));
    const by = nearest(parts);
    const floor = (value: ValueId, bias: number, denominator = by): ValueId => {
      const { lo, hi } = this.#built.hull({ id: value });
      const { multiplier, offset, shift, base } = divideWhole(lo, hi, denominator, bias);
      const scaled = multiplier === 1 && offset === 0 ? value : line([value], [multiplier], offset);
      const cut = shift === 0 ? scaled : this.#built.emit({ kind: "rescale", inputs: [scaled], size, shift });
      return base === 0 ? cut : line([cut], [1], base);
    };
    const { lo } = this.#built.hull({ id });
    if (mode === "floor" || by === 1 || (mode === "trunc" && lo >= 0n)) return placed(floor(id, 0));
    if (mode === "ceil") return placed(floor(id, by - 1));
    if (mode === "trunc") {
      const natural = this.#built.emit({ kind: "step", inputs: [id], size });
      return placed(floor(line([id, natural], [1, 1 - by], by - 1), 0));
    }
    if (by % 2 === 1) return placed(floor(id, (by - 1) / 2));
    const down = floor(id, 0);
    return placed(floor(line([id, down, floor(down, 0, 2)], [1, 1, -2], by / 2 - 1), 0));
  }

  #activationFraction({ fraction: source, unit }: Placed, id: ValueId): number {
    const width = this.#widthOf(id);
    const peak = (this.#peaks[id] ?? 0) / unit;
    const fraction = width === null ? source : Math.min(source, fittingFraction(peak, width));
    return this.#published.has(id) ? Math.max(Math.min(0, source), fraction) : fraction;
  }

  #at(id: ValueId): Placed {
    const placed = this.#placed[id];
    if (placed === undefined) throw new RangeError(`value ${id} is used before it is computed`);
    if (id >= this.#graph.inputs.length) this.#sources.set(id, placed);
    return placed;
  }

  #widthOf(id: ValueId): number | null {
    this.#width = this.#widths[id] ?? null;
    return this.#width;
  }
}

function fill(size: number, value: number): Float64Array {
  return new Float64Array(size).fill(value);
}

function identityLayer(input: ValueId, size: number): LinearLayer {
  return { kind: "linear", inputs: [input], matrix: identityMatrix(size), bias: new Float64Array(size) };
}
