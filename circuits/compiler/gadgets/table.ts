import { argmax } from "./argmax.ts";
import { bits } from "./bits.ts";
import type { Gadget, RowWriter, WireWriter } from "./gadget.ts";
import { relu } from "./relu.ts";

export function gadgetWireCount(gadget: Gadget): number {
  switch (gadget.kind) {
    case "bits":
      return bits.wireCount(gadget);
    case "relu":
      return relu.wireCount(gadget);
    case "argmax":
      return argmax.wireCount(gadget);
  }
}

export function writeRows(gadget: Gadget, writer: RowWriter): void {
  switch (gadget.kind) {
    case "bits":
      bits.rows(gadget, writer);
      break;
    case "relu":
      relu.rows(gadget, writer);
      break;
    case "argmax":
      argmax.rows(gadget, writer);
      break;
  }
}

export function writeWitness(gadget: Gadget, writer: WireWriter): void {
  switch (gadget.kind) {
    case "bits":
      bits.witness(gadget, writer);
      break;
    case "relu":
      relu.witness(gadget, writer);
      break;
    case "argmax":
      argmax.witness(gadget, writer);
      break;
  }
}
