import { booleanRows, setBits } from "./bits.ts";
import { binary, type GadgetRules, minus, type ReluGadget, wireAlone } from "./gadget.ts";

/**
 * bits + 2 rows: booleans, one linear row, and top bit times the kept bits = output. Rounding is in the sum's constant.
 */
export const relu: GadgetRules<ReluGadget> = {
  wireCount: (gadget) => gadget.bits + 1,
  rows(gadget, writer) {
    const { first, bits, shift } = gadget;
    booleanRows(first, bits, writer);
    writer.zero(minus(binary(first, bits), writer.expand(gadget.sum)));
    const top = first + bits - 1;
    writer.product(wireAlone(top), binary(first + shift, bits - 1 - shift), wireAlone(first + bits));
  },
  witness({ first, bits, shift, sum }, writer) {
    const value = writer.valueOf(sum);
    setBits(first, bits, value, writer);
    const number = value - (1n << BigInt(bits - 1));
    writer.set(first + bits, number < 0n ? 0n : number >> BigInt(shift));
  },
};
