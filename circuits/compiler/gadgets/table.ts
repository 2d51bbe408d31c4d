import { argmax } from "./argmax.ts";
import { bits } from "./bits.ts";
import { canonical } from "./canonical.ts";
import type { CircomWriter, Gadget, GadgetKind, GadgetRules, RowWriter, Signal, Sum, WireWriter } from "./gadget.ts";
import { poseidon } from "./poseidon.ts";
import { product } from "./product.ts";
import { quotient } from "./quotient.ts";
import { relu } from "./relu.ts";
import { segments } from "./segments.ts";

/** Every gadget. A new one is a record in `gadget.ts`, a file here and a line here. */
const RULES: { readonly [Kind in GadgetKind]: GadgetRules<Gadget<Kind>> } = {
  bits,
  relu,
  argmax,
  product,
  quotient,
  segments,
  poseidon,
  canonical,
};

export function gadgetSignals<Kind extends GadgetKind>(gadget: Gadget<Kind>): readonly Signal[] {
  return RULES[gadget.kind].signals(gadget);
}

export function gadgetWireCount(gadget: Gadget): number {
  return gadgetSignals(gadget).reduce((wires, { size }) => wires + size, 0);
}

export function gadgetSums<Kind extends GadgetKind>(gadget: Gadget<Kind>): readonly Sum[] {
  return RULES[gadget.kind].sums(gadget);
}

export function gadgetWidths<Kind extends GadgetKind>(gadget: Gadget<Kind>): readonly number[] {
  return RULES[gadget.kind].widths(gadget);
}

export function writeRows<Kind extends GadgetKind>(gadget: Gadget<Kind>, writer: RowWriter): void {
  RULES[gadget.kind].rows(gadget, writer);
}

export function writeWitness<Kind extends GadgetKind>(gadget: Gadget<Kind>, writer: WireWriter): void {
  RULES[gadget.kind].witness(gadget, writer);
}

export function writeCircom<Kind extends GadgetKind>(gadget: Gadget<Kind>, writer: CircomWriter): readonly string[] {
  return RULES[gadget.kind].circom(gadget, writer);
}
