import type { NodeView } from "../../build/node-view.ts";
import { tensorOf } from "../../build/read-constant.ts";
import { NodeProblem } from "../../compile-error.ts";
import { EXACT, FREE, type Op } from "../op.ts";
import { knownTensor, type Tensor } from "../../build/tensor.ts";

export const constant: Op = {
  doc: { takes: "numbers", cost: FREE, error: EXACT },
  build: (view) => valueOf(view),
};

/** The value is in one attribute, whose name says its kind: value, value_int, value_floats, ... */
function valueOf({ node }: NodeView): Tensor {
  for (const [name, value] of node.attributes) {
    const type = name.startsWith("value_int") ? "int" : "real";
    if (typeof value === "object" && "shape" in value) return tensorOf(value);
    if (typeof value === "number") return knownTensor([], [value], type);
    if (Array.isArray(value) && value.every((item) => typeof item === "number"))
      return knownTensor([value.length], value, type);
  }
  throw new NodeProblem("ATTRIBUTE_UNSUPPORTED", "only constants that are tensors of numbers are read");
}
