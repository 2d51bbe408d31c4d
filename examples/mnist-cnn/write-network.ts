import type { onnx } from "onnx-proto";

import { float32, integer, integers, node, value, writeModel } from "../training/onnx-parts.ts";
import { WHITE } from "./digits.ts";
import { SIDE, type Network } from "./network.ts";

/**
 * Writes Conv, MaxPool, Relu twice, Flatten, three Gemm and ArgMax: `image` float [1, 1, 28, 28] of raw pixels to
 * `label` int64 [1]. Trained on ink in [0, 1]; taking the division into the first weights lets it read raw pixels.
 */
export function writeNetwork(file: URL, { convolutions, dense }: Network): void {
  const nodes: onnx.INodeProto[] = [];
  const initializer: onnx.ITensorProto[] = [];
  let last = "image";
  const add = (opType: string, inputs: string[], output: string, attributes: onnx.IAttributeProto[]): void => {
    nodes.push(node(opType, [last, ...inputs], [output], attributes));
    last = output;
  };

  convolutions.forEach(({ shape, weights, bias }, at) => {
    const name = `conv${at + 1}`;
    const { filters, channels, kernel } = shape;
    const published = at === 0 ? weights.map((weight) => weight / WHITE) : weights;
    initializer.push(float32(`${name}.weight`, [filters, channels, kernel, kernel], published));
    initializer.push(float32(`${name}.bias`, [filters], bias));
    add("Conv", [`${name}.weight`, `${name}.bias`], name, [integers("kernel_shape", [kernel, kernel])]);
    add("MaxPool", [], `${name}.pooled`, [integers("kernel_shape", [2, 2]), integers("strides", [2, 2])]);
    add("Relu", [], `${name}.active`, []);
  });
  add("Flatten", [], "flat", [integer("axis", 1)]);
  dense.forEach(({ shape, weights, bias }, at) => {
    const name = `dense${at + 1}`;
    initializer.push(float32(`${name}.weight`, [shape.outputs, shape.inputs], weights));
    initializer.push(float32(`${name}.bias`, [shape.outputs], bias));
    add("Gemm", [`${name}.weight`, `${name}.bias`], name, [integer("transB", 1)]);
    if (shape.relu) add("Relu", [], `${name}.active`, []);
  });
  add("ArgMax", [], "label", [integer("axis", 1), integer("keepdims", 0)]);

  writeModel(file, {
    name: "mnist-cnn",
    node: nodes,
    initializer,
    input: [value("image", "float", [1, 1, SIDE, SIDE])],
    output: [value("label", "int64", [1])],
  });
}
