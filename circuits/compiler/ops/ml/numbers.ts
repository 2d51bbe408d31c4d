import type { NodeView } from "../../build/node-view.ts";
import { NodeProblem } from "../../compile-error.ts";
import type { Attribute, Constant } from "../../onnx/model.ts";

/** A list of numbers, or the tensor that newer opsets take instead; empty if both are left out. Not NaN. */
export function numbersOf(view: NodeView, name: string): readonly number[] {
  const list = view.integersAttribute(name);
  const tensor = view.node.attributes.get(`${name}_as_tensor`) ?? view.node.attributes.get(name);
  const found = list ?? (isConstant(tensor) ? [...tensor.values] : []);
  if (found.some(Number.isNaN)) throw new NodeProblem("VALUE_NOT_FINITE", `${name} holds a value that is no number`);
  return found;
}

export function isConstant(value: Attribute | undefined): value is Constant {
  return typeof value === "object" && "values" in value && value.values instanceof Float64Array;
}
