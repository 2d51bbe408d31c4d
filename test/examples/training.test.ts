import { expect } from "chai";

import { parseCsv } from "../../examples/training/csv.ts";
import { bitsOf, intervals, onGrid, runIntegers, toIntegers } from "../../examples/training/integer-mlp.ts";
import { accuracy, createMlp, type SparseInput } from "../../examples/training/mlp.ts";
import { createRandom } from "../../examples/training/prng.ts";
import { trainMlp } from "../../examples/training/train-mlp.ts";

/** Exclusive or: what a network without a hidden layer cannot learn. */
const inputs: SparseInput[] = [[], [0], [1], [0, 1]].map((positions) => ({ positions }));
const labels = [0, 1, 1, 0];

function trainXor() {
  const random = createRandom(1);
  const mlp = createMlp(2, 16, 2, 1, random);
  const targets = Float32Array.from(labels.flatMap((label) => (label === 0 ? [1, 0] : [0, 1])));
  const settings = { epochs: 300, batch: 4, learningRate: 0.03, weightDecay: 0, inputDropout: 0, hiddenDropout: 0 };
  trainMlp(mlp, { inputs, targets }, settings, random);
  return mlp;
}

describe("training", () => {
  it("reads quoted commas, doubled quotes and line breaks, with either line end", () => {
    expect(parseCsv('a,"b, ""c""\nd"\r\ne,\n')).to.deep.equal([
      ["a", 'b, "c"\nd'],
      ["e", ""],
    ]);
    expect(() => parseCsv('a,"b')).to.throw(SyntaxError);
  });

  it("learns what is not linear, and the same weights every time", () => {
    const mlp = trainXor();
    expect(accuracy(mlp, inputs, labels)).to.equal(1);
    expect(trainXor()).to.deep.equal(mlp);
  });

  it("gives the same answer in integers, and never leaves the intervals", () => {
    const settings = { hiddenBits: 4, rescale: 0, outputBits: 4 };
    const published = onGrid(trainXor(), settings);
    const integers = toIntegers(published, settings);
    expect(accuracy(published, inputs, labels)).to.equal(1);
    const reach = intervals(integers, 1);
    inputs.forEach((input, at) => {
      const logits = runIntegers(integers, input);
      expect(Number((logits[1] ?? 0) > (logits[0] ?? 0))).to.equal(labels[at]);
      reach.logits.forEach(({ min, max }, label) => expect(logits[label]).to.be.within(min, max));
    });
    expect(bitsOf({ min: -8, max: 7 })).to.equal(4);
    expect(bitsOf({ min: -8, max: 8 })).to.equal(5);
  });
});
