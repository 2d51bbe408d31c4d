import type { DenseLayer } from "../training/dense-layer.ts";
import type { LstmLayer } from "../training/lstm-layer.ts";
import { float32, int64, integer, node, value, writeModel } from "../training/onnx-parts.ts";

/**
 * Writes Reshape, LSTM, Squeeze, Gemm and ArgMax: `image` float [1, 784], pixels from 0 to `white`, to `label` int64
 * [1].
 */
export function writeReader(file: URL, lstm: LstmLayer, head: DenseLayer, white: number): void {
  const { steps, features, hidden } = lstm.shape;
  // ONNX has two biases, which it adds: one for the input's product and one for the state's.
  const biases = [...lstm.bias, ...lstm.bias.map(() => 0)];
  writeModel(file, {
    name: "mnist-lstm",
    node: [
      node("Reshape", ["image", "strips.shape"], ["strips"]),
      {
        ...node("LSTM", ["strips", "lstm.W", "lstm.R", "lstm.B"], ["", "last"], [integer("hidden_size", hidden)]),
        name: "lstm",
      },
      node("Squeeze", ["last", "direction"], ["state"]),
      node("Gemm", ["state", "head.weight", "head.bias"], ["logits"], [integer("transB", 1)]),
      node("ArgMax", ["logits"], ["label"], [integer("axis", 1), integer("keepdims", 0)]),
    ],
    initializer: [
      int64("strips.shape", [3], [steps, 1, features]),
      float32(
        "lstm.W",
        [1, 4 * hidden, features],
        lstm.inputWeights.map((weight) => weight / white),
      ),
      float32("lstm.R", [1, 4 * hidden, hidden], lstm.stateWeights),
      float32("lstm.B", [1, 8 * hidden], biases),
      int64("direction", [1], [0]),
      float32("head.weight", [head.shape.outputs, hidden], head.weights),
      float32("head.bias", [head.shape.outputs], head.bias),
    ],
    input: [value("image", "float", [1, steps * features])],
    output: [value("label", "int64", [1])],
  });
}
