import { binary, type Gadget, type GadgetRules, minus, type RowWriter, wireAlone, type WireWriter } from "./gadget.ts";
import { hintBits } from "./hint-bits.ts";

/** bits + 1 rows. */
export const bits: GadgetRules<Gadget<"bits">> = {
  signals: (gadget) => [{ name: "bits", size: gadget.bits, result: true }],
  sums: ({ sum }) => [sum],
  widths: (gadget) => [gadget.bits],
  rows(gadget, writer) {
    booleanRows(gadget.first, gadget.bits, writer);
    writer.zero(minus(binary(gadget.first, gadget.bits), writer.expand(gadget.sum)));
  },
  witness(gadget, writer) {
    setBits(gadget.first, gadget.bits, writer.valueOf(gadget.sum), writer);
  },
  circom(gadget, writer) {
    const name = writer.signal("bits");
    return [
      ...writer.assign("sum", gadget.sum),
      ...hintBits(name, gadget.bits, "sum"),
      `Booleans(${gadget.bits})(${name});`,
    ];
  },
};

/** wire * wire = wire, which only 0 and 1 satisfy. */
export function booleanRows(first: number, count: number, writer: RowWriter): void {
  for (let wire = first; wire < first + count; wire++)
    writer.product(wireAlone(wire), wireAlone(wire), wireAlone(wire));
}

/** `value` must be in [0, 2^count): the compiler proved it, so anything else is a fault of the compiler. */
export function setBits(first: number, count: number, value: bigint, writer: WireWriter): void {
  if (value < 0n || value >> BigInt(count) !== 0n) throw new RangeError(`${value} does not fit ${count} bits`);
  for (let k = 0; k < count; k++) writer.set(first + k, (value >> BigInt(k)) & 1n);
}
