import type { GraphBuilder } from "../../build/graph-builder.ts";
import { retyped, type Tensor, type TensorType } from "../../build/tensor.ts";
import { NodeProblem } from "../../compile-error.ts";
import { EXACT, type Op } from "../op.ts";

/** Data types of the ONNX standard: float, float16, double and bfloat16. */
const REAL: readonly number[] = [1, 10, 11, 16];
/** uint8, int8, uint16, int16, int32, int64, uint32, uint64. */
const WHOLE: readonly number[] = [2, 3, 4, 5, 6, 7, 12, 13];
const BOOL = 9;

export const cast: Op = {
  doc: {
    takes: "any type of number to any other; a fraction that becomes an integer is cut off, towards zero",
    cost: "0; n + 1 from a fraction to an integer; 2n + 2 to a truth value",
    error: EXACT,
  },
  build: (view, graph) => castTo(graph, view.operand(0), targetOf(view.number("to", 0))),
};

function targetOf(to: number): TensorType {
  if (REAL.includes(to)) return "real";
  if (WHOLE.includes(to)) return "int";
  if (to === BOOL) return "bool";
  throw new NodeProblem("ATTRIBUTE_UNSUPPORTED", `casting to data type ${to} is not supported; remove the Cast`);
}

export function castTo(graph: GraphBuilder, tensor: Tensor, type: TensorType): Tensor {
  if (type === "int" && tensor.type === "real") return retyped(graph.whole(tensor, "trunc"), "int");
  if (type === "bool" && tensor.type !== "bool") {
    if (tensor.known !== undefined)
      return { ...retyped(tensor, "bool"), known: tensor.known.map((x) => (x === 0 ? 0 : 1)) };
    throw new NodeProblem("OPERAND_UNSUPPORTED", "casting a computed number to a truth value is not supported");
  }
  return retyped(tensor, type);
}
