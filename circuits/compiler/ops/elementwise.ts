import { NodeProblem } from "../compile-error.ts";
import { buildMatrix } from "../graph/matrix.ts";
import { broadcastIndex, broadcastShape } from "./broadcast.ts";
import { type NodeView, type Op, sizeOf } from "./op.ts";

const shape = (view: NodeView): readonly number[] => broadcastShape(view.shape(0), view.shape(1));

/** left * a + right * b, of which one may be a constant. */
function weightedSum(left: number, right: number): Op {
  return {
    shape,
    translate(view) {
      const target = shape(view);
      const size = sizeOf(target);
      const bias = new Float64Array(size);
      const operands: number[] = [];
      const parts: { offset: number; sign: number; at: (index: number) => number }[] = [];
      let columns = 0;
      [left, right].forEach((sign, operand) => {
        const at = broadcastIndex(view.shape(operand), target);
        const constant = view.constant(operand);
        if (constant !== undefined) {
          for (let index = 0; index < size; index++)
            bias[index] = (bias[index] ?? 0) + sign * (constant.values[at(index)] ?? 0);
          return;
        }
        operands.push(operand);
        parts.push({ offset: columns, sign, at });
        columns += sizeOf(view.shape(operand));
      });
      const matrix = buildMatrix(size, columns, (row, add) => {
        for (const part of parts) add(part.offset + part.at(row), part.sign);
      });
      return { kind: "linear", operands, matrix, bias };
    },
  };
}

/** One operand times a constant; `factor` turns the constant's element into what the other one is multiplied by. */
function scaleByConstant(verb: string, factor: (element: number) => number, eitherSide: boolean): Op {
  return {
    shape,
    translate(view) {
      const target = shape(view);
      const constantAt = view.constant(1) !== undefined ? 1 : eitherSide && view.constant(0) !== undefined ? 0 : -1;
      const constant = view.constant(constantAt);
      if (constant === undefined)
        throw new NodeProblem(
          "OPERAND_UNSUPPORTED",
          `${verb} two computed tensors is not supported; one of them must be a constant of the model`,
        );
      const operand = 1 - constantAt;
      if (verb === "dividing" && view.isWhole(operand))
        throw new NodeProblem(
          "OPERAND_UNSUPPORTED",
          "dividing integers cuts the quotient off, which has no circuit; cast the operand to float before dividing",
        );
      const from = broadcastIndex(view.shape(operand), target);
      const of = broadcastIndex(constant.shape, target);
      const matrix = buildMatrix(sizeOf(target), sizeOf(view.shape(operand)), (row, add) => {
        const weight = factor(constant.values[of(row)] ?? 0);
        if (!Number.isFinite(weight)) throw new NodeProblem("OPERAND_UNSUPPORTED", `${verb} by zero`);
        add(from(row), weight);
      });
      return { kind: "linear", operands: [operand], matrix, bias: new Float64Array(sizeOf(target)) };
    },
  };
}

export const add: Op = weightedSum(1, 1);
export const sub: Op = weightedSum(1, -1);
export const mul: Op = scaleByConstant("multiplying", (element) => element, true);
export const div: Op = scaleByConstant("dividing", (element) => 1 / element, false);
