import { FIELD_ORDER } from "../../format/interface-words.ts";
import { booleanRows, setBits } from "./bits.ts";
import { binary, type Gadget, type GadgetRules, minus } from "./gadget.ts";
import { hintBits } from "./hint-bits.ts";

const ELEMENT_BITS = 254;
/** The highest bits of an element that are compared with those of the field order. */
const COMPARED_BITS = 128;
const KEPT = ELEMENT_BITS - COMPARED_BITS;
/** What the compared bits may be at most. */
const LARGEST_TOP = (FIELD_ORDER >> BigInt(KEPT)) - 1n;

/**
 * 384 rows. Of 254 bits, those of an element plus the field's order would add up to the element as well. Here the 128
 * highest bits are strictly below those of the order: `gap` is the difference. So the number is below the order, and
 * there is one. An element whose highest bits are exactly the order's has no witness: of hashes that is one in 2^127,
 * which nobody finds.
 */
export const canonical: GadgetRules<Gadget<"canonical">> = {
  signals: () => [
    { name: "bits", size: ELEMENT_BITS, result: true },
    { name: "gap", size: COMPARED_BITS, result: false },
  ],
  sums: ({ sum }) => [sum],
  widths: () => [COMPARED_BITS],
  rows({ first, sum }, writer) {
    booleanRows(first, ELEMENT_BITS + COMPARED_BITS, writer);
    writer.zero(minus(binary(first, ELEMENT_BITS), writer.expand(sum)));
    const both = [...binary(first + KEPT, COMPARED_BITS).terms, ...binary(first + ELEMENT_BITS, COMPARED_BITS).terms];
    writer.zero({ terms: both, constant: -LARGEST_TOP });
  },
  witness({ first, sum }, writer) {
    const value = writer.valueOf(sum);
    setBits(first, ELEMENT_BITS, value, writer);
    setBits(first + ELEMENT_BITS, COMPARED_BITS, LARGEST_TOP - (value >> BigInt(KEPT)), writer);
  },
  circom({ sum }, writer) {
    const [bits, gap] = [writer.signal("bits"), writer.signal("gap")];
    return [
      ...writer.assign("sum", sum),
      ...hintBits(bits, ELEMENT_BITS, "sum"),
      `sum = ${LARGEST_TOP};`,
      `for (var k = 0; k < ${COMPARED_BITS}; k++) { sum -= ${bits}[${KEPT} + k] * 2 ** k; }`,
      ...hintBits(gap, COMPARED_BITS, "sum"),
      `ElementBits(${ELEMENT_BITS}, ${COMPARED_BITS})(${bits}, ${gap});`,
    ];
  },
};
