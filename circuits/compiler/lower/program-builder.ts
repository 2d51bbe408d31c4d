import type { NamedTensorSpec } from "../../format/manifest.ts";
import { elementCount, elementRange } from "../../format/tensor.ts";
import { binary, type Gadget, type Sum, wireAlone } from "../gadgets/gadget.ts";
import { gadgetWireCount } from "../gadgets/table.ts";
import { CompileError } from "../compile-error.ts";
import { bitLength, type Interval, signedBits } from "../graph/interval.ts";
import type { Block, Scalar } from "./program.ts";

export const ZERO: Sum = Object.freeze({ scalars: [], weights: [], constant: 0n });

/** The field has 254 bits: of more than 252 a second set could stand for the same number plus the field's order. */
const WIDEST = 252;

/** Hands out wires and records gadgets; layers lower themselves through it. */
export class ProgramBuilder {
  readonly scalars: Scalar[] = [];
  readonly blocks: Block[] = [];
  #gadgets: Gadget[] = [];
  #nextWire: number;

  constructor(firstPrivateWire: number) {
    this.#nextWire = firstPrivateWire;
  }

  get wireCount(): number {
    return this.#nextWire;
  }

  reserve(count: number): number {
    const first = this.#nextWire;
    this.#nextWire += count;
    return first;
  }

  /** One scalar for each element of an input tensor, of bits that start at `first`, in two's complement if signed. */
  input(spec: NamedTensorSpec, tensor: number, first: number): Sum[] {
    const { min, max } = elementRange(spec);
    return Array.from({ length: elementCount(spec) }, (_, element) => {
      const bits = binary(first + element * spec.bits, spec.bits).terms.map(
        ([wire, weight], k) => [wire, spec.kind === "int" && k === spec.bits - 1 ? -weight : weight] as const,
      );
      return this.#scalar({
        terms: bits,
        constant: 0n,
        range: { lo: min, hi: max },
        source: { kind: "input", tensor, element },
      });
    });
  }

  /** Ends the block that is being recorded; a layer without gadgets leaves none. */
  closeBlock(name: string, layer: number | null): void {
    if (this.#gadgets.length > 0) this.blocks.push({ name, layer, gadgets: this.#gadgets });
    this.#gadgets = [];
  }

  /** Exact interval of a sum: the scalars in it vary independently as far as the program knows. */
  range({ scalars, weights, constant }: Sum): Interval {
    let [lo, hi] = [constant, constant];
    scalars.forEach((id, index) => {
      const weight = weights[index] ?? 0n;
      const range = this.scalars[id]?.range ?? { lo: 0n, hi: 0n };
      lo += weight * (weight > 0n ? range.lo : range.hi);
      hi += weight * (weight > 0n ? range.hi : range.lo);
    });
    return { lo, hi };
  }

  /** floor((sum + rounding) / 2^shift), rounding half up: costs the bits of its interval. */
  round(sum: Sum, shift: number): Sum {
    if (shift === 0) return sum;
    const rounded = plus(sum, 1n << BigInt(shift - 1));
    const { lo, hi } = this.range(rounded);
    const base = lo >> BigInt(shift);
    const top = hi >> BigInt(shift);
    if (base === top) return { ...ZERO, constant: base };
    const shifted = plus(rounded, -(base << BigInt(shift)));
    const bits = bitLength(this.range(shifted).hi);
    const { first, block, position } = this.#add((wire) => ({ kind: "bits", sum: shifted, bits, first: wire }));
    return this.#scalar({
      terms: binary(first + shift, bits - shift).terms,
      constant: base,
      range: { lo: base, hi: top },
      source: { kind: "rounded", block, position, shift },
    });
  }

  /** max(0, round(sum, shift)): nothing if it is always 0, a rounding if it is never negative. */
  relu(sum: Sum, shift: number): Sum {
    const rounded = shift === 0 ? sum : plus(sum, 1n << BigInt(shift - 1));
    const range = this.range(rounded);
    const largest = range.hi >> BigInt(shift);
    if (largest <= 0n) return ZERO;
    if (range.lo >= 0n) return this.round(sum, shift);
    const bits = signedBits(range);
    const offset = plus(rounded, 1n << BigInt(bits - 1));
    const { first, block, position } = this.#add((wire) => ({ kind: "relu", sum: offset, bits, shift, first: wire }));
    return this.#scalar({
      ...wireAlone(first + bits),
      range: { lo: 0n, hi: largest },
      source: { kind: "relu", block, position },
    });
  }

  /**
   * Position of the first largest sum. Each gap is as wide as the largest difference that it can be, and has one bit even
   * if that is 0: a shape of rows without exceptions is easier to trust.
   */
  argmax(sums: readonly Sum[]): Sum {
    if (sums.length === 1) return ZERO;
    const gaps = sums.map((sum) => {
      let widest = 0n;
      for (const other of sums) {
        if (other === sum) continue;
        const { hi } = this.range(combine([other, sum], [1n, -1n], 0n));
        if (hi > widest) widest = hi;
      }
      return Math.max(1, bitLength(widest));
    });
    const { first, block, position } = this.#add((wire) => ({ kind: "argmax", sums, gaps, first: wire }));
    return this.#scalar({
      terms: sums.slice(1).map((_, index) => [first + index + 1, BigInt(index + 1)] as const),
      constant: 0n,
      range: { lo: 0n, hi: BigInt(sums.length - 1) },
      source: { kind: "argmax", block, position },
    });
  }

  /** The bits of a sum that is known to be in [0, 2^bits): their first wire. */
  cut(sum: Sum, bits: number): number {
    return this.#add((wire) => ({ kind: "bits", sum, bits, first: wire })).first;
  }

  #add(make: (wire: number) => Gadget): { first: number; block: number; position: number } {
    const gadget = make(this.#nextWire);
    assertWidth(gadget);
    this.reserve(gadgetWireCount(gadget));
    this.#gadgets.push(gadget);
    return { first: gadget.first, block: this.blocks.length, position: this.#gadgets.length - 1 };
  }

  #scalar(scalar: Scalar): Sum {
    this.scalars.push(Object.freeze(scalar));
    return Object.freeze({ scalars: [this.scalars.length - 1], weights: [1n], constant: 0n });
  }
}

function assertWidth(gadget: Gadget): void {
  const bits = gadget.kind === "argmax" ? Math.max(...gadget.gaps) : gadget.bits;
  if (bits <= WIDEST) return;
  const message = `a decomposition would need ${bits} bits and ${WIDEST} are safe; use fewer input or weight bits`;
  throw new CompileError("MODEL_UNSUPPORTED", [{ code: "RANGE_OVERFLOW", node: "", op: gadget.kind, message }]);
}

export function plus(sum: Sum, constant: bigint): Sum {
  return { ...sum, constant: sum.constant + constant };
}

/** Sum of weights[i] * parts[i], plus a constant; scalars that cancel are dropped. */
export function combine(parts: readonly Sum[], factors: readonly bigint[], offset: bigint): Sum {
  const weights = new Map<number, bigint>();
  let constant = offset;
  parts.forEach((part, index) => {
    const factor = factors[index] ?? 0n;
    constant += factor * part.constant;
    part.scalars.forEach((id, at) => {
      weights.set(id, (weights.get(id) ?? 0n) + factor * (part.weights[at] ?? 0n));
    });
  });
  const kept = [...weights].filter(([, weight]) => weight !== 0n).sort(([a], [b]) => a - b);
  return { scalars: kept.map(([id]) => id), weights: kept.map(([, weight]) => weight), constant };
}
