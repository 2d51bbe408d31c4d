import { Adam } from "./adam.ts";
import { addScaled, dot, type Layer } from "./layer.ts";
import type { Random } from "./prng.ts";

/** ONNX's order of gates: input, output, forget, cell. */
const GATES = 4;
const INPUT = 0;
const OUTPUT = 1;
const FORGET = 2;
const CELL = 3;

export interface LstmShape {
  readonly steps: number;
  readonly features: number;
  readonly hidden: number;
}

/**
 * LSTM over a sequence (Hochreiter and Schmidhuber 1997, with forget gates): input [steps, features], output the last
 * hidden state, [hidden]. Trained by back-propagation through all steps.
 */
export class LstmLayer implements Layer {
  readonly shape: LstmShape;
  /** [4 hidden, features], by gate. */
  readonly inputWeights: Float32Array;
  /** [4 hidden, hidden]. */
  readonly stateWeights: Float32Array;
  /** [4 hidden]. */
  readonly bias: Float32Array;
  readonly parameters: readonly [Adam, Adam, Adam];
  /** [steps, 4 hidden], after their activations. */
  readonly #gates: Float32Array;
  /** [steps + 1, hidden], zero before the first step. */
  readonly #cells: Float32Array;
  readonly #states: Float32Array;
  readonly #inputError: Float32Array;
  #input: Float32Array;

  constructor(shape: LstmShape, weightDecay: number, random: Random) {
    const { steps, features, hidden } = shape;
    const small = (count: number): Float32Array =>
      Float32Array.from({ length: count }, () => random.normal() / Math.sqrt(hidden));
    this.shape = shape;
    this.inputWeights = small(GATES * hidden * features);
    this.stateWeights = small(GATES * hidden * hidden);
    // Cells that remember from the start learn long dependences sooner.
    this.bias = new Float32Array(GATES * hidden).fill(1, FORGET * hidden, CELL * hidden);
    this.parameters = [
      new Adam(this.inputWeights, weightDecay),
      new Adam(this.stateWeights, weightDecay),
      new Adam(this.bias, 0),
    ];
    this.#gates = new Float32Array(steps * GATES * hidden);
    this.#cells = new Float32Array((steps + 1) * hidden);
    this.#states = new Float32Array((steps + 1) * hidden);
    this.#inputError = new Float32Array(steps * features);
    this.#input = this.#inputError;
  }

  forward(input: Float32Array): Float32Array {
    this.#input = input;
    const { steps, hidden } = this.shape;
    for (let step = 0; step < steps; step++) this.#forwardStep(step);
    return this.#states.subarray(steps * hidden);
  }

  #forwardStep(step: number): void {
    const { features, hidden } = this.shape;
    const before = step * hidden;
    const from = before * GATES;
    for (let row = 0; row < GATES * hidden; row++) {
      const start = dot(this.inputWeights, row * features, this.#input, step * features, features, this.bias[row] ?? 0);
      const sum = dot(this.stateWeights, row * hidden, this.#states, before, hidden, start);
      this.#gates[from + row] = row < CELL * hidden ? 1 / (1 + Math.exp(-sum)) : Math.tanh(sum);
    }
    for (let unit = 0; unit < hidden; unit++) {
      const gate = (which: number): number => this.#gates[from + which * hidden + unit] ?? 0;
      const cell = gate(FORGET) * (this.#cells[before + unit] ?? 0) + gate(INPUT) * gate(CELL);
      this.#cells[before + hidden + unit] = cell;
      this.#states[before + hidden + unit] = gate(OUTPUT) * Math.tanh(cell);
    }
  }

  backward(error: Float32Array): Float32Array {
    const stateError = Float32Array.from(error);
    const cellError = new Float32Array(this.shape.hidden);
    this.#inputError.fill(0);
    for (let step = this.shape.steps - 1; step >= 0; step--) this.#backwardStep(step, stateError, cellError);
    return this.#inputError;
  }

  /** Takes the errors of the state and the cell after a step, and leaves in their place those before it. */
  #backwardStep(step: number, stateError: Float32Array, cellError: Float32Array): void {
    const { features, hidden } = this.shape;
    const before = step * hidden;
    const from = step * features;
    const slopes = this.#gateErrors(step, stateError, cellError);
    const [inputWeights, stateWeights, bias] = this.parameters;
    addScaled(bias.gradient, 0, slopes, 0, slopes.length, 1);
    stateError.fill(0);
    for (let row = 0; row < slopes.length; row++) {
      const slope = slopes[row] ?? 0;
      addScaled(inputWeights.gradient, row * features, this.#input, from, features, slope);
      addScaled(this.#inputError, from, this.inputWeights, row * features, features, slope);
      addScaled(stateWeights.gradient, row * hidden, this.#states, before, hidden, slope);
      addScaled(stateError, 0, this.stateWeights, row * hidden, hidden, slope);
    }
  }

  /** The errors of the four gates before their activations; moves the cell's error one step back. */
  #gateErrors(step: number, stateError: Float32Array, cellError: Float32Array): Float32Array {
    const { hidden } = this.shape;
    const before = step * hidden;
    const slopes = new Float32Array(GATES * hidden);
    for (let unit = 0; unit < hidden; unit++) {
      const gate = (which: number): number => this.#gates[before * GATES + which * hidden + unit] ?? 0;
      const squashed = Math.tanh(this.#cells[before + hidden + unit] ?? 0);
      const passed = stateError[unit] ?? 0;
      const cell = (cellError[unit] ?? 0) + passed * gate(OUTPUT) * (1 - squashed * squashed);
      const sigmoid = (which: number, slope: number): number => slope * gate(which) * (1 - gate(which));
      slopes[INPUT * hidden + unit] = sigmoid(INPUT, cell * gate(CELL));
      slopes[OUTPUT * hidden + unit] = sigmoid(OUTPUT, passed * squashed);
      slopes[FORGET * hidden + unit] = sigmoid(FORGET, cell * (this.#cells[before + unit] ?? 0));
      slopes[CELL * hidden + unit] = cell * gate(INPUT) * (1 - gate(CELL) * gate(CELL));
      cellError[unit] = cell * gate(FORGET);
    }
    return slopes;
  }
}
