import { expect } from "chai";

import { halfToNumber, numberToHalf } from "../../../circuits/format/half-float.ts";

/** Every finite half, ascending from 0. */
const HALVES = Array.from({ length: 0x7c00 }, (_, bits) => bits);

describe("a half float", () => {
  it("is what the standard says at the ends of its ranges", () => {
    const known: readonly (readonly [number, number])[] = [
      [0x0000, 0],
      [0x0001, 2 ** -24],
      [0x03ff, 1023 * 2 ** -24],
      [0x0400, 2 ** -14],
      [0x3555, 0.333251953125],
      [0x3c00, 1],
      [0x3c01, 1 + 2 ** -10],
      [0x7bff, 65_504],
      [0x7c00, Infinity],
      [0xbc00, -1],
      [0xfbff, -65_504],
    ];
    for (const [bits, value] of known) expect(halfToNumber(bits), bits.toString(16)).to.equal(value);
    expect(halfToNumber(0x7e00)).to.be.NaN;
    expect(Object.is(halfToNumber(0x8000), -0)).to.equal(true);
  });

  it("is read and written the same, each finite one of either sign", () => {
    const changed = HALVES.flatMap((bits) => [bits, bits | 0x8000]).filter(
      (bits) => numberToHalf(halfToNumber(bits)) !== bits,
    );
    expect(changed).to.deep.equal([]);
  });

  it("is the nearest to a number, and the even one of two", () => {
    const wrong = HALVES.filter((bits) => {
      const [here, next] = [halfToNumber(bits), bits === 0x7bff ? 65_536 : halfToNumber(bits + 1)];
      const middle = (here + next) / 2;
      const even = bits % 2 === 0 ? bits : bits + 1;
      // The middle and its neighbours among numbers of 64 bits, well within a quarter of the distance.
      const near = (next - here) * 2 ** -20;
      const found = [middle - near, middle, middle + near].map(numberToHalf);
      return found.join() !== [bits, even, bits + 1].join();
    });
    expect(wrong).to.deep.equal([]);
  });

  it("is infinite for what is beyond the largest", () => {
    expect([65_519.99, 65_520, 1e9, -65_520].map(numberToHalf)).to.deep.equal([0x7bff, 0x7c00, 0x7c00, 0xfc00]);
  });
});
