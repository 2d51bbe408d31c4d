import { NodeProblem } from "../compile-error.ts";
import { buildMatrix } from "../graph/matrix.ts";
import { type NodeView, type Op, requireConstant, sizeOf } from "./op.ts";

/** A product with a constant second factor of rank 1 or 2; leading dimensions of the first are kept. */
export const matmul: Op = { shape, translate };

function sizes(view: NodeView): { lead: readonly number[]; inner: number; columns: number | null } {
  const [a, b] = [view.shape(0), view.shape(1)];
  if (a.length < 1 || b.length < 1 || b.length > 2)
    throw new NodeProblem(
      "SHAPE_MISMATCH",
      `the second factor must have rank 1 or 2, not ${b.length}; split the product into single matrices`,
    );
  const inner = a[a.length - 1] ?? 0;
  if (inner !== b[0])
    throw new NodeProblem("SHAPE_MISMATCH", `[${a.join(", ")}] and [${b.join(", ")}] do not fit for a product`);
  return { lead: a.slice(0, -1), inner, columns: b[1] ?? null };
}

function shape(view: NodeView): readonly number[] {
  const { lead, columns } = sizes(view);
  return columns === null ? lead : [...lead, columns];
}

function translate(view: NodeView) {
  const { lead, inner, columns: width } = sizes(view);
  const columns = width ?? 1;
  const weights = requireConstant(view, 1, "the second factor").values;
  const rows = sizeOf(lead) * columns;
  const matrix = buildMatrix(rows, sizeOf(lead) * inner, (output, add) => {
    const [row, column] = [Math.floor(output / columns), output % columns];
    for (let k = 0; k < inner; k++) add(row * inner + k, weights[k * columns + column] ?? 0);
  });
  return { kind: "linear" as const, operands: [0], matrix, bias: new Float64Array(rows) };
}
