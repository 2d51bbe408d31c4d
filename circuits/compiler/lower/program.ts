import type { NamedTensorSpec } from "../../format/manifest.ts";
import { elementCount } from "../../format/tensor.ts";
import type { Gadget, Sum, WireSum } from "../gadgets/gadget.ts";
import type { Interval } from "../graph/interval.ts";
import type { Placement } from "./place-words.ts";

/** Where a scalar comes from: an element of an input, or wires of gadgets, of which `block` holds the latest. */
export type ScalarSource =
  | { readonly kind: "input"; readonly tensor: number; readonly element: number }
  | { readonly kind: "computed"; readonly block: number };

/** A number that the circuit knows: linear in a few wires, with a proven interval. */
export interface Scalar extends WireSum {
  readonly source: ScalarSource;
  readonly range: Interval;
}

/**
 * Gadgets of one layer that do not take each other's results, or those that cut outputs into bits. A layer may have
 * several blocks, one after the other.
 */
export interface Block {
  readonly name: string;
  /** Index of the layer in the graph; null for the outputs' block. */
  readonly layer: number | null;
  readonly gadgets: readonly Gadget[];
}

/** One public word, or the root of the weights: it equals `value`, and its other bits are zero because nothing else is added. */
export interface Word {
  readonly wire: number;
  readonly value: WireSum;
}

/**
 * The circuit before any back end. Wires: 0 the constant one, 1 the binding, then the words, then the binding's
 * square, the salt if something is committed to, the bits of the inputs (element by element, lowest first), and the
 * wires of the gadgets in order.
 */
export interface Program {
  /** The graph's inputs, then weights that are a witness. */
  readonly inputs: readonly NamedTensorSpec[];
  readonly outputs: readonly NamedTensorSpec[];
  /** Where the bits of the inputs lie in the words; null if the words hold a commitment to them instead. */
  readonly placedInputs: readonly Placement[] | null;
  readonly saltWire: number | null;
  /** First wire of each input tensor's bits. */
  readonly inputWires: readonly number[];
  readonly scalars: readonly Scalar[];
  readonly blocks: readonly Block[];
  readonly words: readonly Word[];
  readonly wireCount: number;
  /** What each element of each output is. */
  readonly results: readonly (readonly Sum[])[];
}

export const BINDING_WIRE = 1;
export const FIRST_WORD_WIRE = 2;

/** The wires that a statement is about: binding, salt and the bits of the inputs. Everything else must follow. */
export function givenWires({ inputs, inputWires, saltWire }: Program): number[] {
  return [
    BINDING_WIRE,
    ...(saltWire === null ? [] : [saltWire]),
    ...inputs.flatMap((spec, tensor) =>
      Array.from({ length: elementCount(spec) * spec.bits }, (_, bit) => (inputWires[tensor] ?? 0) + bit),
    ),
  ];
}
