import { NodeProblem } from "../compile-error.ts";
import type { Constant } from "../onnx/model.ts";
import type { NodeView, Op } from "./op.ts";

export const constant: Op = {
  shape: (view) => valueOf(view).shape,
  translate: (view) => ({ kind: "constant", value: valueOf(view) }),
};

/** The value is in one attribute, whose name says its kind: value, value_int, value_floats, ... */
function valueOf({ node }: NodeView): Constant {
  for (const [name, value] of node.attributes) {
    const whole = name.startsWith("value_int");
    if (typeof value === "object" && "shape" in value) return value;
    if (typeof value === "number") return { shape: [], values: Float64Array.of(value), whole };
    if (Array.isArray(value) && value.every((item) => typeof item === "number"))
      return { shape: [value.length], values: Float64Array.from(value), whole };
  }
  throw new NodeProblem("ATTRIBUTE_UNSUPPORTED", "only constants that are tensors of numbers are read");
}
