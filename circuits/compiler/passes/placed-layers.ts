import { hull, type Interval } from "../graph/interval.ts";
import type { Layer, Origin, ValueId } from "../graph/layer.ts";
import { identityMatrix } from "../graph/matrix.ts";
import { layerSize, rangeLayer } from "../layers/table.ts";
import { nearest } from "./fractions.ts";
import type { Placed, Step } from "./placed.ts";

/** Bits of a factor that stands for a unit. */
const FACTOR_BITS = 20;

/** The integer layers as far as they are built, with the interval of every value, and conversions between scales. */
export class PlacedLayers {
  readonly layers: Layer[] = [];
  readonly origins: Origin[] = [];
  readonly ranges: (readonly Interval[])[];
  /** Of the layers that are emitted next. */
  origin: Origin = { nodes: [], ops: [], shape: [] };
  readonly #inputs: number;

  constructor(inputs: readonly (readonly Interval[])[]) {
    this.ranges = [...inputs];
    this.#inputs = inputs.length;
  }

  /** What another run has built the same. */
  repeat({ layers, ranges }: Step): void {
    this.layers.push(...layers);
    this.ranges.push(...ranges);
    this.origins.push(...layers.map(() => this.origin));
  }

  /** The same number with another fraction: bits are rounded off, or zeros added, which is free. */
  toFraction(input: Placed, fraction: number): Placed {
    const shift = input.fraction - fraction;
    if (shift === 0) return input;
    const size = this.size(input);
    if (shift > 0) return { ...input, id: this.emit({ kind: "rescale", inputs: [input.id], size, shift }), fraction };
    return { ...input, id: this.diagonal(input, 2 ** -shift), fraction };
  }

  /** Rounded to the integers of its spec, whatever its unit. */
  toInteger(input: Placed): Placed {
    if (input.unit === 1) return this.toFraction(input, 0);
    const factor = input.unit / 2 ** input.fraction;
    const fraction = Math.max(0, FACTOR_BITS - Math.ceil(Math.log2(factor)));
    const id = this.diagonal(input, nearest(factor * 2 ** fraction));
    return this.toFraction({ id, fraction, unit: 1 }, 0);
  }

  /** Integers in units of more than one, too, without rounding. */
  toWhole(input: Placed): Placed {
    const factor = input.unit / 2 ** input.fraction;
    if (!Number.isInteger(factor)) return this.toInteger(input);
    return factor === 1 ? input : { id: this.diagonal(input, factor), fraction: 0, unit: 1 };
  }

  diagonal(input: Placed, factor: number): ValueId {
    const size = this.size(input);
    const bias = new Float64Array(size);
    return this.emit({ kind: "linear", inputs: [input.id], matrix: identityMatrix(size, factor), bias });
  }

  within(input: Placed, min: number, max: number): Placed {
    const { lo, hi } = this.hull(input);
    if (lo >= BigInt(min) && hi <= BigInt(max)) return input;
    const size = this.size(input);
    return { ...input, id: this.emit({ kind: "clip", inputs: [input.id], size, shift: 0, min, max }) };
  }

  emit(layer: Layer): ValueId {
    this.layers.push(Object.freeze(layer));
    this.origins.push(this.origin);
    this.ranges.push(
      rangeLayer(
        layer,
        layer.inputs.map((input) => this.ranges[input] ?? []),
      ),
    );
    return this.#inputs + this.layers.length - 1;
  }

  size({ id }: Placed): number {
    const layer = this.layers[id - this.#inputs];
    return layer === undefined ? (this.ranges[id]?.length ?? 0) : layerSize(layer);
  }

  hull({ id }: Pick<Placed, "id">): Interval {
    const ranges = this.ranges[id] ?? [];
    return hull(ranges.flatMap(({ lo, hi }) => [lo, hi]));
  }
}
