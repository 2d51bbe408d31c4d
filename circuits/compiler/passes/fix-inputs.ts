import { Diagnostics } from "../compile-error.ts";
import type { Dimension, OnnxModel } from "../onnx/model.ts";

/**
 * The shape of each graph input. A first dimension that is not fixed is the batch and taken as 1; any other dynamic
 * dimension is a `SHAPE_DYNAMIC` that names it.
 */
export function fixInputs(model: OnnxModel): readonly (readonly number[])[] {
  const problems = new Diagnostics();
  const shapes = model.inputs.map(({ name, shape }) => {
    const refuse = (code: "SHAPE_DYNAMIC" | "SHAPE_MISMATCH", message: string): void =>
      problems.add(code, { name, op: "" }, `input "${name}": ${message}`);
    const fixed = shape.map((dimension, axis) => {
      if (typeof dimension === "number") return dimension;
      if (axis > 0) refuse("SHAPE_DYNAMIC", openDimension(dimension, axis));
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
    "with a fixed size (only the first dimension, the batch, may be open)"
  );
}
