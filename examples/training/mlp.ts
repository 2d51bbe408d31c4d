import type { Random } from "./prng.ts";

/** A network with one hidden layer: logits = relu(x W1 + b1) W2 + b2. */
export interface Mlp {
  readonly inputs: number;
  readonly hidden: number;
  readonly outputs: number;
  /** [inputs, hidden], row major: the weights of one input lie together, because inputs are sparse. */
  readonly w1: Float32Array;
  /** [hidden]. */
  readonly b1: Float32Array;
  /** [hidden, outputs], row major. */
  readonly w2: Float32Array;
  /** [outputs]. */
  readonly b2: Float32Array;
}

/** The inputs that are not zero: their positions and, position by position, their values (all 1 when absent). */
export interface SparseInput {
  readonly positions: ArrayLike<number>;
  readonly values?: ArrayLike<number>;
}

/** A network with small random weights (He) and zero biases. */
export function createMlp(inputs: number, hidden: number, outputs: number, activeInputs: number, random: Random): Mlp {
  return {
    inputs,
    hidden,
    outputs,
    w1: Float32Array.from({ length: inputs * hidden }, () => random.normal() * Math.sqrt(2 / activeInputs)),
    b1: new Float32Array(hidden),
    w2: Float32Array.from({ length: hidden * outputs }, () => random.normal() * Math.sqrt(2 / hidden)),
    b2: new Float32Array(outputs),
  };
}

/** Fills `hidden` ([hidden]) with relu(x W1 + b1). */
export function hiddenLayer(mlp: Mlp, input: SparseInput, hidden: Float32Array): void {
  hidden.set(mlp.b1);
  for (let at = 0; at < input.positions.length; at++) {
    const row = (input.positions[at] ?? 0) * mlp.hidden;
    const value = input.values === undefined ? 1 : (input.values[at] ?? 0);
    for (let unit = 0; unit < mlp.hidden; unit++)
      hidden[unit] = (hidden[unit] ?? 0) + value * (mlp.w1[row + unit] ?? 0);
  }
  for (let unit = 0; unit < mlp.hidden; unit++) if ((hidden[unit] ?? 0) < 0) hidden[unit] = 0;
}

/** Fills `logits` ([outputs]) from the hidden layer's values. */
export function outputLayer(mlp: Mlp, hidden: Float32Array, logits: Float32Array): void {
  logits.set(mlp.b2);
  for (let unit = 0; unit < mlp.hidden; unit++) {
    const active = hidden[unit] ?? 0;
    if (active === 0) continue;
    const row = unit * mlp.outputs;
    for (let label = 0; label < mlp.outputs; label++)
      logits[label] = (logits[label] ?? 0) + active * (mlp.w2[row + label] ?? 0);
  }
}

/** The position of the largest value; the first one wins a tie, as in ONNX ArgMax. */
export function argmax(values: ArrayLike<number>): number {
  let best = 0;
  for (let at = 1; at < values.length; at++) if ((values[at] ?? 0) > (values[best] ?? 0)) best = at;
  return best;
}

/** Turns logits into probabilities in place. */
export function softmax(values: Float32Array): void {
  const top = values[argmax(values)] ?? 0;
  let sum = 0;
  for (let at = 0; at < values.length; at++) sum += values[at] = Math.exp((values[at] ?? 0) - top);
  for (let at = 0; at < values.length; at++) values[at] = (values[at] ?? 0) / sum;
}

/** The share of inputs, between 0 and 1, whose largest logit is at `labels`. */
export function accuracy(mlp: Mlp, inputs: readonly SparseInput[], labels: ArrayLike<number>): number {
  const hidden = new Float32Array(mlp.hidden);
  const logits = new Float32Array(mlp.outputs);
  let right = 0;
  inputs.forEach((input, at) => {
    hiddenLayer(mlp, input, hidden);
    outputLayer(mlp, hidden, logits);
    if (argmax(logits) === labels[at]) right++;
  });
  return right / inputs.length;
}
