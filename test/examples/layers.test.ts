import { expect } from "chai";

import { ConvolutionLayer } from "../../examples/training/convolution-layer.ts";
import { DenseLayer } from "../../examples/training/dense-layer.ts";
import { passBack, run } from "../../examples/training/descent.ts";
import type { Layer } from "../../examples/training/layer.ts";
import { LstmLayer } from "../../examples/training/lstm-layer.ts";
import { createRandom } from "../../examples/training/prng.ts";

/** Small enough not to cross a corner of ReLU or a tie in pooling, large enough for float32. */
const STEP = 1e-2;
const TOLERANCE = 2e-3;

/** Compares each gradient of loss = sum of outputs by weight with what a small step of that weight does. */
function expectTrueGradients(layers: readonly Layer[], input: Float32Array): void {
  const outputs = run(layers, input).length;
  const loss = (): number => {
    const output = run(layers, input);
    return output.reduce((sum, value, at) => sum + (at + 1) * value, 0);
  };
  run(layers, input);
  passBack(
    layers,
    Float32Array.from({ length: outputs }, (_, at) => at + 1),
  );
  const parameters = layers.flatMap((layer) => layer.parameters);
  parameters.forEach(({ weights, gradient }, which) => {
    weights.forEach((weight, at) => {
      weights[at] = weight + STEP;
      const above = loss();
      weights[at] = weight - STEP;
      const below = loss();
      weights[at] = weight;
      const slope = (above - below) / (2 * STEP);
      const error = Math.abs(slope - (gradient[at] ?? 0)) / Math.max(1, Math.abs(slope));
      expect(error < TOLERANCE, `parameter ${which}, weight ${at}: ${slope} against ${gradient[at]}`).to.be.true;
    });
  });
}

describe("trainable layers", () => {
  it("know the slope of dense weights behind ReLU", () => {
    const random = createRandom(3);
    const layers = [
      new DenseLayer({ inputs: 4, outputs: 5, relu: true }, 0, random),
      new DenseLayer({ inputs: 5, outputs: 2, relu: false }, 0, random),
    ];
    expectTrueGradients(layers, Float32Array.of(0.5, -1, 0.25, 2));
  });

  it("know the slope of filters through pooling, over several channels and layers", () => {
    const random = createRandom(5);
    const layers = [
      new ConvolutionLayer({ channels: 2, size: 10, filters: 3, kernel: 3 }, 0, random),
      new ConvolutionLayer({ channels: 3, size: 4, filters: 2, kernel: 3 }, 0, random),
    ];
    expectTrueGradients(
      layers,
      Float32Array.from({ length: 200 }, () => random.normal()),
    );
  });

  it("know the slope of an LSTM through all its steps", () => {
    const random = createRandom(7);
    const layers = [new LstmLayer(6, 3, 0, random), new DenseLayer({ inputs: 3, outputs: 1, relu: false }, 0, random)];
    expectTrueGradients(
      layers,
      Float32Array.from({ length: 6 }, () => random.normal()),
    );
  });
});
