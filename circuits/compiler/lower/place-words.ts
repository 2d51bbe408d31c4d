import { WORD_BITS } from "../../format/interface-words.ts";
import type { NamedTensorSpec } from "../../format/manifest.ts";
import { byteLength, elementCount } from "../../format/tensor.ts";
import type { WireSum } from "../gadgets/gadget.ts";

/** Where the elements of a tensor lie in the stream of interface bits. */
export interface Placement {
  readonly spec: NamedTensorSpec;
  /** Position of its first bit; tensors start on a byte. */
  readonly start: number;
}

/** Inputs, then outputs, one after the other. */
export function placeTensors(specs: readonly NamedTensorSpec[]): Placement[] {
  let start = 0;
  return specs.map((spec) => {
    const placement = { spec, start };
    start += byteLength(spec) * 8;
    return placement;
  });
}

/** Whether an element lies in two words, so that it can only be placed bit by bit. */
export function straddles({ spec, start }: Placement, element: number): boolean {
  const from = start + element * spec.bits;
  return Math.floor(from / WORD_BITS) !== Math.floor((from + spec.bits - 1) / WORD_BITS);
}

/** Adds up what each public word holds. */
export class WordSums {
  readonly #sums: { terms: (readonly [wire: number, coefficient: bigint])[]; constant: bigint }[];

  constructor(words: number) {
    this.#sums = Array.from({ length: words }, () => ({ terms: [], constant: 0n }));
  }

  /** Adds `value` so that its lowest bit is bit `bit` of the element (0 is the lowest). */
  add(placement: Placement, element: number, bit: number, value: WireSum): void {
    const { spec, start } = placement;
    const position = start + element * spec.bits + spec.bits - 1 - bit;
    const sum = this.#sums[Math.floor(position / WORD_BITS)];
    if (sum === undefined) throw new RangeError(`bit ${position} is beyond the words`);
    const weight = 1n << BigInt(WORD_BITS - 1 - (position % WORD_BITS));
    for (const [wire, coefficient] of value.terms) sum.terms.push([wire, coefficient * weight]);
    sum.constant += value.constant * weight;
  }

  get values(): readonly WireSum[] {
    return this.#sums;
  }
}

export function streamBytes(specs: readonly NamedTensorSpec[]): number {
  return specs.reduce((bytes, spec) => bytes + byteLength(spec), 0);
}

/** Calls `visit` for each element of a tensor. */
export function forEachElement(placement: Placement, visit: (element: number) => void): void {
  const count = elementCount(placement.spec);
  for (let element = 0; element < count; element++) visit(element);
}
