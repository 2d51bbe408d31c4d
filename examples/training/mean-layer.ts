import type { Layer } from "./layer.ts";

/** The mean of all rows: input [rows, width], output [width]. */
export class MeanLayer implements Layer {
  readonly parameters = [];
  readonly #rows: number;
  readonly #width: number;

  constructor(rows: number, width: number) {
    this.#rows = rows;
    this.#width = width;
  }

  forward(input: Float32Array): Float32Array {
    const mean = new Float32Array(this.#width);
    input.forEach((value, at) => (mean[at % this.#width] = (mean[at % this.#width] ?? 0) + value / this.#rows));
    return mean;
  }

  backward(error: Float32Array): Float32Array {
    return Float32Array.from(
      { length: this.#rows * this.#width },
      (_, at) => (error[at % this.#width] ?? 0) / this.#rows,
    );
  }
}
