import { booleanRows, setBits } from "./bits.ts";
import { type ArgmaxGadget, binary, type GadgetRules, minus, NOTHING, wireAlone, type WireSum } from "./gadget.ts";

/**
 * Sum of (gap + 3) rows over the classes, plus 1. With one winner w, its gap is 0 and so the free wire is its value;
 * every other class is behind it by a gap that fits few bits and so is not negative. A class before the winner must be
 * strictly smaller: its gap is counted from 1 less. Hence the winner is the first of the largest and nothing else
 * satisfies the rows.
 */
export const argmax: GadgetRules<ArgmaxGadget> = {
  wireCount: ({ sums, gaps }) => sums.length + 1 + gaps.reduce((total, bits) => total + bits, 0),

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
};

/** First wire of a class's gap. */
export function gapStart({ first, sums, gaps }: ArgmaxGadget, index: number): number {
  return gaps.slice(0, index).reduce((wire, bits) => wire + bits, first + sums.length + 1);
}
