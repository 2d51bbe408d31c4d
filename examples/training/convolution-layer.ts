import { Adam } from "./adam.ts";
import { addScaled, dot, heWeights, type Layer } from "./layer.ts";
import type { Random } from "./prng.ts";

export interface ConvolutionShape {
  readonly channels: number;
  /** Height and width of the input. */
  readonly size: number;
  readonly filters: number;
  /** Height and width of a filter. */
  readonly kernel: number;
}

/**
 * Convolution without padding, the largest of each 2 by 2 square, ReLU. Input [channels, size, size], weights
 * [filters, channels, kernel, kernel], output [filters, pooled, pooled], all row-major as in ONNX.
 *
 * Each window of the input is laid out in a row once (im2col), which makes a convolution a run of dot products. Only
 * the winner of a square passes its error on, and only if ReLU let it through.
 */
export class ConvolutionLayer implements Layer {
  readonly shape: ConvolutionShape;
  /** Height and width of the output. */
  readonly pooled: number;
  readonly weights: Float32Array;
  readonly bias: Float32Array;
  readonly parameters: readonly [Adam, Adam];
  /** Weights of one filter. */
  readonly #reach: number;
  /** [windows, reach]: where in the input each element of each window comes from. */
  readonly #source: Int32Array;
  readonly #windows: Float32Array;
  readonly #output: Float32Array;
  /** The window that won, for each output. */
  readonly #winner: Int32Array;
  readonly #inputError: Float32Array;

  constructor(shape: ConvolutionShape, weightDecay: number, random: Random) {
    const { channels, size, filters, kernel } = shape;
    this.shape = shape;
    this.pooled = (size - kernel + 1) / 2;
    this.#reach = channels * kernel * kernel;
    this.weights = heWeights(filters * this.#reach, this.#reach, () => random.normal());
    this.bias = new Float32Array(filters);
    this.parameters = [new Adam(this.weights, weightDecay), new Adam(this.bias, 0)];
    this.#source = windowSources(shape);
    this.#windows = new Float32Array(this.#source.length);
    this.#output = new Float32Array(filters * this.pooled * this.pooled);
    this.#winner = new Int32Array(this.#output.length);
    this.#inputError = new Float32Array(channels * size * size);
  }

  forward(input: Float32Array): Float32Array {
    const windows = this.#windows;
    for (let at = 0; at < windows.length; at++) windows[at] = input[this.#source[at] ?? 0] ?? 0;
    const { pooled } = this;
    for (let at = 0; at < this.#output.length; at++) {
      const filter = Math.floor(at / (pooled * pooled));
      const y = Math.floor(at / pooled) % pooled;
      this.#pool(at, filter, 4 * y * pooled + 2 * (at % pooled));
    }
    return this.#output;
  }

  /** Fills one output from the square of windows whose upper left one is `corner`. */
  #pool(at: number, filter: number, corner: number): void {
    const reach = this.#reach;
    const bias = this.bias[filter] ?? 0;
    let best = -Infinity;
    for (let part = 0; part < 4; part++) {
      const window = corner + (part >> 1) * 2 * this.pooled + (part & 1);
      const sum = dot(this.weights, filter * reach, this.#windows, window * reach, reach, bias);
      if (sum <= best) continue;
      best = sum;
      this.#winner[at] = window;
    }
    this.#output[at] = Math.max(0, best);
  }

  backward(error: Float32Array): Float32Array {
    const reach = this.#reach;
    const [weights, bias] = this.parameters;
    const inputError = this.#inputError.fill(0);
    for (let at = 0; at < error.length; at++) {
      if ((this.#output[at] ?? 0) === 0) continue;
      const slope = error[at] ?? 0;
      const filter = Math.floor(at / (this.pooled * this.pooled));
      const from = (this.#winner[at] ?? 0) * reach;
      bias.gradient[filter] = (bias.gradient[filter] ?? 0) + slope;
      addScaled(weights.gradient, filter * reach, this.#windows, from, reach, slope);
      for (let k = 0; k < reach; k++) {
        const source = this.#source[from + k] ?? 0;
        inputError[source] = (inputError[source] ?? 0) + slope * (this.weights[filter * reach + k] ?? 0);
      }
    }
    return inputError;
  }
}

function windowSources({ channels, size, kernel }: ConvolutionShape): Int32Array {
  const across = size - kernel + 1;
  const sources: number[] = [];
  for (let window = 0; window < across * across; window++)
    for (let k = 0; k < channels * kernel * kernel; k++) {
      const channel = Math.floor(k / (kernel * kernel));
      const y = Math.floor(window / across) + (Math.floor(k / kernel) % kernel);
      sources.push((channel * size + y) * size + (window % across) + (k % kernel));
    }
  return Int32Array.from(sources);
}
