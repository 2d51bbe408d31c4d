import type { GraphBuilder } from "../../build/graph-builder.ts";
import { type IntegerWidth, knownTensor, retyped, type Tensor, type TensorType } from "../../build/tensor.ts";
import { NodeProblem } from "../../compile-error.ts";
import { type DataType, dataTypeNamed } from "../../onnx/data-type.ts";
import { EXACT, type Op } from "../op.ts";
import { equalTo, not } from "./compare.ts";
import { bitsOf, wrapTo } from "./wrap.ts";

const DOC = {
  takes:
    "any type of number to any other; a fraction that becomes an integer is cut off, towards zero, and an integer that " +
    "leaves the range of 8 or 16 bits wraps around",
  cost: "0; 2n + 4 from a fraction to an integer; 2n + 3 to a truth value; n + 1 to wrap around",
  error: EXACT,
};

export const cast: Op = {
  doc: DOC,
  build: (view, graph) => castToType(graph, view.operand(0), dataTypeNamed(view.number("to", 0))),
};

export const castLike: Op = {
  doc: DOC,
  build(view, graph) {
    const { type, width } = view.operand(1);
    return type === "int" && width !== undefined
      ? castToType(graph, view.operand(0), width)
      : castTo(graph, view.operand(0), type);
  },
};

function castToType(graph: GraphBuilder, tensor: Tensor, type: DataType | undefined): Tensor {
  switch (type) {
    case "float":
    case "double":
    case "float16":
    case "bfloat16":
      return castTo(graph, tensor, "real");
    case "bool":
      return castTo(graph, tensor, "bool");
    case undefined:
    case "string":
    case "int4":
    case "uint4":
      throw new NodeProblem(
        "ATTRIBUTE_UNSUPPORTED",
        `casting to ${type ?? "this data type"} is not supported; remove the Cast`,
      );
    default:
      return castToWidth(graph, tensor, type);
  }
}

/** Where a type is as wide as what it was made of, nothing can leave its range. */
function castToWidth(graph: GraphBuilder, tensor: Tensor, width: IntegerWidth): Tensor {
  const whole = castTo(graph, tensor, "int");
  if (bitsOf(width) >= 32 || tensor.type === "bool" || tensor.width === width) return retyped(whole, "int", width);
  return wrapTo(graph, whole, width);
}

/** Without regard to widths. A number is true unless it is 0. */
function castTo(graph: GraphBuilder, tensor: Tensor, type: TensorType): Tensor {
  if (type === "int" && tensor.type === "real") return retyped(graph.whole(tensor, "trunc"), "int");
  if (type === "bool" && tensor.type !== "bool") {
    return not(graph, equalTo(graph, tensor, knownTensor([], [0], tensor.type)));
  }
  return retyped(tensor, type);
}
