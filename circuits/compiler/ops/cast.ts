import { NodeProblem } from "../compile-error.ts";
import { numberAttribute, type Op } from "./op.ts";

/** Types wide enough that nothing is lost: float, int32, int64, float16, double. */
const LOSSLESS: readonly number[] = [1, 6, 7, 10, 11];

/**
 * At the edges only: a label becomes an int64, a pixel a float. A cast of a fraction to an integer would cut it off,
 * which is why the translation refuses integer targets behind anything that is not an integer already.
 */
export const cast: Op = {
  shape: (view) => view.shape(0),
  translate(view) {
    const target = numberAttribute(view.node, "to", 0);
    if (!LOSSLESS.includes(target))
      throw new NodeProblem(
        "ATTRIBUTE_UNSUPPORTED",
        `casting to data type ${target} is not supported; remove the Cast`,
      );
    return { kind: "same", operand: 0 };
  },
};
