/** Quantizes the published float network on training images and writes model.onnx: a few seconds. */
import { readNetwork } from "../mnist-cnn/read-network.ts";
import { readImages } from "../mnist-mlp/images.ts";
import { activationQuantization, type Quantization } from "../training/quantize.ts";
import { writeQdq } from "./write-qdq.ts";

/** Every eighth training image. */
const CALIBRATION_STRIDE = 8;

const network = readNetwork(new URL("../mnist-cnn/model.onnx", import.meta.url));
const layers = [...network.convolutions, ...network.dense];
const ranges = layers.map(() => ({ min: 0, max: 0 }));

const images = readImages("train").filter((_, at) => at % CALIBRATION_STRIDE === 0);
for (const { pixels } of images) {
  let values = Float32Array.from(pixels);
  layers.forEach((layer, at) => {
    values = Float32Array.from(layer.forward(values));
    const { min, max } = ranges[at] ?? { min: 0, max: 0 };
    ranges[at] = { min: Math.min(min, ...values), max: Math.max(max, ...values) };
  });
}

// The largest of a square is also the largest before pooling, so a pooled layer's range serves its convolution.
const levels: Quantization[] = ranges.map(({ min, max }) => activationQuantization(min, max));
const count = network.convolutions.length;
writeQdq(new URL("model.onnx", import.meta.url), network, {
  image: { scale: 1, zeroPoint: 0 },
  convolutions: levels.slice(0, count),
  dense: levels.slice(count),
});
console.log({ images: images.length, ranges });
