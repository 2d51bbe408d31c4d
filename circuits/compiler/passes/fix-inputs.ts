import { Diagnostics } from "../compile-error.ts";
import type { Dimension, OnnxModel } from "../onnx/model.ts";

/**
 * The shape of each graph input. A first dimension that is not fixed is the batch and taken as 1, and so is any that is
 * called after it; any other dynamic dimension is a `SHAPE_DYNAMIC` that names it, unless `sizes` say how large it is.
 */
export function fixInputs(
  model: OnnxModel,
  sizes: Readonly<Record<string, number>> = {},
): readonly (readonly number[])[] {
  const problems = new Diagnostics();
  const batches = new Set(
    model.inputs.flatMap(({ shape: [first] }) => (typeof first === "string" && first !== "" ? [first] : [])),
  );
  const shapes = model.inputs.map(({ name, shape }) => {
    const refuse = (code: "SHAPE_DYNAMIC" | "SHAPE_MISMATCH", message: string): void =>
      problems.add(code, { name, op: "" }, `input "${name}": ${message}`);
    const fixed = shape.map((dimension, axis) => {
      if (typeof dimension === "number") return dimension;
      const given = sizes[dimension];
      if (given !== undefined) return given;
      if (axis > 0 && !batches.has(dimension) && !/batch/i.test(dimension))
        refuse("SHAPE_DYNAMIC", openDimension(dimension, axis));
      return 1;
    });
    if (fixed.includes(0)) refuse("SHAPE_MISMATCH", "it has no elements");
    return Object.freeze(fixed);
  });
  problems.throwIfAny();
  return Object.freeze(shapes);
}

function openDimension(dimension: Dimension, axis: number): string {
  return (
    `dimension ${axis}${dimension === "" ? "" : ` ("${dimension}")`} is not fixed; a circuit has one size, so export ` +
    "with a fixed size or say which (only the batch may be open)"
  );
}
