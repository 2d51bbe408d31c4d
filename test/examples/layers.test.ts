import { expect } from "chai";

import { AttentionLayer } from "../../examples/training/attention-layer.ts";
import { ConvolutionLayer } from "../../examples/training/convolution-layer.ts";
import { DenseLayer } from "../../examples/training/dense-layer.ts";
import { passBack, run } from "../../examples/training/descent.ts";
import type { Layer } from "../../examples/training/layer.ts";
import { LstmLayer } from "../../examples/training/lstm-layer.ts";
import { MeanLayer } from "../../examples/training/mean-layer.ts";
import { NormLayer } from "../../examples/training/norm-layer.ts";
import { OffsetLayer } from "../../examples/training/offset-layer.ts";
import { createRandom } from "../../examples/training/prng.ts";
import { ResidualLayer } from "../../examples/training/residual-layer.ts";

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

function noise(length: number, seed: number): Float32Array {
  const random = createRandom(seed);
  return Float32Array.from({ length }, () => random.normal());
}

describe("trainable layers", () => {
  it("know the slope of dense weights behind ReLU", () => {
    const random = createRandom(3);
    const layers = [
      new DenseLayer({ rows: 2, inputs: 4, outputs: 5, relu: true }, 0, random),
      new DenseLayer({ rows: 2, inputs: 5, outputs: 2, relu: false }, 0, random),
    ];
    expectTrueGradients(layers, Float32Array.of(0.5, -1, 0.25, 2, 1, 0.75, -0.5, 1.5));
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
    const layers = [
      new LstmLayer({ steps: 6, features: 2, hidden: 3 }, 0, random),
      new DenseLayer({ inputs: 3, outputs: 1, relu: false }, 0, random),
    ];
    expectTrueGradients(
      layers,
      Float32Array.from({ length: 12 }, () => random.normal()),
    );
  });

  it("know the slope of attention with several heads", () => {
    const layers = [new AttentionLayer({ rows: 3, width: 4, heads: 2 }, 0, createRandom(9))];
    expectTrueGradients(layers, noise(12, 10));
  });

  it("know the slope of a block: places, normalization, a way around, the mean", () => {
    const random = createRandom(11);
    const norm = new NormLayer(3, 4);
    norm.gain.set([0.5, 1.5, -1, 2]);
    const layers = [
      new OffsetLayer(12, random),
      new ResidualLayer([norm, new DenseLayer({ rows: 3, inputs: 4, outputs: 4, relu: false }, 0, random)]),
      new DenseLayer({ rows: 3, inputs: 4, outputs: 4, relu: false }, 0, random),
      new NormLayer(3, 4),
      new MeanLayer(3, 4),
    ];
    expectTrueGradients(layers, noise(12, 12));
  });
});
