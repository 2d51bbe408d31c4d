/** Trains the convolutional digit classifier and writes model.onnx: about two minutes on one core. */
import { readImages } from "../mnist-mlp/images.ts";
import { createRandom } from "../training/prng.ts";
import { shareRight, trainClassifier } from "../training/train-classifier.ts";
import { plainImages, shiftedImages } from "./digits.ts";
import { createNetwork } from "./network.ts";
import { writeNetwork } from "./write-network.ts";

/** Strong: small weights keep the circuit's intervals narrow, and cost no accuracy. */
const WEIGHT_DECAY = 0.5;

const random = createRandom(5);
const network = createNetwork(WEIGHT_DECAY, random);
const layers = [...network.convolutions, ...network.dense];

trainClassifier(
  layers,
  shiftedImages(readImages("train"), random),
  { epochs: 25, batch: 32, learningRate: 4e-3 },
  random,
);
writeNetwork(new URL("model.onnx", import.meta.url), network);
console.log({ floatAccuracy: shareRight(layers, plainImages(readImages("test"))) });
