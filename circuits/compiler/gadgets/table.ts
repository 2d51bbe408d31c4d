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
      return bits.rows(gadget, writer);
    case "relu":
      return relu.rows(gadget, writer);
    case "argmax":
      return argmax.rows(gadget, writer);
  }
}

export function writeWitness(gadget: Gadget, writer: WireWriter): void {
  switch (gadget.kind) {
    case "bits":
      return bits.witness(gadget, writer);
    case "relu":
      return relu.witness(gadget, writer);
    case "argmax":
      return argmax.witness(gadget, writer);
  }
}
