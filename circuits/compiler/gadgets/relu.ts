import { booleanRows, setBits } from "./bits.ts";
import { binary, type Gadget, type GadgetRules, minus, wireAlone } from "./gadget.ts";
import { hintBits } from "./hint-bits.ts";

/**
 * bits + 2 rows: booleans, one linear row, and top bit times the kept bits = output - base. Rounding is in the sum's
 * constant.
 */
export const relu: GadgetRules<Gadget<"relu">> = {
  signals: (gadget) => [
    { name: "bits", size: gadget.bits, result: false },
    { name: "out", size: 1, result: true },
  ],
  sums: ({ sum, base }) => [sum, base],
  widths: (gadget) => [gadget.bits],
  rows(gadget, writer) {
    const { first, bits, shift, base } = gadget;
    booleanRows(first, bits, writer);
    writer.zero(minus(binary(first, bits), writer.expand(gadget.sum)));
    const top = first + bits - 1;
    const excess = minus(wireAlone(first + bits), writer.expand(base));
    writer.product(wireAlone(top), binary(first + shift, bits - 1 - shift), excess);
  },
  witness({ first, bits, shift, sum, base }, writer) {
    const value = writer.valueOf(sum);
    setBits(first, bits, value, writer);
    const number = value - (1n << BigInt(bits - 1));
    writer.set(first + bits, writer.valueOf(base) + (number < 0n ? 0n : number >> BigInt(shift)));
  },
  circom({ bits, shift, sum, base }, writer) {
    const [name, out] = [writer.signal("bits"), writer.signal("out")];
    const decomposition = [...writer.assign("sum", sum), ...hintBits(name, bits, "sum")];
    if (base.scalars.length === 0 && base.constant === 0n)
      return [...decomposition, `${out} <== Relu(${bits}, ${shift})(${name});`];
    const floor = writer.local("base");
    return [
      ...decomposition,
      `Booleans(${bits})(${name});`,
      `var ${floor};`,
      ...writer.assign(floor, base),
      "recomposed = 0;",
      `for (var k = ${shift}; k < ${bits - 1}; k++) { recomposed += ${name}[k] * 2 ** (k - ${shift}); }`,
      `${out} <== ${name}[${bits - 1}] * recomposed + ${floor};`,
    ];
  },
};
