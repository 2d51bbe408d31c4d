import type { FloatLayer, ValueId } from "../graph/layer.ts";
import { type Operation, sizeOf } from "../ops/op.ts";

type Computed = Exclude<Operation, { readonly kind: "same" | "constant" }>;

/** The layer that an operation is, once its operands have value ids; `shapes` are those of the node's operands. */
export function operationLayer(
  operation: Computed,
  valueOf: (operand: number) => ValueId,
  shapeOf: (operand: number) => readonly number[],
): FloatLayer {
  switch (operation.kind) {
    case "linear":
      return {
        kind: "linear",
        inputs: operation.operands.map(valueOf),
        matrix: operation.matrix,
        bias: operation.bias,
      };
    case "relu":
      return { kind: "relu", inputs: [valueOf(operation.operand)], size: sizeOf(shapeOf(operation.operand)), shift: 0 };
    case "clip":
      return {
        kind: "clip",
        inputs: [valueOf(operation.operand)],
        size: sizeOf(shapeOf(operation.operand)),
        shift: 0,
        min: operation.min,
        max: operation.max,
      };
    case "softmax":
    case "argmax": {
      const shape = shapeOf(operation.operand);
      const { kind, axis } = operation;
      const inputs: readonly [ValueId] = [valueOf(operation.operand)];
      const parts = {
        outer: sizeOf(shape.slice(0, axis)),
        classes: shape[axis] ?? 1,
        inner: sizeOf(shape.slice(axis + 1)),
      };
      return kind === "argmax" ? { kind, inputs, ...parts } : { kind, inputs, ...parts };
    }
  }
}
