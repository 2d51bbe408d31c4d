import { NodeProblem } from "../compile-error.ts";
import type { Constant } from "./model.ts";

/**
 * Returns the constant if all its values are finite, else throws a `NodeProblem` that names the first one that is not.
 * Infinities are read, because an attention mask adds or fills in -Infinity, but a circuit cannot compute with one:
 * whoever multiplies, adds or compares asks first. `role` says what the constant is to its node, such as "the weight".
 */
export function assertFinite(constant: Constant, role: string): Constant {
  const index = constant.values.findIndex((value) => !Number.isFinite(value));
  if (index !== -1)
    throw new NodeProblem(
      "VALUE_NOT_FINITE",
      `${role} must be finite, but its value ${index} is ${constant.values[index]}; train or export the model again`,
    );
  return constant;
}
