import { expect } from "chai";
import fc from "fast-check";

import {
  FIELD_ORDER,
  interfaceWords,
  WORD_BITS,
  WORD_BYTES,
  wordCount,
} from "../../../circuits/format/interface-words.ts";

const bytes = fc.uint8Array({ maxLength: 100 });

describe("interface words", () => {
  it("are all below the field order, whatever the bytes", () => {
    const worst = new Uint8Array(WORD_BYTES * 2).fill(0xff);
    for (const word of interfaceWords(worst, worst)) expect(word < FIELD_ORDER).to.equal(true);
    expect(interfaceWords(worst, worst)[0]).to.equal((1n << BigInt(WORD_BITS)) - 1n);
  });

  it("hold bit p of the stream at bit 247 - p % 248 of word p / 248", () => {
    fc.assert(
      fc.property(bytes, bytes, (input, output) => {
        const stream = [...input, ...output];
        const words = interfaceWords(input, output);
        expect(words).to.have.length(wordCount(stream.length));
        for (let p = 0; p < words.length * WORD_BITS; p++) {
          const expected = ((stream[p >> 3] ?? 0) >> (7 - (p & 7))) & 1;
          const word = words[Math.floor(p / WORD_BITS)] ?? 0n;
          expect(Number((word >> BigInt(WORD_BITS - 1 - (p % WORD_BITS))) & 1n)).to.equal(expected);
        }
      }),
      { numRuns: 50 },
    );
  });

  it("tell two streams of the same length apart", () => {
    fc.assert(
      fc.property(bytes, bytes, fc.nat(), (input, output, position) => {
        fc.pre(output.length > 0);
        const changed = output.slice();
        const index = position % output.length;
        changed[index] = (changed[index] ?? 0) ^ 1;
        expect(interfaceWords(input, changed)).not.to.deep.equal(interfaceWords(input, output));
      }),
    );
  });

  it("pad the last word with zeros on the right", () => {
    expect(interfaceWords(Uint8Array.of(1), Uint8Array.of(2))).to.deep.equal([0x0102n << BigInt(WORD_BITS - 16)]);
    expect(interfaceWords(new Uint8Array(), new Uint8Array())).to.deep.equal([]);
    expect([0, 1, 31, 32, 62, 63].map(wordCount)).to.deep.equal([0, 1, 1, 2, 2, 3]);
  });
});
