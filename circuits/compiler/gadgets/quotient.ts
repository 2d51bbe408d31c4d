import { floorDivide } from "../graph/interval.ts";
import { booleanRows, setBits } from "./bits.ts";
import { binary, type Gadget, type GadgetRules, minus, type WireSum } from "./gadget.ts";
import { hintBits } from "./hint-bits.ts";

/**
 * quotientBits + 2 * remainderBits + 2 rows: booleans; remainder + gap = divisor - 1, so that the remainder is below the
 * divisor; and quotient * divisor = dividend - remainder. A quotient that is one off would need a remainder that is
 * negative, or as large as the divisor.
 */
export const quotient: GadgetRules<Gadget<"quotient">> = {
  signals: ({ quotientBits, remainderBits }) => [
    { name: "quotient", size: quotientBits, result: true },
    { name: "remainder", size: remainderBits, result: false },
    { name: "gap", size: remainderBits, result: false },
  ],
  sums: ({ dividend, divisor }) => [dividend, divisor],
  // What the product can reach, which must not wrap around the field.
  widths: ({ quotientBits, remainderBits, base }) => [
    Math.max(quotientBits, base.toString(2).length) + remainderBits + 4,
  ],

  rows(gadget, writer) {
    const { first, quotientBits, remainderBits, base } = gadget;
    booleanRows(first, quotientBits + 2 * remainderBits, writer);
    const remainder = binary(first + quotientBits, remainderBits);
    const gap = binary(first + quotientBits + remainderBits, remainderBits);
    const divisor = writer.expand(gadget.divisor);
    writer.zero(minus(minus(minus(divisor, ONE), remainder), gap));
    const result: WireSum = { ...binary(first, quotientBits), constant: base };
    writer.product(result, divisor, minus(writer.expand(gadget.dividend), remainder));
  },

  witness({ first, quotientBits, remainderBits, base, dividend, divisor }, writer) {
    const [a, b] = [writer.valueOf(dividend), writer.valueOf(divisor)];
    if (b < 1n) throw new RangeError(`${b} is no divisor`);
    const result = floorDivide(a, b);
    const remainder = a - result * b;
    setBits(first, quotientBits, result - base, writer);
    setBits(first + quotientBits, remainderBits, remainder, writer);
    setBits(first + quotientBits + remainderBits, remainderBits, b - 1n - remainder, writer);
  },

  circom({ quotientBits, remainderBits, base, dividend, divisor }, writer) {
    const [result, remainder, gap] = [writer.signal("quotient"), writer.signal("remainder"), writer.signal("gap")];
    const [a, b, whole, rest] = [
      writer.local("dividend"),
      writer.local("divisor"),
      writer.local("whole"),
      writer.local("rest"),
    ];
    // Circom divides residues of the field: an offset of as many divisors as the base has keeps the dividend natural.
    return [
      `var ${a};`,
      `var ${b};`,
      ...writer.assign(a, dividend),
      ...writer.assign(b, divisor),
      `var ${rest} = (${a} - (${base}) * ${b}) % ${b};`,
      `for (var k = 0; k < ${quotientBits}; k++) { ${result}[k] <-- (((${a} - (${base}) * ${b}) \\ ${b}) >> k) & 1; }`,
      `Booleans(${quotientBits})(${result});`,
      `var ${whole} = ${base};`,
      `for (var k = 0; k < ${quotientBits}; k++) { ${whole} += ${result}[k] * 2 ** k; }`,
      `for (var k = 0; k < ${remainderBits}; k++) { ${remainder}[k] <-- (${rest} >> k) & 1; }`,
      `Booleans(${remainderBits})(${remainder});`,
      "recomposed = 0;",
      `for (var k = 0; k < ${remainderBits}; k++) { recomposed += ${remainder}[k] * 2 ** k; }`,
      `${whole} * ${b} === ${a} - recomposed;`,
      `sum = ${b} - 1 - recomposed;`,
      ...hintBits(gap, remainderBits, "sum"),
      `Booleans(${remainderBits})(${gap});`,
    ];
  },
};

const ONE: WireSum = { terms: [], constant: 1n };
