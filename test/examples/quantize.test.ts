import { expect } from "chai";

import { activationQuantization, quantizeBias, quantizeWeights } from "../../examples/training/quantize.ts";

describe("int8 quantization", () => {
  it("keeps zero as a level of activations, whatever their range", () => {
    expect(activationQuantization(0, 255)).to.deep.equal({ scale: 1, zeroPoint: 0 });
    expect(activationQuantization(3, 255)).to.deep.equal({ scale: 1, zeroPoint: 0 });
    expect(activationQuantization(-55, 200)).to.deep.equal({ scale: 1, zeroPoint: 55 });
    expect(activationQuantization(-255, -3)).to.deep.equal({ scale: 1, zeroPoint: 255 });
  });

  it("gives each channel of weights its own scale, the largest magnitude at 127, and rounds half to even", () => {
    const { values, scales } = quantizeWeights(Float32Array.of(127, -127, 0.5, 1.5, 0, 254, -3, 1), 2);
    expect(scales).to.deep.equal(Float32Array.of(1, 2));
    expect(values).to.deep.equal(Int8Array.of(127, -127, 0, 2, 0, 127, -2, 0));
  });

  it("does not divide by the scale of a channel without weights", () => {
    const { values, scales } = quantizeWeights(new Float32Array(3), 1);
    expect([values, scales]).to.deep.equal([new Int8Array(3), Float32Array.of(1)]);
  });

  it("counts biases in units of the products", () => {
    expect(quantizeBias(Float32Array.of(1, -1.25), Float32Array.of(0.25, 0.5))).to.deep.equal(Int32Array.of(4, -2));
  });
});
