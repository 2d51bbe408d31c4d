import { readModel } from "../../circuits/compiler/onnx/read-model.ts";

/** Numbers that training found: elements of constants but for shapes and single scales; of trees, thresholds and leaves. */
export function countParameters(onnx: Uint8Array): number {
  const { constants, nodes } = readModel(onnx);
  let count = 0;
  for (const { values, type } of constants.values()) if (type !== "int64" && values.length > 1) count += values.length;
  for (const { op, attributes } of nodes) {
    if (!op.startsWith("TreeEnsemble")) continue;
    for (const [name, value] of attributes)
      if (/^(nodes_values|(target|class)_weights)$/.test(name) && Array.isArray(value)) count += value.length;
  }
  return count;
}
