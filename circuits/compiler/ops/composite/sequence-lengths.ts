import { addTensors, multiply, subtract } from "../../build/arithmetic.ts";
import type { GraphBuilder } from "../../build/graph-builder.ts";
import type { NodeView } from "../../build/node-view.ts";
import { knownTensor, reshaped, type Tensor } from "../../build/tensor.ts";
import { NodeProblem } from "../../compile-error.ts";
import { atLeast } from "../elementwise/compare.ts";

/** Where lengths are computed, the whole of each sequence: a backward run then begins behind its end. */
export function lengthsOf(view: NodeView, steps: number, batch: number): readonly number[] {
  if (view.optional(4)?.known === undefined) return new Array<number>(batch).fill(steps);
  const lengths = Array.from(view.known(4, "sequence_lens").known);
  if (lengths.length !== batch || lengths.some((length) => length < 0 || length > steps))
    throw new NodeProblem("SHAPE_MISMATCH", `sequence_lens must be ${batch} numbers from 0 to ${steps}`);
  return lengths;
}

/** Lengths that are no constants, such as those of packed sequences of PyTorch, as [batch, 1]. */
export function computedLengths(view: NodeView, batch: number): Tensor | undefined {
  const lengths = view.optional(4);
  if (lengths === undefined || lengths.known !== undefined) return undefined;
  if (lengths.shape.join() !== String(batch))
    throw new NodeProblem("SHAPE_MISMATCH", `sequence_lens is [${lengths.shape.join(", ")}], not [${batch}]`);
  return reshaped(lengths, [batch, 1]);
}

/** 1 for each sequence that is longer than `time`. */
export function isWithin(graph: GraphBuilder, lengths: Tensor, time: number): Tensor {
  return atLeast(graph, lengths, knownTensor([1, 1], [time + 1], "int"));
}

/** The next state of the sequences that have not ended, and of the others the last one. */
export function choose(graph: GraphBuilder, runs: Tensor, after: Tensor, before: Tensor): Tensor {
  return addTensors(graph, before, multiply(graph, runs, subtract(graph, after, before)));
}
