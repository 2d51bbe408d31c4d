import { Diagnostics } from "../compile-error.ts";
import type { OnnxModel } from "../onnx/model.ts";
import { isOpName, OP_NAMES } from "../ops/table.ts";

/** What to do instead, for operators that people meet first. */
const ADVICE: ReadonlyMap<string, string> = new Map([
  ["BatchNormalization", "fold it into the preceding Gemm or Conv when exporting (inference mode)"],
  ["Sigmoid", "at the end of a classifier compare the logit with 0 instead; inside, use Relu or Clip"],
  ["QuantizeLinear", "export the float model: the compiler quantizes it itself"],
  ["DequantizeLinear", "export the float model: the compiler quantizes it itself"],
]);

/** Before it, Add, Mul and Gemm broadcast by attributes that no exporter has written since 2017. */
const OLDEST_OPSET = 7;

/** Throws `MODEL_UNSUPPORTED` with a diagnostic for every node whose operator does not compile, all at once. */
export function checkSupported(model: OnnxModel): OnnxModel {
  const problems = new Diagnostics();
  for (const node of model.nodes) {
    if (node.domain === "" && isOpName(node.op)) continue;
    const name = node.domain === "" ? node.op : `${node.domain}.${node.op}`;
    const advice = ADVICE.get(node.op) ?? `replace it by one of ${OP_NAMES.join(", ")}`;
    problems.add(
      "OP_UNSUPPORTED",
      { name: node.name, op: name },
      `no circuit for this operator; ${advice}, or publish the model without the Zkml level`,
    );
  }
  if (model.opset < OLDEST_OPSET)
    problems.add(
      "OPSET_UNSUPPORTED",
      { name: "", op: "" },
      `the model uses opset ${model.opset}; export it with opset ${OLDEST_OPSET} or newer (13 is a good choice)`,
    );
  problems.throwIfAny();
  return model;
}
