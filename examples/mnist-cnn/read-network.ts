import { readFileSync } from "node:fs";
import onnxProto from "onnx-proto";

import { createRandom } from "../training/prng.ts";
import { createNetwork, type Network } from "./network.ts";

/** The published network, which takes raw pixels. Throws a `TypeError` if the file lacks a weight or has another shape. */
export function readNetwork(file: URL): Network {
  const { graph } = onnxProto.onnx.ModelProto.decode(readFileSync(file));
  const network = createNetwork(0, createRandom(0));
  const fill = (name: string, values: Float32Array): void => {
    const raw = graph?.initializer?.find((tensor) => tensor.name === name)?.rawData;
    if (raw?.byteLength !== values.byteLength) throw new TypeError(`${file.pathname} has no ${name} of this shape`);
    const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
    values.forEach((_, at) => (values[at] = view.getFloat32(at * 4, true)));
  };
  const layers = [
    ...network.convolutions.map((layer, at) => [`conv${at + 1}`, layer] as const),
    ...network.dense.map((layer, at) => [`dense${at + 1}`, layer] as const),
  ];
  for (const [name, { weights, bias }] of layers) {
    fill(`${name}.weight`, weights);
    fill(`${name}.bias`, bias);
  }
  return network;
}
