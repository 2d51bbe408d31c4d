import type { onnx } from "onnx-proto";

import type { Network } from "../mnist-cnn/network.ts";
import { SIDE } from "../mnist-cnn/network.ts";
import { float32, int32, int8, integer, integers, node, uint8, value, writeModel } from "../training/onnx-parts.ts";
import { quantizeBias, quantizeWeights, type Quantization } from "../training/quantize.ts";

/** Quantization of the image and of each layer's output (after ReLU where there is one), in order. */
export interface Activations {
  readonly image: Quantization;
  readonly convolutions: readonly Quantization[];
  readonly dense: readonly Quantization[];
}

/**
 * Writes the network by the rules of ONNX Runtime's static quantizer for QDQ format (uint8 activations per tensor, int8
 * weights per channel, int32 biases). ReLU is gone: where it was, the levels start at zero and
 * QuantizeLinear cuts off what is below. Maximum pooling and Flatten keep the levels of their input.
 */
export function writeQdq(file: URL, network: Network, activations: Activations): void {
  const graph = new QdqGraph();
  graph.quantizeDequantize("image", activations.image);
  network.convolutions.forEach(({ shape, weights, bias }, at) => {
    const name = `conv${at + 1}`;
    const { filters, channels, kernel } = shape;
    graph.linear("Conv", name, [filters, channels, kernel, kernel], weights, bias, [
      integers("kernel_shape", [kernel, kernel]),
    ]);
    const levels = activations.convolutions[at] ?? activations.image;
    graph.quantizeDequantize(name, levels);
    graph.keepingLevels("MaxPool", `${name}.pooled`, levels, [
      integers("kernel_shape", [2, 2]),
      integers("strides", [2, 2]),
    ]);
  });
  graph.keepingLevels("Flatten", "flat", activations.convolutions.at(-1) ?? activations.image, [integer("axis", 1)]);
  network.dense.forEach(({ shape, weights, bias }, at) => {
    const name = `dense${at + 1}`;
    graph.linear("Gemm", name, [shape.outputs, shape.inputs], weights, bias, [integer("transB", 1)]);
    graph.quantizeDequantize(name, activations.dense[at] ?? activations.image);
  });
  graph.choose();
  graph.write(file);
}

/** A chain of nodes that is written from the image on. */
class QdqGraph {
  readonly #nodes: onnx.INodeProto[] = [];
  readonly #initializers: onnx.ITensorProto[] = [];
  #last = "image";
  #scale = 1;

  quantizeDequantize(name: string, { scale, zeroPoint }: Quantization): void {
    const [scaleName, zeroName] = [`${name}_scale`, `${name}_zero_point`];
    this.#initializers.push(float32(scaleName, [], [scale]), uint8(zeroName, [], [zeroPoint]));
    this.#add("QuantizeLinear", [this.#last, scaleName, zeroName], `${name}_QuantizeLinear_Output`);
    this.#add("DequantizeLinear", [this.#last, scaleName, zeroName], `${name}_DequantizeLinear_Output`);
    this.#scale = scale;
  }

  keepingLevels(opType: string, name: string, levels: Quantization, attributes: onnx.IAttributeProto[]): void {
    this.#add(opType, [this.#last], name, attributes);
    this.quantizeDequantize(name, levels);
  }

  linear(
    opType: string,
    name: string,
    dims: number[],
    weights: Float32Array,
    bias: Float32Array,
    attributes: onnx.IAttributeProto[],
  ): void {
    const channels = bias.length;
    const quantized = quantizeWeights(weights, channels);
    const units = quantized.scales.map((scale) => scale * this.#scale);
    const zeros = new Uint8Array(channels);
    const input = this.#last;
    const weight = `${name}.weight`;
    this.#initializers.push(int8(`${weight}_quantized`, dims, quantized.values));
    this.#initializers.push(float32(`${weight}_scale`, [channels], quantized.scales));
    this.#initializers.push(int8(`${weight}_zero_point`, [channels], zeros));
    this.#dequantize(`${weight}_quantized`, `${weight}_scale`, `${weight}_zero_point`, weight);
    const offset = `${name}.bias_quantized`;
    this.#initializers.push(int32(offset, [channels], quantizeBias(bias, units)));
    this.#initializers.push(float32(`${offset}_scale`, [channels], units));
    this.#initializers.push(int32(`${offset}_zero_point`, [channels], zeros));
    this.#dequantize(offset, `${offset}_scale`, `${offset}_zero_point`, `${name}.bias`);
    const parameters = [`${weight}_DequantizeLinear_Output`, `${name}.bias_DequantizeLinear_Output`];
    this.#add(opType, [input, ...parameters], name, attributes);
  }

  choose(): void {
    this.#add("ArgMax", [this.#last], "label", [integer("axis", 1), integer("keepdims", 0)]);
  }

  write(file: URL): void {
    writeModel(file, {
      name: "mnist-cnn-int8",
      node: this.#nodes,
      initializer: this.#initializers,
      input: [value("image", "float", [1, 1, SIDE, SIDE])],
      output: [value("label", "int64", [1])],
    });
  }

  /** Constants are dequantized along their output channels. */
  #dequantize(values: string, scale: string, zeroPoint: string, name: string): void {
    this.#nodes.push(
      node("DequantizeLinear", [values, scale, zeroPoint], [`${name}_DequantizeLinear_Output`], [integer("axis", 0)]),
    );
  }

  #add(opType: string, inputs: string[], output: string, attributes: onnx.IAttributeProto[] = []): void {
    this.#nodes.push(node(opType, inputs, [output], attributes));
    this.#last = output;
  }
}
