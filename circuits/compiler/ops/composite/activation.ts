import { affine } from "../../build/arithmetic.ts";
import type { GraphBuilder } from "../../build/graph-builder.ts";
import type { NodeView } from "../../build/node-view.ts";
import { sizeOf, type Tensor } from "../../build/tensor.ts";
import { NodeProblem } from "../../compile-error.ts";
import type { Curve } from "../../graph/layer.ts";

/** What a recurrent cell does with the sums of a gate: clips them, if the node says so, and bends them. */
export type Activation = (graph: GraphBuilder, sums: Tensor) => Tensor;

interface Parameters {
  readonly alpha: number;
  readonly beta: number;
}

interface Kind {
  /** Standard values; `null` where the function has no such parameter. */
  readonly alpha: number | null;
  readonly beta: number | null;
  /** Of sums that are within [-clip, clip], or of any if that is Infinity. */
  make(parameters: Parameters, clip: number): Activation;
}

function curve(
  name: string,
  alpha: number | null,
  beta: number | null,
  of: (x: number, parameters: Parameters) => number,
): Kind {
  return {
    alpha,
    beta,
    make(parameters, clip) {
      const shown = [
        ...(alpha === null ? [] : [`alpha=${parameters.alpha}`]),
        ...(beta === null ? [] : [`beta=${parameters.beta}`]),
        ...(clip === Infinity ? [] : [`clip=${clip}`]),
      ];
      const bent: Curve = {
        name: shown.length === 0 ? name : `${name}(${shown.join(", ")})`,
        of: (x) => of(Math.max(-clip, Math.min(clip, x)), parameters),
      };
      return (graph, sums) => graph.curve(sums, bent);
    },
  };
}

function straight(
  alpha: number | null,
  beta: number | null,
  apply: (graph: GraphBuilder, sums: Tensor, parameters: Parameters) => Tensor,
): Kind {
  return {
    alpha,
    beta,
    make: (parameters, clip) => (graph, sums) =>
      apply(graph, clip === Infinity ? sums : graph.clip(sums, -clip, clip), parameters),
  };
}

/** By name in lower case, as ONNX Runtime compares them. */
const KINDS: Readonly<Record<string, Kind>> = {
  sigmoid: curve("Sigmoid", null, null, (x) => 1 / (1 + Math.exp(-x))),
  tanh: curve("Tanh", null, null, (x) => Math.tanh(x)),
  scaledtanh: curve("ScaledTanh", 1, 1, (x, { alpha, beta }) => alpha * Math.tanh(beta * x)),
  softsign: curve("Softsign", null, null, (x) => x / (1 + Math.abs(x))),
  softplus: curve("Softplus", null, null, (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))),
  elu: curve("Elu", 1, null, (x, { alpha }) => (x < 0 ? alpha * Math.expm1(x) : x)),
  thresholdedrelu: curve("ThresholdedRelu", 1, null, (x, { alpha }) => (x > alpha ? x : 0)),
  relu: straight(null, null, (graph, sums) => graph.relu(sums)),
  leakyrelu: straight(0.01, null, (graph, sums, { alpha }) => {
    const size = sizeOf(sums.shape);
    return graph.linear([graph.relu(sums), sums], sums.shape, (row, add) => {
      add(row, 1 - alpha);
      add(size + row, alpha);
    });
  }),
  affine: straight(1, 0, (graph, sums, { alpha, beta }) => affine(graph, sums, alpha, beta)),
  hardsigmoid: straight(0.2, 0.5, (graph, sums, { alpha, beta }) => graph.clip(affine(graph, sums, alpha, beta), 0, 1)),
};

/**
 * The activations of a recurrent node, all directions in a row. Parameters are handed out in order to those functions
 * that have any. Throws a `NodeProblem` for a name that ONNX does not have.
 */
export function activationsOf(view: NodeView, defaults: readonly string[], directions: number): Activation[] {
  const given = view.textsAttribute("activations") ?? [];
  const names = given.length > 0 ? given : Array.from({ length: directions }, () => defaults).flat();
  if (names.length !== defaults.length * directions)
    throw new NodeProblem(
      "ATTRIBUTE_UNSUPPORTED",
      `activations must have ${defaults.length * directions} names, it has ${names.length}`,
    );
  const alphas = [...(view.integersAttribute("activation_alpha") ?? [])];
  const betas = [...(view.integersAttribute("activation_beta") ?? [])];
  const clip = view.number("clip", 0);
  return names.map((name) => {
    const key = name.toLowerCase();
    const kind = Object.hasOwn(KINDS, key) ? KINDS[key] : undefined;
    if (kind === undefined) throw new NodeProblem("ATTRIBUTE_UNSUPPORTED", `there is no activation "${name}"`);
    const alpha = kind.alpha === null ? 0 : (alphas.shift() ?? kind.alpha);
    const beta = kind.beta === null ? 0 : (betas.shift() ?? kind.beta);
    return kind.make({ alpha, beta }, clip > 0 ? clip : Infinity);
  });
}
