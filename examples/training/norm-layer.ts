import { Adam } from "./adam.ts";
import type { Layer } from "./layer.ts";

export const NORM_EPSILON = 1e-5;

/** Layer normalization of each row (Ba, Kiros and Hinton 2016): input and output [rows, width]. */
export class NormLayer implements Layer {
  readonly gain: Float32Array;
  readonly offset: Float32Array;
  readonly parameters: readonly [Adam, Adam];
  readonly #width: number;
  /** [rows, width], before gain and offset. */
  readonly #normal: Float32Array;
  /** [rows], one over the standard deviation. */
  readonly #inverse: Float32Array;

  constructor(rows: number, width: number) {
    this.gain = new Float32Array(width).fill(1);
    this.offset = new Float32Array(width);
    this.parameters = [new Adam(this.gain, 0), new Adam(this.offset, 0)];
    this.#width = width;
    this.#normal = new Float32Array(rows * width);
    this.#inverse = new Float32Array(rows);
  }

  forward(input: Float32Array): Float32Array {
    const width = this.#width;
    this.#inverse.forEach((_, row) => {
      const values = input.subarray(row * width, (row + 1) * width);
      const mean = values.reduce((sum, value) => sum + value, 0) / width;
      const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / width;
      const inverse = 1 / Math.sqrt(variance + NORM_EPSILON);
      this.#inverse[row] = inverse;
      values.forEach((value, at) => (this.#normal[row * width + at] = (value - mean) * inverse));
    });
    return this.#normal.map((value, at) => value * (this.gain[at % width] ?? 0) + (this.offset[at % width] ?? 0));
  }

  backward(error: Float32Array): Float32Array {
    const width = this.#width;
    const [gain, offset] = this.parameters;
    const passed = error.map((slope, at) => {
      const column = at % width;
      gain.gradient[column] = (gain.gradient[column] ?? 0) + slope * (this.#normal[at] ?? 0);
      offset.gradient[column] = (offset.gradient[column] ?? 0) + slope;
      return slope * (this.gain[column] ?? 0);
    });
    this.#inverse.forEach((inverse, row) => {
      const slopes = passed.subarray(row * width, (row + 1) * width);
      const normal = this.#normal.subarray(row * width, (row + 1) * width);
      const mean = slopes.reduce((sum, slope) => sum + slope, 0) / width;
      const lean = slopes.reduce((sum, slope, at) => sum + slope * (normal[at] ?? 0), 0) / width;
      slopes.forEach((slope, at) => (slopes[at] = inverse * (slope - mean - lean * (normal[at] ?? 0))));
    });
    return passed;
  }
}
