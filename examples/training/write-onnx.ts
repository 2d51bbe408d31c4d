import { writeFileSync } from "node:fs";
import onnxProto, { type onnx } from "onnx-proto";

import type { Mlp } from "./mlp.ts";

const { ModelProto, TensorProto, AttributeProto } = onnxProto.onnx;

const OPSET = 13;
const IR_VERSION = 7;

/**
 * Writes Gemm, Relu, Gemm, ArgMax: `input` float [1, inputs] to `label` int64 [1]. The same network gives the same
 * bytes, whatever the machine.
 */
export function writeOnnx(file: URL, mlp: Mlp, name: string, input: string): void {
  const { inputs, hidden, outputs } = mlp;
  const model = ModelProto.create({
    irVersion: IR_VERSION,
    producerName: "assay",
    opsetImport: [{ domain: "", version: OPSET }],
    graph: {
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
        floats("w1", [inputs, hidden], mlp.w1),
        floats("b1", [hidden], mlp.b1),
        floats("w2", [hidden, outputs], mlp.w2),
        floats("b2", [outputs], mlp.b2),
      ],
      input: [value(input, TensorProto.DataType.FLOAT, [1, inputs])],
      output: [value("label", TensorProto.DataType.INT64, [1])],
    },
  });
  writeFileSync(file, ModelProto.encode(model).finish());
}

function integer(name: string, i: number): onnx.IAttributeProto {
  return { name, type: AttributeProto.AttributeType.INT, i };
}

/** Little-endian, as ONNX asks of raw data. */
function floats(name: string, dims: number[], values: Float32Array): onnx.ITensorProto {
  const rawData = new Uint8Array(values.length * 4);
  const view = new DataView(rawData.buffer);
  values.forEach((value, at) => view.setFloat32(at * 4, value, true));
  return { name, dims, dataType: TensorProto.DataType.FLOAT, rawData };
}

function value(name: string, elemType: number, shape: number[]): onnx.IValueInfoProto {
  return { name, type: { tensorType: { elemType, shape: { dim: shape.map((dimValue) => ({ dimValue })) } } } };
}
