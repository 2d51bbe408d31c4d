import { NodeProblem } from "../compile-error.ts";
import { numberAttribute, type Op } from "./op.ts";

/** Data types of the ONNX standard that hold every value of ours: float, float16 and double. */
const REAL: readonly number[] = [1, 10, 11];
/** int32 and int64. */
const WHOLE: readonly number[] = [6, 7];

/** What the type of a Cast's result is; undefined for one that is not supported. */
export function castTarget(to: number): "real" | "whole" | undefined {
  if (REAL.includes(to)) return "real";
  return WHOLE.includes(to) ? "whole" : undefined;
}

/**
 * Changes no value: a label becomes an int64, a pixel a float. ONNX cuts off the fraction of what it casts to an
 * integer, so that is refused unless there cannot be one.
 */
export const cast: Op = {
  shape: (view) => view.shape(0),
  translate(view) {
    const to = numberAttribute(view.node, "to", 0);
    const target = castTarget(to);
    if (target === undefined)
      throw new NodeProblem("ATTRIBUTE_UNSUPPORTED", `casting to data type ${to} is not supported; remove the Cast`);
    if (target === "whole" && !view.isWhole(0))
      throw new NodeProblem(
        "OPERAND_UNSUPPORTED",
        "casting a computed fraction to an integer would cut it off, which has no circuit; remove the Cast and give the " +
          "output its decimals, or cast only what is an integer already, such as the answer of an ArgMax",
      );
    return { kind: "same", operand: 0 };
  },
};
