import { multiply } from "../../build/arithmetic.ts";
import type { GraphBuilder } from "../../build/graph-builder.ts";
import type { NodeView } from "../../build/node-view.ts";
import { forEachIndex, knownTensor, sizeOf, type Tensor } from "../../build/tensor.ts";
import { NodeProblem } from "../../compile-error.ts";
import { type Activation, activationsOf } from "./activation.ts";
import { choose, computedLengths, isWithin, lengthsOf } from "./sequence-lengths.ts";

/** Which gates to sum up, and from what. */
export interface GateSums {
  /** In the order in which the operator's weights have them. */
  readonly gates: readonly number[];
  /** Whether to add what the input contributes, with its bias. */
  readonly input: boolean;
  /** The hidden state, if it contributes, with its bias. */
  readonly hidden?: Tensor | undefined;
  /** What peepholes look at. */
  readonly cell?: Tensor | undefined;
}

/** One step of one direction. Every tensor is [batch, gates * hidden]. */
export interface Step {
  readonly graph: GraphBuilder;
  /** Whether the cell's own state contributes to the gates. */
  readonly peepholes: boolean;
  /** Whether the node sets this attribute. */
  flag(name: string): boolean;
  /** One of the node's activations. */
  bend(activation: number, sums: Tensor): Tensor;
  sums(of: GateSums): Tensor;
  /** Gate by gate: which gate of one times which gate of the other. */
  times(one: Tensor, oneGate: number, other: Tensor, otherGate: number): Tensor;
}

export interface Cell {
  readonly gates: number;
  readonly activations: readonly string[];
  /** Of the hidden state, and of the cell's own if it has one. */
  readonly initial: readonly number[];
  readonly peepholes?: number;
  /** The next states from the last ones. */
  next(step: Step, states: readonly Tensor[]): readonly Tensor[];
}

export const RECURRENT_TAKES =
  "known weights; every direction, activation, layout and optional operand; lengths known or computed";

interface Sizes {
  readonly steps: number;
  readonly batch: number;
  readonly inputs: number;
  readonly hidden: number;
  readonly directions: number;
  /** Whether the batch comes before the steps. */
  readonly batchFirst: boolean;
}

/**
 * Unrolls a recurrent node: its outputs are the hidden state after each step, and the last states. After the end of a
 * sequence that is shorter than the tensor, states stay and outputs are 0. Throws a `NodeProblem` for weights that are
 * not known.
 */
export function unroll(view: NodeView, graph: GraphBuilder, cell: Cell): readonly Tensor[] {
  const sizes = sizesOf(view, cell);
  const { steps, batch, hidden, directions } = sizes;
  const lengths = lengthsOf(view, steps, batch);
  const ends = computedLengths(view, batch);
  const activations = activationsOf(view, cell.activations, directions);
  const direction = view.text("direction", "forward");
  const runs = Array.from({ length: directions }, (_, at) => {
    const backwards = direction === "reverse" || at === 1;
    const own = activations.slice(at * cell.activations.length, (at + 1) * cell.activations.length);
    let states = cell.initial.map((operand) => initialState(view, graph, operand, at, sizes));
    const history: Tensor[] = [];
    for (let step = 0; step < steps; step++) {
      const times = lengths.map((length) => (step >= length ? -1 : backwards ? length - 1 - step : step));
      const before = states;
      const after = cell.next(stepOf(view, graph, { sizes, cell, at, times, activations: own }), before);
      const output = after[0] ?? knownTensor([batch, hidden], []);
      if (ends === undefined) {
        states = after.map((state, which) => keepEnded(graph, state, before[which] ?? state, times, hidden));
        history.push(output);
      } else {
        const runs = isWithin(graph, ends, backwards ? steps - 1 - step : step);
        states = after.map((state, which) => choose(graph, runs, state, before[which] ?? state));
        history.push(multiply(graph, runs, output));
      }
    }
    return { history, states, backwards };
  });
  const all = allSteps(graph, runs, lengths, sizes);
  const last = cell.initial.map((_, which) => lastStates(graph, runs, which, sizes));
  return [all, ...last];
}

function sizesOf(view: NodeView, cell: Cell): Sizes {
  const batchFirst = view.flag("layout");
  const given = view.operand(0, "the input X");
  const [first = 1, second = 1, inputs = 1] = given.shape;
  const [steps, batch] = batchFirst ? [second, first] : [first, second];
  const directions = view.text("direction", "forward") === "bidirectional" ? 2 : 1;
  const recurrence = view.known(2, "the recurrence R");
  const hidden = recurrence.shape[2] ?? 0;
  expectShape(view.known(1, "the weights W"), [directions, cell.gates * hidden, inputs], "W");
  expectShape(recurrence, [directions, cell.gates * hidden, hidden], "R");
  if (given.shape.length !== 3) throw new NodeProblem("SHAPE_MISMATCH", "X must have 3 dimensions");
  return { steps, batch, inputs, hidden, directions, batchFirst };
}

function expectShape(tensor: Tensor, shape: readonly number[], name: string): void {
  if (tensor.shape.join() !== shape.join())
    throw new NodeProblem("SHAPE_MISMATCH", `${name} is [${tensor.shape.join(", ")}], not [${shape.join(", ")}]`);
}

function initialState(view: NodeView, graph: GraphBuilder, operand: number, at: number, sizes: Sizes): Tensor {
  const { batch, hidden, directions, batchFirst } = sizes;
  const given = view.optional(operand);
  if (given === undefined) return knownTensor([batch, hidden], new Float64Array(batch * hidden));
  expectShape(given, batchFirst ? [batch, directions, hidden] : [directions, batch, hidden], "an initial state");
  const from = Int32Array.from({ length: batch * hidden }, (_, flat) => {
    const [row, unit] = [Math.floor(flat / hidden), flat % hidden];
    return (batchFirst ? row * directions + at : at * batch + row) * hidden + unit;
  });
  return graph.take([given], [batch, hidden], from);
}

interface StepPlace {
  readonly sizes: Sizes;
  readonly cell: Cell;
  /** Which direction. */
  readonly at: number;
  /** For each sequence of the batch, the position that it reads; -1 after its end. */
  readonly times: readonly number[];
  readonly activations: readonly Activation[];
}

function stepOf(view: NodeView, graph: GraphBuilder, { sizes, cell, at, times, activations }: StepPlace): Step {
  const { steps, batch, inputs, hidden, batchFirst } = sizes;
  const weights = view.known(1, "the weights W").known;
  const recurrence = view.known(2, "the recurrence R").known;
  const bias = view.optional(3) === undefined ? undefined : view.known(3, "the bias B").known;
  const peepholes =
    cell.peepholes === undefined || view.optional(cell.peepholes) === undefined
      ? undefined
      : view.known(cell.peepholes, "the peepholes P").known;
  const given = view.operand(0);
  const rows = cell.gates * hidden;
  return {
    graph,
    peepholes: peepholes !== undefined,
    flag: (name) => view.flag(name),
    bend: (activation, sums) => activations[activation]?.(graph, sums) ?? sums,
    sums({ gates, input, hidden: state, cell: looked }) {
      const width = gates.length * hidden;
      const unitOf = (row: number): number =>
        (gates[Math.floor((row % width) / hidden)] ?? 0) * hidden + (row % hidden);
      const offset = Float64Array.from({ length: batch * width }, (_, row) => {
        const first = at * 2 * rows + unitOf(row);
        return (input ? (bias?.[first] ?? 0) : 0) + (state === undefined ? 0 : (bias?.[first + rows] ?? 0));
      });
      const parts = [...(input ? [given] : []), ...[state, looked].filter((part) => part !== undefined)];
      const stateStart = input ? sizeOf(given.shape) : 0;
      const cellStart = stateStart + (state === undefined ? 0 : batch * hidden);
      return graph.linear(
        parts,
        [batch, width],
        (row, add) => {
          const [sequence, unit] = [Math.floor(row / width), unitOf(row)];
          const time = times[sequence] ?? -1;
          const read = (batchFirst ? sequence * steps + time : time * batch + sequence) * inputs;
          if (input && time >= 0)
            for (let from = 0; from < inputs; from++)
              add(read + from, weights[(at * rows + unit) * inputs + from] ?? 0);
          if (state !== undefined)
            for (let from = 0; from < hidden; from++)
              add(stateStart + sequence * hidden + from, recurrence[(at * rows + unit) * hidden + from] ?? 0);
          if (looked !== undefined)
            add(cellStart + sequence * hidden + (row % hidden), peepholes?.[at * 3 * hidden + unit] ?? 0);
        },
        { bias: offset },
      );
    },
    times(one, oneGate, other, otherGate) {
      const place = (tensor: Tensor, gate: number): Int32Array => {
        const width = tensor.shape[1] ?? hidden;
        return Int32Array.from(
          { length: batch * hidden },
          (_, flat) => Math.floor(flat / hidden) * width + gate * hidden + (flat % hidden),
        );
      };
      return graph.product(one, other, [batch, hidden], place(one, oneGate), place(other, otherGate));
    },
  };
}

/** Sequences that have ended keep their state. */
function keepEnded(graph: GraphBuilder, after: Tensor, before: Tensor, times: readonly number[], hidden: number) {
  if (times.every((time) => time >= 0)) return after;
  const size = sizeOf(after.shape);
  const from = Int32Array.from({ length: size }, (_, flat) =>
    (times[Math.floor(flat / hidden)] ?? 0) >= 0 ? flat : size + flat,
  );
  return graph.take([after, before], after.shape, from);
}

interface Run {
  readonly history: readonly Tensor[];
  readonly states: readonly Tensor[];
  readonly backwards: boolean;
}

function allSteps(graph: GraphBuilder, runs: readonly Run[], lengths: readonly number[], sizes: Sizes): Tensor {
  const { steps, batch, hidden, directions, batchFirst } = sizes;
  const shape = batchFirst ? [batch, steps, directions, hidden] : [steps, directions, batch, hidden];
  const from = new Int32Array(sizeOf(shape));
  forEachIndex(shape, ([first = 0, second = 0, third = 0, unit = 0], flat) => {
    const [time, run, sequence] = batchFirst ? [second, third, first] : [first, second, third];
    const length = lengths[sequence] ?? steps;
    const step = runs[run]?.backwards === true ? length - 1 - time : time;
    from[flat] = time >= length ? -1 : ((run * steps + step) * batch + sequence) * hidden + unit;
  });
  return graph.take(
    runs.flatMap(({ history }) => history),
    shape,
    from,
  );
}

function lastStates(graph: GraphBuilder, runs: readonly Run[], which: number, sizes: Sizes): Tensor {
  const { batch, hidden, directions, batchFirst } = sizes;
  const shape = batchFirst ? [batch, directions, hidden] : [directions, batch, hidden];
  const from = new Int32Array(sizeOf(shape));
  forEachIndex(shape, ([first = 0, second = 0, unit = 0], flat) => {
    const [run, sequence] = batchFirst ? [second, first] : [first, second];
    from[flat] = (run * batch + sequence) * hidden + unit;
  });
  return graph.take(
    runs.flatMap(({ states }) => states[which] ?? []),
    shape,
    from,
  );
}
