import type { Adam } from "./adam.ts";
import { DenseLayer } from "./dense-layer.ts";
import { addScaled, dot, type Layer } from "./layer.ts";
import { softmax } from "./mlp.ts";
import type { Random } from "./prng.ts";

export interface AttentionShape {
  readonly rows: number;
  readonly width: number;
  /** Divides the width. */
  readonly heads: number;
}

interface Projected {
  readonly queries: Float32Array;
  readonly keys: Float32Array;
  readonly values: Float32Array;
}

/**
 * Self-attention with several heads, all rows to all rows (Vaswani et al. 2017), without the product that follows:
 * input and output [rows, width].
 */
export class AttentionLayer implements Layer {
  readonly shape: AttentionShape;
  readonly queries: DenseLayer;
  readonly keys: DenseLayer;
  readonly values: DenseLayer;
  readonly parameters: readonly Adam[];
  /** [heads, rows, rows]: how much each row minds each other. */
  readonly #shares: Float32Array;
  #projected: Projected | undefined;

  constructor(shape: AttentionShape, weightDecay: number, random: Random) {
    const { rows, width } = shape;
    const dense = (): DenseLayer =>
      new DenseLayer({ rows, inputs: width, outputs: width, relu: false }, weightDecay, random);
    this.shape = shape;
    this.queries = dense();
    this.keys = dense();
    this.values = dense();
    this.parameters = [this.queries, this.keys, this.values].flatMap((layer) => layer.parameters);
    this.#shares = new Float32Array(shape.heads * rows * rows);
  }

  forward(input: Float32Array): Float32Array {
    const queries = this.queries.forward(input);
    const keys = this.keys.forward(input);
    const values = this.values.forward(input);
    this.#projected = { queries, keys, values };
    const output = new Float32Array(input.length);
    this.#eachRow((shares, from, span, others, scale) => {
      others.forEach((other, at) => (shares[at] = scale * dot(queries, from, keys, other, span, 0)));
      softmax(shares);
      others.forEach((other, at) => addScaled(output, from, values, other, span, shares[at] ?? 0));
    });
    return output;
  }

  backward(error: Float32Array): Float32Array {
    if (this.#projected === undefined) return error;
    const { queries, keys, values } = this.#projected;
    const query = new Float32Array(error.length);
    const key = new Float32Array(error.length);
    const value = new Float32Array(error.length);
    this.#eachRow((shares, from, span, others, scale) => {
      const slopes = others.map((other) => dot(error, from, values, other, span, 0));
      const mean = slopes.reduce((sum, slope, at) => sum + slope * (shares[at] ?? 0), 0);
      others.forEach((other, at) => {
        const share = shares[at] ?? 0;
        const slope = scale * share * ((slopes[at] ?? 0) - mean);
        addScaled(value, other, error, from, span, share);
        addScaled(query, from, keys, other, span, slope);
        addScaled(key, other, queries, from, span, slope);
      });
    });
    const passed = [this.queries.backward(query), this.keys.backward(key), this.values.backward(value)];
    return error.map((_, at) => passed.reduce((sum, slopes) => sum + (slopes[at] ?? 0), 0));
  }

  /** For each head and row: its shares of the rows, where its part of the row starts, and those of the other rows. */
  #eachRow(
    visit: (shares: Float32Array, from: number, span: number, others: readonly number[], scale: number) => void,
  ): void {
    const { rows, width, heads } = this.shape;
    const span = width / heads;
    for (let head = 0; head < heads; head++) {
      const starts = Array.from({ length: rows }, (_, row) => row * width + head * span);
      starts.forEach((from, row) => {
        const at = (head * rows + row) * rows;
        visit(this.#shares.subarray(at, at + rows), from, span, starts, 1 / Math.sqrt(span));
      });
    }
  }
}
