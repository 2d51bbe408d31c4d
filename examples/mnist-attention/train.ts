/** Trains a digit classifier of one attention block and writes model.onnx: a few minutes on one core. */
import { plainImages, shiftedImages, WHITE } from "../mnist-cnn/digits.ts";
import { readImages } from "../mnist-mlp/images.ts";
import { createRandom } from "../training/prng.ts";
import { shareRight, trainClassifier } from "../training/train-classifier.ts";
import { createNetwork, layersOf } from "./network.ts";
import { writeNetwork } from "./write-network.ts";

const WEIGHT_DECAY = 0.5;

const random = createRandom(17);
const network = createNetwork(WEIGHT_DECAY, random);
const layers = layersOf(network);

trainClassifier(
  layers,
  shiftedImages(readImages("train"), random),
  { epochs: 14, batch: 32, learningRate: 2e-3 },
  random,
);
writeNetwork(new URL("model.onnx", import.meta.url), network, WHITE);
const parameters = layers.flatMap((layer) => layer.parameters);
console.log({
  floatAccuracy: shareRight(layers, plainImages(readImages("test"))),
  parameters: parameters.reduce((sum, { weights }) => sum + weights.length, 0),
});
