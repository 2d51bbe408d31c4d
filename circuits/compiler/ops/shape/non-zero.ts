import type { NodeView } from "../../build/node-view.ts";
import { normalizeAxis } from "../../build/node-view.ts";
import { forEachIndex, knownTensor, reshaped, sizeOf } from "../../build/tensor.ts";
import { NodeProblem } from "../../compile-error.ts";
import { EXACT, FREE, type Op } from "../op.ts";
import { everyIndex, pick } from "./move.ts";

/** Coordinates of what is not zero, one column for each element. */
export const nonZero: Op = {
  doc: { takes: "constants; of computed values the number of results is not fixed", cost: FREE, error: EXACT },
  build(view) {
    const { shape, known } = fixed(view, "NonZero", "multiply by the comparison (or use Where) instead of selecting");
    const found: number[][] = [];
    forEachIndex(shape, (at, flat) => {
      if (known[flat] !== 0) found.push([...at]);
    });
    const rows =
      shape.length === 0
        ? [new Array<number>(found.length).fill(0)]
        : shape.map((_, axis) => found.map((at) => at[axis] ?? 0));
    return knownTensor([rows.length, found.length], rows.flat(), "int");
  },
};

/** The slices (or, without an axis, the elements) for which a condition holds. */
export const compress: Op = {
  doc: { takes: "a known condition", cost: FREE, error: EXACT },
  build(view, graph) {
    const given = view.operand(0);
    const condition = view.known(1, "the condition").known;
    const kept = everyIndex(condition.length).filter((at) => condition[at] !== 0);
    const flat = view.node.attributes.has("axis") ? given : reshaped(given, [sizeOf(given.shape)]);
    const axis = normalizeAxis(view.number("axis", 0), flat.shape.length);
    return pick(
      graph,
      flat,
      flat.shape.map((size, at) => (at === axis ? kept.filter((one) => one < size) : everyIndex(size))),
    );
  },
};

function fixed(view: NodeView, op: string, advice: string): { shape: readonly number[]; known: Float64Array } {
  const given = view.operand(0);
  if (given.known === undefined)
    throw new NodeProblem(
      "OPERAND_UNSUPPORTED",
      `the size of the result of ${op} depends on computed values, and a circuit has one size; ${advice}`,
    );
  return { shape: given.shape, known: given.known };
}
