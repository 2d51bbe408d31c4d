import { type Op, WEIGHTS_ROUNDED } from "../op.ts";
import { multiplyMatrices } from "./matrix-product.ts";

export const matmul: Op = {
  doc: {
    takes: "any ranks by the rules of NumPy's matmul; both factors may be computed",
    cost: "0 with a known factor; else 1 for each multiplication, and n + 1 for each factor that is rounded first",
    error: WEIGHTS_ROUNDED,
  },
  build: (view, graph) => multiplyMatrices(graph, view.operand(0), view.operand(1)),
};
