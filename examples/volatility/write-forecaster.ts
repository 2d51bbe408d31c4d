import type { DenseLayer } from "../training/dense-layer.ts";
import type { LstmLayer } from "../training/lstm-layer.ts";
import { float32, int64, integer, node, value, writeModel } from "../training/onnx-parts.ts";
import { WINDOW } from "./series.ts";

/**
 * Writes Reshape, LSTM, Squeeze and Gemm: `returns` float [1, WINDOW] in percent, oldest first, to `log_variance`
 * float [1, 1].
 */
export function writeForecaster(file: URL, lstm: LstmLayer, head: DenseLayer): void {
  const { hidden } = lstm.shape;
  // ONNX has two biases, which it adds: one for the input's product and one for the state's.
  const biases = [...lstm.bias, ...lstm.bias.map(() => 0)];
  writeModel(file, {
    name: "volatility",
    node: [
      node("Reshape", ["returns", "sequence.shape"], ["sequence"]),
      {
        ...node("LSTM", ["sequence", "lstm.W", "lstm.R", "lstm.B"], ["", "last"], [integer("hidden_size", hidden)]),
        name: "lstm",
      },
      node("Squeeze", ["last", "direction"], ["state"]),
      node("Gemm", ["state", "head.weight", "head.bias"], ["log_variance"], [integer("transB", 1)]),
    ],
    initializer: [
      int64("sequence.shape", [3], [WINDOW, 1, 1]),
      float32("lstm.W", [1, 4 * hidden, 1], lstm.inputWeights),
      float32("lstm.R", [1, 4 * hidden, hidden], lstm.stateWeights),
      float32("lstm.B", [1, 8 * hidden], biases),
      int64("direction", [1], [0]),
      float32("head.weight", [1, hidden], head.weights),
      float32("head.bias", [1], head.bias),
    ],
    input: [value("returns", "float", [1, WINDOW])],
    output: [value("log_variance", "float", [1, 1])],
  });
}
