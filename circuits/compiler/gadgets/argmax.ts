import { booleanRows, setBits } from "./bits.ts";
import {
  type ArgmaxGadget,
  binary,
  type Gadget,
  type GadgetRules,
  minus,
  NOTHING,
  wireAlone,
  type WireSum,
} from "./gadget.ts";
import { hintBits } from "./hint-bits.ts";

/**
 * Sum of (gap + 3) rows over the classes, plus 1. With one winner w, its gap is 0 and so the free wire is its value;
 * every other class is behind it by a gap that fits few bits and so is not negative. A class before the winner must be
 * strictly smaller: its gap is counted from 1 less. Hence the winner is the first of the largest and nothing else
 * satisfies the rows.
 */
export const argmax: GadgetRules<Gadget<"argmax">> = {
  signals: ({ sums, gaps }) => [
    { name: "winner", size: sums.length, result: true },
    { name: "largest", size: 1, result: false },
    ...gaps.map((size, index) => ({ name: `gap${index}_`, size, result: false })),
  ],
  sums: ({ sums }) => sums,
  widths: ({ gaps }) => gaps,

  rows(gadget, writer) {
    const { first, sums, gaps } = gadget;
    const classes = sums.length;
    booleanRows(first, classes, writer);
    const winners = Array.from({ length: classes }, (_, index) => first + index);
    writer.zero({ terms: winners.map((wire) => [wire, 1n] as const), constant: -1n });
    sums.forEach((sum, index) => {
      const start = gapStart(gadget, index);
      const gap = binary(start, gaps[index] ?? 0);
      booleanRows(start, gaps[index] ?? 0, writer);
      const laterWinners: WireSum = {
        terms: winners.slice(index + 1).map((wire) => [wire, 1n] as const),
        constant: 0n,
      };
      const behind = minus(minus(wireAlone(first + classes), writer.expand(sum)), laterWinners);
      writer.zero(minus(behind, gap));
      writer.product(wireAlone(first + index), gap, NOTHING);
    });
  },

  witness(gadget, writer) {
    const { first, sums, gaps } = gadget;
    const values = sums.map((sum) => writer.valueOf(sum));
    let winner = 0;
    values.forEach((value, index) => {
      if (value > (values[winner] ?? value)) winner = index;
    });
    const largest = values[winner] ?? 0n;
    values.forEach((value, index) => {
      writer.set(first + index, index === winner ? 1n : 0n);
      const gap = largest - value - (index < winner ? 1n : 0n);
      setBits(gapStart(gadget, index), gaps[index] ?? 0, gap, writer);
    });
    writer.set(first + sums.length, largest);
  },

  /** Circom compares field elements as signed numbers, which is right here: every value is far below half the field. */
  circom({ sums, gaps }, writer) {
    const count = sums.length;
    const [winner, largest] = [writer.signal("winner"), writer.signal("largest")];
    const [value, best, at] = [writer.local("value"), writer.local("best"), writer.local("at")];
    return [
      `var ${value}[${count}];`,
      ...sums.flatMap((sum, index) => writer.assign(`${value}[${index}]`, sum)),
      `var ${best} = ${value}[0];`,
      `var ${at} = 0;`,
      `for (var i = 1; i < ${count}; i++) { if (${value}[i] > ${best}) { ${best} = ${value}[i]; ${at} = i; } }`,
      `for (var i = 0; i < ${count}; i++) { ${winner}[i] <-- ${at} == i ? 1 : 0; }`,
      `OneHot(${count})(${winner});`,
      `${largest}[0] <-- ${best};`,
      ...sums.flatMap((_, index) => {
        const bits = gaps[index] ?? 0;
        const name = writer.signal(`gap${index}_`);
        return [
          `sum = ${largest}[0] - ${value}[${index}];`,
          `for (var i = ${index + 1}; i < ${count}; i++) { sum -= ${winner}[i]; }`,
          ...hintBits(name, bits, "sum"),
          `Gap(${bits})(${winner}[${index}], ${name});`,
        ];
      }),
    ];
  },
};

/** First wire of a class's gap. */
export function gapStart({ first, sums, gaps }: ArgmaxGadget, index: number): number {
  return gaps.slice(0, index).reduce((wire, bits) => wire + bits, first + sums.length + 1);
}
