const MEAN_DECAY = 0.9;
const SQUARE_DECAY = 0.99;
const TINY = 1e-8;

/** Adam with decoupled weight decay for one array of weights. Add to `gradient`, then call `step`. */
export class Adam {
  readonly weights: Float32Array;
  readonly gradient: Float32Array;
  readonly #mean: Float32Array;
  readonly #square: Float32Array;
  readonly #decay: number;
  #steps = 0;

  constructor(weights: Float32Array, decay: number) {
    this.weights = weights;
    this.gradient = new Float32Array(weights.length);
    this.#mean = new Float32Array(weights.length);
    this.#square = new Float32Array(weights.length);
    this.#decay = decay;
  }

  /** Moves the weights against the gradient by about `rate` each, and clears the gradient. */
  step(rate: number): void {
    this.#steps++;
    const { weights, gradient } = this;
    const mean = this.#mean;
    const square = this.#square;
    const meanScale = 1 / (1 - MEAN_DECAY ** this.#steps);
    const squareScale = 1 / (1 - SQUARE_DECAY ** this.#steps);
    const kept = 1 - rate * this.#decay;
    for (let at = 0; at < weights.length; at++) {
      const slope = gradient[at] ?? 0;
      const newMean = MEAN_DECAY * (mean[at] ?? 0) + (1 - MEAN_DECAY) * slope;
      const newSquare = SQUARE_DECAY * (square[at] ?? 0) + (1 - SQUARE_DECAY) * slope * slope;
      mean[at] = newMean;
      square[at] = newSquare;
      gradient[at] = 0;
      weights[at] =
        (weights[at] ?? 0) * kept - (rate * newMean * meanScale) / (Math.sqrt(newSquare * squareScale) + TINY);
    }
  }
}
