import type { onnx } from "onnx-proto";

import { type Diagnostics, NodeProblem } from "../compile-error.ts";
import { dataTypeNamed, ELEMENT_TYPES, isElementType } from "./data-type.ts";
import type { Dimension, OnnxInput } from "./model.ts";
import { countElements } from "./size.ts";

/** Undefined, with a diagnostic, for an input that is no tensor of numbers or that does not say its rank. */
export function readInput(input: onnx.IValueInfoProto, problems: Diagnostics): OnnxInput | undefined {
  const name = input.name ?? "";
  const where = { name, op: "" };
  const tensor = input.type?.tensorType;
  const type = dataTypeNamed(tensor?.elemType ?? 0);
  if (type === undefined || !isElementType(type)) {
    const found = type === undefined ? kindOf(input.type) : `a tensor of ${type}s`;
    problems.add(
      "TYPE_UNSUPPORTED",
      where,
      `graph input "${name}" is ${found}; accepted are tensors of ${ELEMENT_TYPES.join(", ")}` +
        (type === "string" ? ": give the model numbers, and declare an input adapter that makes them from text" : ""),
    );
    return undefined;
  }
  if (!tensor?.shape) {
    problems.add("SHAPE_DYNAMIC", where, `graph input "${name}" has no shape; export with a fixed one`);
    return undefined;
  }
  const shape = (tensor.shape.dim ?? []).map((dimension): Dimension => {
    const size = Number(dimension.dimValue ?? 0);
    return size > 0 ? size : (dimension.dimParam ?? "");
  });
  try {
    countElements(shape.filter((size) => typeof size === "number"));
  } catch (error) {
    if (!(error instanceof NodeProblem)) throw error;
    problems.add(error.code, where, `graph input "${name}": ${error.message}`);
  }
  return Object.freeze({ name, type, shape: Object.freeze(shape) });
}

function kindOf(type: onnx.ITypeProto | null | undefined): string {
  if (type?.sequenceType) return "a sequence";
  if (type?.mapType) return "a map";
  if (type?.optionalType) return "an optional value";
  if (type?.sparseTensorType) return "a sparse tensor";
  return type?.tensorType ? `a tensor of data type ${type.tensorType.elemType ?? 0}` : "of no type";
}
