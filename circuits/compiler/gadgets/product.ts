import { type Gadget, type GadgetRules, wireAlone } from "./gadget.ts";

/** One row. */
export const product: GadgetRules<Gadget<"product">> = {
  signals: () => [{ name: "out", size: 1, result: true }],
  sums: ({ left, right }) => [left, right],
  widths: () => [],
  rows({ left, right, first }, writer) {
    writer.product(writer.expand(left), writer.expand(right), wireAlone(first));
  },
  witness({ left, right, first }, writer) {
    writer.set(first, writer.valueOf(left) * writer.valueOf(right));
  },
  circom({ left, right }, writer) {
    const factor = writer.local("factor");
    return [
      `var ${factor};`,
      ...writer.assign(factor, left),
      ...writer.assign("sum", right),
      `${writer.signal("out")} <== ${factor} * sum;`,
    ];
  },
};
