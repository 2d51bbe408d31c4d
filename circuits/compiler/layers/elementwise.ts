import { z } from "zod";

import type { ValueId } from "../graph/layer.ts";

export const value = z.int().nonnegative();
export const count = z.int().positive();
/** Of an element, as matrices and products store it: a larger number would wrap around when it is read. */
export const position = z
  .int()
  .min(0)
  .max(2 ** 31 - 1);
export const integer = z.int();
/** The largest shift that a rounding can have: more bits than that are not in any value. */
export const LARGEST_SHIFT = 250;
export const shift = z.int().min(0).max(LARGEST_SHIFT);
export const oneInput = z.tuple([value]);

/** Rules that all layers share in which output element i is made of input element i. */
export interface Elementwise {
  readonly inputs: readonly [ValueId];
  readonly size: number;
}

export function sizeOfElements({ size }: Elementwise): number {
  return size;
}

export function needsSame(_layer: Elementwise, wanted: readonly number[]): readonly Iterable<number>[] {
  return [wanted];
}

export function keepSame<Kind extends Elementwise>(layer: Kind, wanted: readonly number[]): Kind {
  return Object.freeze({ ...layer, size: wanted.length });
}

/** Of any layer with one input that says how many elements it takes; `sizes` are those of its inputs. */
export function sizeProblems({ size }: Pick<Elementwise, "size">, [given = 0]: readonly number[]): string[] {
  return given === size ? [] : [`is made for ${size} elements, gets ${given}`];
}
