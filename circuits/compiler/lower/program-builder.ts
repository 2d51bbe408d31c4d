import { FIELD_ORDER, WORD_BITS } from "../../format/interface-words.ts";
import type { NamedTensorSpec } from "../../format/manifest.ts";
import { elementCount, elementRange } from "../../format/tensor.ts";
import { CompileError } from "../compile-error.ts";
import { binary, type Gadget, type Sum, wireAlone, type WireSum } from "../gadgets/gadget.ts";
import { gadgetSums, gadgetWidths, gadgetWireCount } from "../gadgets/table.ts";
import {
  BIT,
  bitLength,
  type Interval,
  productInterval,
  quotientInterval,
  signedBits,
  squareInterval,
} from "../graph/interval.ts";
import { expandSum } from "./expand-sum.ts";
import { oneHotSums } from "./one-hot-sums.ts";
import type { Block, Scalar } from "./program.ts";
import { combine, plus, ZERO } from "./sums.ts";

/** The field has 254 bits: of more than 252 a second set could stand for the same number plus the field's order. */
const WIDEST = 252;

const ANY_ELEMENT: Interval = Object.freeze({ lo: 0n, hi: FIELD_ORDER - 1n });

/** Hands out wires and records gadgets; layers lower themselves through it. */
export class ProgramBuilder {
  readonly scalars: Scalar[] = [];
  readonly blocks: Block[] = [];
  #gadgets: Gadget[] = [];
  #nextWire: number;
  #layer: { readonly name: string; readonly index: number | null } = { name: "", index: null };
  #stage = 0;

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

  /** Everything recorded until `closeBlock` belongs to a layer (`null`: to none), in one block for each stage. */
  openBlock(name: string, index: number | null): void {
    this.#layer = { name, index };
    this.#stage = 0;
  }

  /** Ends the block that is being recorded; one without gadgets leaves nothing behind. */
  closeBlock(): void {
    if (this.#gadgets.length === 0) return;
    const name = this.#stage === 0 ? this.#layer.name : `${this.#layer.name}_${this.#stage}`;
    this.blocks.push({ name, layer: this.#layer.index, gadgets: this.#gadgets });
    this.#gadgets = [];
    this.#stage++;
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

  /** The same number under a tighter interval, which the caller has proven. */
  known(sum: Sum, range: Interval): Sum {
    if (range.lo === range.hi) return { ...ZERO, constant: range.lo };
    const own = this.range(sum);
    if (own.lo >= range.lo && own.hi <= range.hi) return sum;
    return this.#computed(expandSum(sum, this.scalars), range, this.#latestBlock([sum]));
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
    const first = this.cut(shifted, bits);
    return this.#computed(
      { terms: binary(first + shift, bits - shift).terms, constant: base },
      { lo: base, hi: top },
      this.blocks.length,
    );
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
    const first = this.#add((wire) => ({ kind: "relu", sum: offset, bits, shift, base: ZERO, first: wire }));
    return this.#computed(wireAlone(first + bits), { lo: 0n, hi: largest }, this.blocks.length);
  }

  /** The larger one: nothing if it is known which. */
  max(one: Sum, other: Sum): Sum {
    const difference = combine([one, other], [1n, -1n], 0n);
    const range = this.range(difference);
    if (range.hi <= 0n) return other;
    if (range.lo >= 0n) return one;
    const bits = signedBits(range);
    const offset = plus(difference, 1n << BigInt(bits - 1));
    const first = this.#add((wire) => ({ kind: "relu", sum: offset, bits, shift: 0, base: other, first: wire }));
    const [a, b] = [this.range(one), this.range(other)];
    const interval = { lo: a.lo > b.lo ? a.lo : b.lo, hi: a.hi > b.hi ? a.hi : b.hi };
    return this.#computed(wireAlone(first + bits), interval, this.blocks.length);
  }

  /** Every sum moved to the nearer end if it lies outside [min, max]. Free for what cannot. */
  clampAll(sums: readonly Sum[], min: bigint | null, max: bigint | null): Sum[] {
    const above = sums.map((sum) => (min === null ? sum : plus(this.relu(plus(sum, -min), 0), min)));
    if (max === null) return above;
    return above.map((sum) => {
      const excess = this.relu(plus(sum, -max), 0);
      if (excess.scalars.length === 0) return combine([sum, excess], [1n, -1n], 0n);
      const { lo, hi } = this.range(sum);
      return this.known(combine([sum, excess], [1n, -1n], 0n), { lo: lo < max ? lo : max, hi: hi < max ? hi : max });
    });
  }

  /** 1 unless the sum is negative. */
  step(sum: Sum): Sum {
    const range = this.range(sum);
    if (range.lo >= 0n) return { ...ZERO, constant: 1n };
    if (range.hi < 0n) return ZERO;
    const bits = signedBits(range);
    const first = this.cut(plus(sum, 1n << BigInt(bits - 1)), bits);
    return this.#computed(wireAlone(first + bits - 1), BIT, this.blocks.length);
  }

  /** Free if one factor is a constant. */
  product(left: Sum, right: Sum): Sum {
    if (left.scalars.length === 0) return combine([right], [left.constant], 0n);
    if (right.scalars.length === 0) return combine([left], [right.constant], 0n);
    const range = isEqual(left, right)
      ? squareInterval(this.range(left))
      : productInterval(this.range(left), this.range(right));
    const first = this.#add((wire) => ({ kind: "product", left, right, first: wire }));
    return this.#computed(wireAlone(first), range, this.blocks.length);
  }

  /** floor(dividend / divisor) by a divisor that is known to be at least 1: nothing if it is known. */
  quotient(dividend: Sum, divisor: Sum): Sum {
    const [a, b] = [this.range(dividend), this.range(divisor)];
    if (b.lo < 1n) throw new RangeError(`[${b.lo}, ${b.hi}] are no divisors`);
    const range = quotientInterval(a, b);
    if (range.lo === range.hi) return plus(ZERO, range.lo);
    const base = range.lo;
    const quotientBits = bitLength(range.hi - base);
    const remainderBits = bitLength(b.hi - 1n);
    const first = this.#add((wire) => ({
      kind: "quotient",
      dividend,
      divisor,
      base,
      quotientBits,
      remainderBits,
      first: wire,
    }));
    return this.#computed({ terms: binary(first, quotientBits).terms, constant: base }, range, this.blocks.length);
  }

  /**
   * Position of the first largest sum, and for each sum whether it is that one. Each gap is as wide as the largest
   * difference that it can be, and has one bit even if that is 0: a shape of rows without exceptions is easier to trust.
   */
  argmax(sums: readonly Sum[]): { readonly index: Sum; readonly winners: readonly Sum[] } {
    if (sums.length === 1) return { index: ZERO, winners: [{ ...ZERO, constant: 1n }] };
    const gaps = sums.map((sum) => {
      let widest = 0n;
      for (const other of sums) {
        if (other === sum) continue;
        const { hi } = this.range(combine([other, sum], [1n, -1n], 0n));
        if (hi > widest) widest = hi;
      }
      return Math.max(1, bitLength(widest));
    });
    const first = this.#add((wire) => ({ kind: "argmax", sums, gaps, first: wire }));
    const block = this.blocks.length;
    const terms = sums.slice(1).map((_, index) => [first + index + 1, BigInt(index + 1)] as const);
    const index = this.#computed({ terms, constant: 0n }, { lo: 0n, hi: BigInt(sums.length - 1) }, block);
    return { index, winners: sums.map((_, at) => this.#computed(wireAlone(first + at), BIT, block)) };
  }

  /**
   * Which of some neighbouring intervals, that cover the sum's own, it lies in, and how far above that one's start.
   * `bits` hold the length of each. Free for a single interval.
   */
  segments(
    sum: Sum,
    intervals: readonly { readonly start: bigint; readonly end: bigint }[],
    bits: number,
  ): { readonly members: readonly Sum[]; readonly offset: Sum } {
    const [only] = intervals;
    if (intervals.length === 1 && only !== undefined)
      return { members: [{ ...ZERO, constant: 1n }], offset: plus(sum, -only.start) };
    const starts = intervals.map(({ start }) => start);
    const ends = intervals.map(({ end }) => end);
    const first = this.#add((wire) => ({ kind: "segments", sum, starts, ends, bits, first: wire }));
    const block = this.blocks.length;
    return {
      members: intervals.map((_, at) => this.#computed(wireAlone(first + at), BIT, block)),
      offset: this.#computed(binary(first + intervals.length, bits), { lo: 0n, hi: (1n << BigInt(bits)) - 1n }, block),
    };
  }

  /** For each sum, which is in [0, count), one that is 1 for each position: 1 at the one that it names. */
  oneHots(sums: readonly Sum[], count: number): Sum[][] {
    const digits = sums.map((sum) => {
      const { lo, hi } = this.range(sum);
      if (lo < 0n || hi >= BigInt(count)) throw new RangeError(`[${lo}, ${hi}] is not in [0, ${count})`);
      return this.bitsOf(sum, bitLength(BigInt(count - 1)));
    });
    return oneHotSums(digits, count, this);
  }

  /** The bits of a sum that is known to be in [0, 2^bits), lowest first. */
  bitsOf(sum: Sum, bits: number): Sum[] {
    if (sum.scalars.length === 0)
      return Array.from({ length: bits }, (_, k) => ({ ...ZERO, constant: (sum.constant >> BigInt(k)) & 1n }));
    const first = this.cut(sum, bits);
    return Array.from({ length: bits }, (_, k) => this.#computed(wireAlone(first + k), BIT, this.blocks.length));
  }

  /** A word of bits that are known by now: it is below 2^248. */
  word(value: WireSum): Sum {
    return this.#computed(value, { lo: 0n, hi: (1n << BigInt(WORD_BITS)) - 1n }, this.blocks.length - 1);
  }

  /** A wire that the prover chooses: any field element. Only hashes may take it. */
  secret(wire: number): Sum {
    return this.#computed(wireAlone(wire), ANY_ELEMENT, -1);
  }

  /** The Poseidon hash of 1 to 16 words, secrets and hashes: a field element, which only hashes and `canonicalBits` may take. */
  hash(inputs: readonly Sum[], capacity: bigint): Sum {
    const direct = inputs.map((input) => {
      const { terms, constant } = expandSum(input, this.scalars);
      // Circom replaces an input that is a constant, and the rows would be others than those of the gadget.
      if (terms.length === 0) throw constantWord();
      return terms.length === 1 && terms[0]?.[1] === 1n && constant === 0n;
    });
    const first = this.#add((wire) => ({ kind: "poseidon", inputs, direct, capacity, first: wire }));
    return this.#computed(wireAlone(first), ANY_ELEMENT, this.blocks.length);
  }

  /** The 254 bits of a hash as an integer below the field's order: their first wire. */
  canonicalBits(sum: Sum): number {
    return this.#add((wire) => ({ kind: "canonical", sum, first: wire }));
  }

  /** The bits of a sum that is known to be in [0, 2^bits): their first wire. */
  cut(sum: Sum, bits: number): number {
    return this.#add((wire) => ({ kind: "bits", sum, bits, first: wire }));
  }

  /** A gadget that takes what its own block gives starts the next block. Returns the first wire. */
  #add(make: (wire: number) => Gadget): number {
    const gadget = make(this.#nextWire);
    assertWidth(gadget);
    if (this.#latestBlock(gadgetSums(gadget)) === this.blocks.length) this.closeBlock();
    this.reserve(gadgetWireCount(gadget));
    this.#gadgets.push(gadget);
    return gadget.first;
  }

  #latestBlock(sums: readonly Sum[]): number {
    let latest = -1;
    for (const { scalars } of sums)
      for (const id of scalars) {
        const source = this.scalars[id]?.source;
        if (source?.kind === "computed" && source.block > latest) latest = source.block;
      }
    return latest;
  }

  #computed({ terms, constant }: WireSum, range: Interval, block: number): Sum {
    return this.#scalar({ terms, constant, range, source: { kind: "computed", block } });
  }

  #scalar(scalar: Scalar): Sum {
    this.scalars.push(Object.freeze(scalar));
    return Object.freeze({ scalars: [this.scalars.length - 1], weights: [1n], constant: 0n });
  }
}

function isEqual(left: Sum, right: Sum): boolean {
  if (left === right) return true;
  return (
    left.constant === right.constant &&
    left.scalars.length === right.scalars.length &&
    left.scalars.every((id, at) => id === right.scalars[at] && left.weights[at] === right.weights[at])
  );
}

function constantWord(): CompileError {
  const message = "31 bytes of the committed output are the same for every input: there is nothing to hide in them";
  return new CompileError("MODEL_UNSUPPORTED", [{ code: "CONSTANT_OUTPUT", node: "", op: "", message }]);
}

function assertWidth(gadget: Gadget): void {
  const bits = Math.max(0, ...gadgetWidths(gadget));
  if (bits <= WIDEST) return;
  const message = `a decomposition would need ${bits} bits and ${WIDEST} are safe; use fewer input or weight bits`;
  throw new CompileError("MODEL_UNSUPPORTED", [{ code: "RANGE_OVERFLOW", node: "", op: gadget.kind, message }]);
}
