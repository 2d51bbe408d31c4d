import { booleanRows, setBits } from "./bits.ts";
import { binary, type Gadget, type GadgetRules, minus, type SegmentsGadget, type WireSum } from "./gadget.ts";
import { hintBits } from "./hint-bits.ts";

/**
 * intervals + 2 * bits + 3 rows. One member is 1. The sum is not below that interval's start and not above its end,
 * because both distances have bits; intervals do not overlap, so no other member would do.
 */
export const segments: GadgetRules<Gadget<"segments">> = {
  signals: ({ starts, bits }) => [
    { name: "member", size: starts.length, result: true },
    { name: "above", size: bits, result: true },
    { name: "below", size: bits, result: false },
  ],
  sums: ({ sum }) => [sum],
  widths: ({ bits }) => [bits],

  rows(gadget, writer) {
    const { first, starts, ends, bits } = gadget;
    const count = starts.length;
    booleanRows(first, count + 2 * bits, writer);
    writer.zero({ terms: starts.map((_, at) => [first + at, 1n] as const), constant: -1n });
    const sum = writer.expand(gadget.sum);
    const [above, below] = [binary(first + count, bits), binary(first + count + bits, bits)];
    writer.zero(minus(minus(sum, chosen(first, starts)), above));
    writer.zero(minus(minus(chosen(first, ends), sum), below));
  },

  witness(gadget, writer) {
    const { first, starts, ends, bits } = gadget;
    const value = writer.valueOf(gadget.sum);
    const member = memberOf(gadget, value);
    starts.forEach((_, at) => {
      writer.set(first + at, at === member ? 1n : 0n);
    });
    setBits(first + starts.length, bits, value - (starts[member] ?? 0n), writer);
    setBits(first + starts.length + bits, bits, (ends[member] ?? 0n) - value, writer);
  },

  circom({ sum, starts, ends, bits }, writer) {
    const count = starts.length;
    const [member, above, below] = [writer.signal("member"), writer.signal("above"), writer.signal("below")];
    const [value, start, end] = [writer.local("value"), writer.local("start"), writer.local("end")];
    return [
      `var ${value};`,
      ...writer.assign(value, sum),
      `var ${start}[${count}] = [${starts.join(", ")}];`,
      `var ${end}[${count}] = [${ends.join(", ")}];`,
      `for (var i = 0; i < ${count}; i++) { ${member}[i] <-- ${value} >= ${start}[i] && ${value} <= ${end}[i] ? 1 : 0; }`,
      `OneHot(${count})(${member});`,
      `sum = ${value};`,
      `for (var i = 0; i < ${count}; i++) { sum -= ${member}[i] * ${start}[i]; }`,
      ...hintBits(above, bits, "sum"),
      `Booleans(${bits})(${above});`,
      `sum = -${value};`,
      `for (var i = 0; i < ${count}; i++) { sum += ${member}[i] * ${end}[i]; }`,
      ...hintBits(below, bits, "sum"),
      `Booleans(${bits})(${below});`,
    ];
  },
};

function chosen(first: number, values: readonly bigint[]): WireSum {
  return { terms: values.map((value, at) => [first + at, value] as const), constant: 0n };
}

function memberOf({ starts, ends }: SegmentsGadget, value: bigint): number {
  const member = starts.findLastIndex((start) => start <= value);
  if (member === -1 || value > (ends[member] ?? value)) throw new RangeError(`${value} lies in no segment`);
  return member;
}
