import { affine, multiply, subtract } from "../../build/arithmetic.ts";
import type { GraphBuilder } from "../../build/graph-builder.ts";
import { groupsAlong } from "../../build/axes.ts";
import type { Tensor } from "../../build/tensor.ts";
import { NodeProblem } from "../../compile-error.ts";
import type { Curve } from "../../graph/layer.ts";

export type PostTransform = "NONE" | "SOFTMAX" | "LOGISTIC" | "SOFTMAX_ZERO" | "PROBIT";

const LOGISTIC: Curve = { name: "Sigmoid", of: (x) => 1 / (1 + Math.exp(-x)) };
const PROBIT: Curve = { name: "Probit", of: probit };
/** ONNX Runtime takes what is as small as that for 0. */
const NONZERO: Curve = { name: "x != 0", of: (x) => (Math.abs(x) > 1e-7 ? 1 : 0) };
/** e^-64 is 0 at every scale. */
const FAR = 64;

export function readTransform(name: string): PostTransform {
  switch (name) {
    case "NONE":
    case "SOFTMAX":
    case "LOGISTIC":
    case "SOFTMAX_ZERO":
    case "PROBIT":
      return name;
    default:
      throw new NodeProblem("ATTRIBUTE_UNSUPPORTED", `post_transform ${name} is not known`);
  }
}

/** Two or more scores along the last axis. */
export function transformScores(graph: GraphBuilder, scores: Tensor, transform: PostTransform): Tensor {
  const groups = groupsAlong(scores.shape, scores.shape.length - 1);
  switch (transform) {
    case "NONE":
      return scores;
    case "LOGISTIC":
      return graph.curve(scores, LOGISTIC);
    case "PROBIT":
      return graph.curve(scores, PROBIT);
    case "SOFTMAX":
      return graph.softmax(scores, groups, false);
    case "SOFTMAX_ZERO": {
      const mask = graph.curve(scores, NONZERO);
      const moved = subtract(graph, scores, affine(graph, mask, -FAR, FAR));
      return multiply(graph, graph.softmax(moved, groups, false), mask);
    }
  }
}

/** sqrt(2) * erfinv(2x - 1) with the approximation that ONNX Runtime uses (Giles, and Winitzki's formula). */
function probit(x: number): number {
  const y = 2 * x - 1;
  const logarithm = Math.log((1 - y) * (1 + y));
  const a = 2 / (3.14159 * 0.147) + 0.5 * logarithm;
  return Math.SQRT2 * Math.sign(y) * Math.sqrt(-a + Math.sqrt(a * a - logarithm / 0.147));
}
