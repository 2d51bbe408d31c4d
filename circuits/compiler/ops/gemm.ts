import { NodeProblem } from "../compile-error.ts";
import { buildMatrix } from "../graph/matrix.ts";
import { broadcastIndex } from "./broadcast.ts";
import { type NodeView, numberAttribute, type Op, requireConstant } from "./op.ts";

/** alpha * op(A) * op(B) + beta * C with a constant B and C. */
export const gemm: Op = { shape, translate };

function sizes(view: NodeView): { rows: number; inner: number; columns: number } {
  const [a, b] = [view.shape(0), view.shape(1)];
  if (a.length !== 2 || b.length !== 2)
    throw new NodeProblem("SHAPE_MISMATCH", `Gemm takes matrices, not ranks ${a.length} and ${b.length}`);
  const [rows = 0, inner = 0] = transposed(view, "transA") ? [a[1], a[0]] : a;
  const [depth = 0, columns = 0] = transposed(view, "transB") ? [b[1], b[0]] : b;
  if (inner !== depth)
    throw new NodeProblem("SHAPE_MISMATCH", `[${a.join(", ")}] and [${b.join(", ")}] do not fit for a product`);
  return { rows, inner, columns };
}

function transposed(view: NodeView, name: string): boolean {
  return numberAttribute(view.node, name, 0) !== 0;
}

function shape(view: NodeView): readonly number[] {
  const { rows, columns } = sizes(view);
  return [rows, columns];
}

function translate(view: NodeView) {
  const { rows, inner, columns } = sizes(view);
  const weights = requireConstant(view, 1, "the second factor").values;
  const alpha = numberAttribute(view.node, "alpha", 1);
  const beta = numberAttribute(view.node, "beta", 1);
  const matrix = buildMatrix(rows * columns, rows * inner, (output, add) => {
    const [row, column] = [Math.floor(output / columns), output % columns];
    for (let k = 0; k < inner; k++) {
      const weight = weights[transposed(view, "transB") ? column * inner + k : k * columns + column] ?? 0;
      add(transposed(view, "transA") ? k * rows + row : row * inner + k, alpha * weight);
    }
  });
  const bias = new Float64Array(rows * columns);
  if ((view.node.inputs[2] ?? "") !== "") {
    const offset = requireConstant(view, 2, "the bias");
    const at = broadcastIndex(offset.shape, [rows, columns]);
    for (let index = 0; index < bias.length; index++) bias[index] = beta * (offset.values[at(index)] ?? 0);
  }
  return { kind: "linear" as const, operands: [0], matrix, bias };
}
