import type { onnx } from "onnx-proto";

import type { DenseLayer } from "../training/dense-layer.ts";
import { NORM_EPSILON, type NormLayer } from "../training/norm-layer.ts";
import {
  decimal,
  float32,
  int64,
  integer,
  integers,
  node,
  transposed,
  value,
  writeModel,
} from "../training/onnx-parts.ts";
import { HEADS, TOKEN_PIXELS, TOKENS, WIDTH, type Network } from "./network.ts";

/** LayerNormalization is an operator of its own since 17. */
const DOMAINS = { "": 17 };
const PIXELS = TOKENS * TOKEN_PIXELS;
const SPAN = WIDTH / HEADS;

/**
 * Writes `image` float [1, 784], pixels from 0 to `white`, to `label` int64 [1], as PyTorch exports a block written by
 * hand: MatMul and Add for each linear layer, heads by Reshape and Transpose.
 */
export function writeNetwork(file: URL, network: Network, white: number): void {
  const graph = new BlockGraph();
  const { embedding, attention } = network;
  graph.shape("image", [1, TOKENS, TOKEN_PIXELS], "tokens");
  graph.linear("tokens", embedding, "embedded", 1 / white);
  graph.constant(float32("places", [1, TOKENS, WIDTH], network.places.offset));
  graph.add("Add", ["embedded", "places"], "placed");

  graph.norm("placed", network.attentionNorm, "attention.norm");
  const heads = [1, TOKENS, HEADS, SPAN];
  for (const [name, layer, perm] of [
    ["query", attention.queries, [0, 2, 1, 3]],
    ["key", attention.keys, [0, 2, 3, 1]],
    ["value", attention.values, [0, 2, 1, 3]],
  ] as const) {
    graph.linear("attention.norm", layer, name);
    graph.shape(name, heads, `${name}.split`);
    graph.add("Transpose", [`${name}.split`], `${name}.heads`, [integers("perm", perm)]);
  }
  graph.add("MatMul", ["query.heads", "key.heads"], "products");
  graph.constant(float32("root", [], [Math.sqrt(SPAN)]));
  graph.add("Div", ["products", "root"], "scores");
  graph.add("Softmax", ["scores"], "shares", [integer("axis", -1)]);
  graph.add("MatMul", ["shares", "value.heads"], "mixed.heads");
  graph.add("Transpose", ["mixed.heads"], "mixed.split", [integers("perm", [0, 2, 1, 3])]);
  graph.shape("mixed.split", [1, TOKENS, WIDTH], "mixed");
  graph.linear("mixed", network.mix, "attention");
  graph.add("Add", ["placed", "attention"], "attended");

  graph.norm("attended", network.innerNorm, "inner.norm");
  graph.linear("inner.norm", network.widen, "widened");
  graph.add("Relu", ["widened"], "active");
  graph.linear("active", network.narrow, "narrowed");
  graph.add("Add", ["attended", "narrowed"], "block");

  graph.add("ReduceMean", ["block"], "mean", [integers("axes", [1]), integer("keepdims", 0)]);
  graph.linear("mean", network.head, "logits");
  graph.add("ArgMax", ["logits"], "label", [integer("axis", 1), integer("keepdims", 0)]);
  graph.write(file);
}

/** Nodes and constants in the order in which they are added; each output names its node. */
class BlockGraph {
  readonly #nodes: onnx.INodeProto[] = [];
  readonly #initializers: onnx.ITensorProto[] = [];

  add(opType: string, inputs: string[], output: string, attributes: onnx.IAttributeProto[] = []): void {
    this.#nodes.push(node(opType, inputs, [output], attributes));
  }

  constant(tensor: onnx.ITensorProto): void {
    this.#initializers.push(tensor);
  }

  shape(input: string, dims: number[], output: string): void {
    this.constant(int64(`${output}.shape`, [dims.length], dims));
    this.add("Reshape", [input, `${output}.shape`], output);
  }

  /** `scale` multiplies the weights: what the input was divided by in training. */
  linear(input: string, { shape, weights, bias }: DenseLayer, output: string, scale = 1): void {
    const { inputs, outputs } = shape;
    const scaled = weights.map((weight) => weight * scale);
    this.constant(float32(`${output}.weight`, [inputs, outputs], transposed(scaled, outputs, inputs)));
    this.constant(float32(`${output}.bias`, [outputs], bias));
    this.add("MatMul", [input, `${output}.weight`], `${output}.product`);
    this.add("Add", [`${output}.product`, `${output}.bias`], output);
  }

  norm(input: string, { gain, offset }: NormLayer, output: string): void {
    this.constant(float32(`${output}.gain`, [gain.length], gain));
    this.constant(float32(`${output}.offset`, [offset.length], offset));
    this.add("LayerNormalization", [input, `${output}.gain`, `${output}.offset`], output, [
      integer("axis", -1),
      decimal("epsilon", NORM_EPSILON),
    ]);
  }

  write(file: URL): void {
    const graph = {
      name: "mnist-attention",
      node: this.#nodes,
      initializer: this.#initializers,
      input: [value("image", "float", [1, PIXELS])],
      output: [value("label", "int64", [1])],
    };
    writeModel(file, graph, DOMAINS);
  }
}
