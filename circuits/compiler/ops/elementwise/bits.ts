import { affine, multiply } from "../../build/arithmetic.ts";
import { broadcastPositions, broadcastShape } from "../../build/broadcast.ts";
import { isKnown, knownTensor, retyped } from "../../build/tensor.ts";
import { NodeProblem } from "../../compile-error.ts";
import { EXACT, FREE, type Op } from "../op.ts";
import { wholeQuotient } from "./div.ts";
import { bitsOf, wrapTo } from "./wrap.ts";

export const bitShift: Op = {
  doc: {
    takes: "a known number of bits",
    cost: "n + 1; 0 to the left where nothing is shifted out",
    error: EXACT,
  },
  build(view, graph) {
    const [x, by] = [view.operand(0), view.known(1, "the number of bits")];
    const factor = knownTensor(
      by.shape,
      by.known.map((bits) => 2 ** bits),
      "int",
    );
    if (view.text("direction", "") === "RIGHT")
      return retyped(wholeQuotient(graph, x, factor, "floor"), "int", x.width);
    const moved = multiply(graph, x, factor);
    return x.width === undefined ? moved : wrapTo(graph, moved, x.width);
  },
};

export const bitwiseNot: Op = {
  doc: { takes: "integers", cost: FREE, error: EXACT },
  build(view, graph) {
    const x = view.operand(0);
    const ones = x.width?.startsWith("u") === true ? 2 ** bitsOf(x.width) - 1 : -1;
    return retyped(affine(graph, x, -1, ones, "int"), "int", x.width);
  },
};

function bitwise(combine: (one: bigint, other: bigint) => bigint): Op {
  return {
    doc: { takes: "known operands", cost: FREE, error: EXACT },
    build(view) {
      const [one, other] = [view.operand(0), view.operand(1)];
      if (!isKnown(one) || !isKnown(other))
        throw new NodeProblem(
          "OPERAND_UNSUPPORTED",
          "the bits of computed integers have no circuit here; use And, Or and Xor on truth values",
        );
      const shape = broadcastShape(one.shape, other.shape);
      const [left, right] = [broadcastPositions(one.shape, shape), broadcastPositions(other.shape, shape)];
      return knownTensor(
        shape,
        Float64Array.from(left, (at, index) =>
          Number(combine(BigInt(one.known[at] ?? 0), BigInt(other.known[right[index] ?? 0] ?? 0))),
        ),
        "int",
      );
    },
  };
}

export const bitwiseAnd = bitwise((one, other) => one & other);
export const bitwiseOr = bitwise((one, other) => one | other);
export const bitwiseXor = bitwise((one, other) => one ^ other);
