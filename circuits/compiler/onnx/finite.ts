import { NodeProblem } from "../compile-error.ts";

/** Whatever holds numbers, such as a constant. */
interface Values {
  readonly values: Float64Array;
}

/**
 * Returns its argument if all values are finite, else throws a `NodeProblem` that names the first one that is not.
 * Infinities are read, because an attention mask adds or fills in -Infinity, but a circuit cannot compute with one:
 * whoever multiplies, adds or compares asks first. `role` says what the values are to their node, such as "its weights".
 */
export function assertFinite<Holder extends Values>(holder: Holder, role: string): Holder {
  const index = holder.values.findIndex((value) => !Number.isFinite(value));
  if (index !== -1)
    throw new NodeProblem(
      "VALUE_NOT_FINITE",
      `${role} must be finite, but value ${index} is ${holder.values[index]}; train or export the model again`,
    );
  return holder;
}
