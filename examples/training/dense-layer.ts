import { Adam } from "./adam.ts";
import { addScaled, dot, heWeights, type Layer } from "./layer.ts";
import type { Random } from "./prng.ts";

export interface DenseShape {
  /** How many vectors the layer is applied to, one after the other: 1 if absent. */
  readonly rows?: number;
  readonly inputs: number;
  readonly outputs: number;
  readonly relu: boolean;
}

/**
 * y = W x + b for each row, then ReLU if asked: input [rows, inputs], output [rows, outputs], weights [outputs, inputs]
 * as in Gemm with transB.
 */
export class DenseLayer implements Layer {
  readonly shape: Required<DenseShape>;
  readonly weights: Float32Array;
  readonly bias: Float32Array;
  readonly parameters: readonly [Adam, Adam];
  readonly #output: Float32Array;
  readonly #inputError: Float32Array;
  #input: Float32Array;

  constructor(shape: DenseShape, weightDecay: number, random: Random) {
    const { rows = 1, inputs, outputs } = shape;
    this.shape = { ...shape, rows };
    this.weights = heWeights(inputs * outputs, inputs, () => random.normal());
    this.bias = new Float32Array(outputs);
    this.parameters = [new Adam(this.weights, weightDecay), new Adam(this.bias, 0)];
    this.#output = new Float32Array(rows * outputs);
    this.#inputError = new Float32Array(rows * inputs);
    this.#input = this.#inputError;
  }

  forward(input: Float32Array): Float32Array {
    const { inputs, outputs, relu } = this.shape;
    this.#input = input;
    for (let at = 0; at < this.#output.length; at++) {
      const unit = at % outputs;
      const row = (at - unit) / outputs;
      const sum = dot(this.weights, unit * inputs, input, row * inputs, inputs, this.bias[unit] ?? 0);
      this.#output[at] = relu && sum < 0 ? 0 : sum;
    }
    return this.#output;
  }

  backward(error: Float32Array): Float32Array {
    const { inputs, outputs, relu } = this.shape;
    const [weights, bias] = this.parameters;
    this.#inputError.fill(0);
    for (let at = 0; at < error.length; at++) {
      const slope = error[at] ?? 0;
      if (slope === 0 || (relu && (this.#output[at] ?? 0) === 0)) continue;
      const unit = at % outputs;
      const from = ((at - unit) / outputs) * inputs;
      bias.gradient[unit] = (bias.gradient[unit] ?? 0) + slope;
      addScaled(weights.gradient, unit * inputs, this.#input, from, inputs, slope);
      addScaled(this.#inputError, from, this.weights, unit * inputs, inputs, slope);
    }
    return this.#inputError;
  }
}
