import { Adam } from "./adam.ts";
import { addScaled, dot, heWeights, type Layer } from "./layer.ts";
import type { Random } from "./prng.ts";

export interface DenseShape {
  readonly inputs: number;
  readonly outputs: number;
  readonly relu: boolean;
}

/** y = W x + b, then ReLU if asked: weights [outputs, inputs] as in Gemm with transB. */
export class DenseLayer implements Layer {
  readonly shape: DenseShape;
  readonly weights: Float32Array;
  readonly bias: Float32Array;
  readonly parameters: readonly [Adam, Adam];
  readonly #output: Float32Array;
  readonly #inputError: Float32Array;
  #input: Float32Array;

  constructor(shape: DenseShape, weightDecay: number, random: Random) {
    const { inputs, outputs } = shape;
    this.shape = shape;
    this.weights = heWeights(inputs * outputs, inputs, () => random.normal());
    this.bias = new Float32Array(outputs);
    this.parameters = [new Adam(this.weights, weightDecay), new Adam(this.bias, 0)];
    this.#output = new Float32Array(outputs);
    this.#inputError = new Float32Array(inputs);
    this.#input = this.#inputError;
  }

  forward(input: Float32Array): Float32Array {
    const { inputs, outputs, relu } = this.shape;
    this.#input = input;
    for (let unit = 0; unit < outputs; unit++) {
      const sum = dot(this.weights, unit * inputs, input, 0, inputs, this.bias[unit] ?? 0);
      this.#output[unit] = relu && sum < 0 ? 0 : sum;
    }
    return this.#output;
  }

  backward(error: Float32Array): Float32Array {
    const { inputs, outputs, relu } = this.shape;
    const [weights, bias] = this.parameters;
    this.#inputError.fill(0);
    for (let unit = 0; unit < outputs; unit++) {
      const slope = error[unit] ?? 0;
      if (relu && (this.#output[unit] ?? 0) === 0) continue;
      bias.gradient[unit] = (bias.gradient[unit] ?? 0) + slope;
      addScaled(weights.gradient, unit * inputs, this.#input, 0, inputs, slope);
      addScaled(this.#inputError, 0, this.weights, unit * inputs, inputs, slope);
    }
    return this.#inputError;
  }
}
