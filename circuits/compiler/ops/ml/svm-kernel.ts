import type { GraphBuilder } from "../../build/graph-builder.ts";
import type { NodeView } from "../../build/node-view.ts";
import { reshaped, sizeOf, type Tensor } from "../../build/tensor.ts";
import { NodeProblem } from "../../compile-error.ts";
import { numbersOf } from "./numbers.ts";

/** [1, supports]: the kernel of the input and each support vector. */
export function kernelValues(view: NodeView, graph: GraphBuilder, supports: number): Tensor {
  const given = view.operand(0);
  const features = sizeOf(given.shape);
  const input = reshaped(given, [1, features]);
  const vectors = numbersOf(view, "support_vectors");
  if (vectors.length !== supports * features)
    throw new NodeProblem("SHAPE_MISMATCH", `${vectors.length} numbers are not ${supports} vectors of ${features}`);
  const [gamma = 0, offset = 0, degree = 0] = numbersOf(view, "kernel_params");
  /** factor * (input . vector) + constant for each vector. */
  const dots = (factor: number, constant: number): Tensor =>
    graph.linear(
      [input],
      [1, supports],
      (row, add) => {
        for (let at = 0; at < features; at++) add(at, factor * (vectors[row * features + at] ?? 0));
      },
      { bias: new Float64Array(supports).fill(constant) },
    );
  const kernel = view.text("kernel_type", "LINEAR");
  switch (kernel) {
    case "LINEAR":
      return dots(1, 0);
    case "POLY":
      return graph.curve(dots(gamma, offset), { name: `x^${degree}`, of: (x) => power(x, degree) });
    case "SIGMOID":
      return graph.curve(dots(gamma, offset), { name: "Tanh", of: Math.tanh });
    case "RBF":
      return graph.curve(distances(graph, input, vectors, supports), {
        name: `Exp(-${gamma} * max(x, 0))`,
        of: (x) => Math.exp(-gamma * Math.max(x, 0)),
      });
    default:
      throw new NodeProblem("ATTRIBUTE_UNSUPPORTED", `kernel_type ${kernel} is not known`);
  }
}

/** |input|^2 - 2 input . vector + |vector|^2: squares are taken once, whatever the number of vectors. */
function distances(graph: GraphBuilder, input: Tensor, vectors: readonly number[], supports: number): Tensor {
  const features = sizeOf(input.shape);
  const own = Int32Array.from({ length: features }, (_, at) => at);
  const squares = graph.product(input, input, [1, features], own, own);
  const bias = Float64Array.from({ length: supports }, (_, row) =>
    vectors.slice(row * features, (row + 1) * features).reduce((sum, value) => sum + value * value, 0),
  );
  return graph.linear(
    [input, squares],
    [1, supports],
    (row, add) => {
      for (let at = 0; at < features; at++) {
        add(at, -2 * (vectors[row * features + at] ?? 0));
        add(features + at, 1);
      }
    },
    { bias },
  );
}

/** What is no number, a fractional power of something negative, is never asked for by a model that works. */
function power(x: number, degree: number): number {
  const value = x ** degree;
  return Number.isNaN(value) ? 0 : value;
}
