import { addTensors, multiply, subtract } from "../../build/arithmetic.ts";
import type { NodeView } from "../../build/node-view.ts";
import { reshaped, type Tensor } from "../../build/tensor.ts";
import { NodeProblem } from "../../compile-error.ts";
import { type Op, WEIGHTS_ROUNDED } from "../op.ts";

/** (x - mean) / sqrt(variance + epsilon) * scale + bias for each channel. */
export const batchNormalization: Op = {
  doc: {
    takes: "inference: the four statistics known (or computed, see Mul and Sqrt)",
    cost: "0 with known statistics",
    error: WEIGHTS_ROUNDED,
  },
  build(view, graph) {
    const data = view.operand(0);
    assertInference(view);
    const rank = data.shape.length;
    const [scale, bias, mean, variance] = [1, 2, 3, 4].map((at) => perChannel(view.operand(at), rank));
    if (scale === undefined || bias === undefined || mean === undefined || variance === undefined)
      throw new NodeProblem("SHAPE_MISMATCH", "scale, bias, mean and variance are needed");
    const epsilon = view.number("epsilon", 1e-5);
    const inverse = graph.curve(variance, {
      name: `1 / Sqrt(x + ${epsilon})`,
      of: (x) => 1 / Math.sqrt(Math.max(x + epsilon, Number.MIN_VALUE)),
    });
    const factor = multiply(graph, inverse, scale);
    const offset = subtract(graph, bias, multiply(graph, mean, factor));
    return addTensors(graph, multiply(graph, data, factor), offset);
  },
};

function assertInference(view: NodeView): void {
  view.require("training_mode", 0, "statistics of a batch of one mean nothing; export in eval mode");
  if (view.node.outputs.slice(1).some((name) => name !== ""))
    throw new NodeProblem("ATTRIBUTE_UNSUPPORTED", "the statistics are outputs only in training; export in eval mode");
}

/** One number for each channel or, with `spatial` 0 of old opsets, for each element. */
function perChannel(tensor: Tensor, rank: number): Tensor {
  const { shape } = tensor;
  const trailing = Math.max(0, rank - 1 - shape.length);
  return reshaped(tensor, rank < 2 ? shape : [1, ...shape, ...new Array<number>(trailing).fill(1)]);
}
