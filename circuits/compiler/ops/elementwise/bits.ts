import { affine, multiply, weightedSum } from "../../build/arithmetic.ts";
import { broadcastPositions, broadcastShape } from "../../build/broadcast.ts";
import type { GraphBuilder } from "../../build/graph-builder.ts";
import { isKnown, knownTensor, retyped, type Tensor } from "../../build/tensor.ts";
import { NodeProblem } from "../../compile-error.ts";
import { EXACT, FREE, type Op } from "../op.ts";
import { wholeQuotient } from "./div.ts";
import { floorQuotient } from "./quotient.ts";
import { bitsOf, wrapTo } from "./wrap.ts";

/** Wider integers move by computed amounts beyond what weights hold exactly. */
const WIDEST_MOVED = 16;

export const bitShift: Op = {
  doc: {
    takes:
      "a known number of bits, or a computed one for integers of 8 or 16 bits; all bits leave an integer that is moved by " +
      "more than it has",
    cost:
      "n + 1; 0 to the left where nothing is shifted out; by a computed number: one of the places of its type, and 1 and " +
      "n + 1 to the left, 3n + 2 to the right",
    error: EXACT,
  },
  build(view, graph) {
    const [x, by] = [view.operand(0), view.operand(1, "the number of bits")];
    const factor = isKnown(by) ? knownPower(by) : computedPower(graph, by, x);
    if (view.text("direction", "") === "RIGHT") {
      const moved = isKnown(factor) ? wholeQuotient(graph, x, factor, "floor") : floorQuotient(graph, x, factor);
      return retyped(moved, "int", x.width);
    }
    return wrapped(graph, multiply(graph, x, factor), x);
  },
};

function knownPower(by: Tensor & { readonly known: Float64Array }): Tensor & { readonly known: Float64Array } {
  const known = by.known.map((bits) => 2 ** bits);
  return { ...knownTensor(by.shape, known, "int"), known };
}

/** 2^bits, and 2^width for all that are more. */
function computedPower(graph: GraphBuilder, by: Tensor, x: Tensor): Tensor {
  const width = x.width === undefined ? Infinity : bitsOf(x.width);
  if (width > WIDEST_MOVED)
    throw new NodeProblem(
      "OPERAND_UNSUPPORTED",
      `only integers of 8 or 16 bits are shifted by a computed number of bits, not ${x.width ?? "these"}; multiply or ` +
        "divide by a power of two that a Gather takes from a table",
    );
  const places = width + 1;
  return graph.linear(
    [graph.oneHot(by, places)],
    by.shape,
    (row, add) => {
      for (let bits = 0; bits < places; bits++) add(row * places + bits, 2 ** bits);
    },
    { type: "int" },
  );
}

export const bitwiseNot: Op = {
  doc: { takes: "integers", cost: FREE, error: EXACT },
  build(view, graph) {
    const x = view.operand(0);
    const ones = x.width?.startsWith("u") === true ? 2 ** bitsOf(x.width) - 1 : -1;
    return retyped(affine(graph, x, -1, ones, "int"), "int", x.width);
  },
};

/** x | y = x + y - (x & y) and x ^ y = x + y - 2 (x & y), in two's complement too. */
function bitwise(sums: number, commons: number): Op {
  return {
    doc: {
      takes: "integers, with broadcasting",
      cost: "n + 1 with a known operand; else 3n + 2",
      error: EXACT,
    },
    build(view, graph) {
      const [one, other] = [view.operand(0), view.operand(1)];
      const [x, y] = [wrapped(graph, one, one), wrapped(graph, other, other)];
      const shape = broadcastShape(x.shape, y.shape);
      const [left, right] = [broadcastPositions(x.shape, shape), broadcastPositions(y.shape, shape)];
      const common = graph.bitAnd(x, y, shape, left, right);
      const result = sums === 0 ? common : weightedSum(graph, [x, y, common], [sums, sums, commons], { type: "int" });
      return retyped(result, "int", one.width ?? other.width);
    },
  };
}

export const bitwiseAnd = bitwise(0, 1);
export const bitwiseOr = bitwise(1, -1);
export const bitwiseXor = bitwise(1, -2);

/** An interval that leaves the type wraps around first. */
function wrapped(graph: GraphBuilder, tensor: Tensor, { width }: Tensor): Tensor {
  return width === undefined ? tensor : wrapTo(graph, tensor, width);
}
