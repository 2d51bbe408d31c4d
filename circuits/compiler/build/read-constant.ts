import type { Constant } from "../onnx/model.ts";
import { knownTensor, type Tensor } from "./tensor.ts";

/** An initializer or a constant's value. */
export function tensorOf({ shape, values, whole }: Constant): Tensor {
  return knownTensor(shape, values, whole ? "int" : "real");
}
