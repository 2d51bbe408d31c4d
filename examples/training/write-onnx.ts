import type { Mlp } from "./mlp.ts";
import { float32, integer, value, writeModel } from "./onnx-parts.ts";

/**
 * Writes Gemm, Relu, Gemm, ArgMax: `input` float [1, inputs] to `label` int64 [1]. The same network gives the same
 * bytes, whatever the machine.
 */
export function writeOnnx(file: URL, mlp: Mlp, name: string, input: string): void {
  const { inputs, hidden, outputs } = mlp;
  writeModel(file, {
    name,
    node: [
      { opType: "Gemm", name: "hidden_layer", input: [input, "w1", "b1"], output: ["hidden"] },
      { opType: "Relu", name: "hidden_relu", input: ["hidden"], output: ["active"] },
      { opType: "Gemm", name: "output_layer", input: ["active", "w2", "b2"], output: ["logits"] },
      {
        opType: "ArgMax",
        name: "choose",
        input: ["logits"],
        output: ["label"],
        attribute: [integer("axis", 1), integer("keepdims", 0)],
      },
    ],
    initializer: [
      float32("w1", [inputs, hidden], mlp.w1),
      float32("b1", [hidden], mlp.b1),
      float32("w2", [hidden, outputs], mlp.w2),
      float32("b2", [outputs], mlp.b2),
    ],
    input: [value(input, "float", [1, inputs])],
    output: [value("label", "int64", [1])],
  });
}
