import { affine, multiply, subtract } from "../../build/arithmetic.ts";
import { broadcastPositions, broadcastShape } from "../../build/broadcast.ts";
import type { GraphBuilder } from "../../build/graph-builder.ts";
import { retyped, type Tensor } from "../../build/tensor.ts";
import { absolute } from "./extremes.ts";

/** Of a computed divisor: floor(dividend / divisor); one that is not above 0 counts as 1. */
export function floorQuotient(graph: GraphBuilder, dividend: Tensor, divisor: Tensor): Tensor {
  const shape = broadcastShape(dividend.shape, divisor.shape);
  return graph.quotient(
    dividend,
    divisor,
    shape,
    broadcastPositions(dividend.shape, shape),
    broadcastPositions(divisor.shape, shape),
  );
}

/** 1, or -1 for what is negative. */
function signOf(graph: GraphBuilder, tensor: Tensor): Tensor {
  return affine(graph, graph.step(tensor), 2, -1, "int");
}

/** Towards zero: the magnitudes' quotient with the sign that both signs make. Nothing is done where a sign is known. */
export function truncatedQuotient(graph: GraphBuilder, dividend: Tensor, divisor: Tensor): Tensor {
  const magnitude = floorQuotient(graph, absolute(graph, dividend), absolute(graph, divisor));
  const sign = multiply(graph, signOf(graph, dividend), signOf(graph, divisor));
  return retyped(multiply(graph, magnitude, sign), "int");
}

/**
 * What is left of a division by a computed divisor. With the sign of the dividend ("trunc"): that of the magnitudes.
 * With the sign of the divisor ("floor"): what a dividend that is negated where the divisor is negative leaves of the
 * divisor's magnitude. By 0 the whole dividend is left.
 */
export function computedRemainder(
  graph: GraphBuilder,
  dividend: Tensor,
  divisor: Tensor,
  mode: "floor" | "trunc",
): Tensor {
  const [size, by] = [absolute(graph, dividend), absolute(graph, divisor)];
  const [sign, side] = [signOf(graph, dividend), signOf(graph, divisor)];
  const left = mode === "trunc" ? size : multiply(graph, size, multiply(graph, sign, side));
  const rest = subtract(graph, left, multiply(graph, floorQuotient(graph, left, by), by));
  return multiply(graph, rest, mode === "trunc" ? sign : side);
}
