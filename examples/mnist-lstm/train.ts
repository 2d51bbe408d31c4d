/** Trains a digit classifier that reads an image in strips, and writes model.onnx: a few minutes on one core. */
import { plainImages, shiftedImages, WHITE } from "../mnist-cnn/digits.ts";
import { readImages } from "../mnist-mlp/images.ts";
import { DenseLayer } from "../training/dense-layer.ts";
import { LstmLayer } from "../training/lstm-layer.ts";
import { createRandom } from "../training/prng.ts";
import { shareRight, trainClassifier } from "../training/train-classifier.ts";
import { writeReader } from "./write-reader.ts";

/** A step is four rows of pixels. */
const SHAPE = { steps: 7, features: 4 * 28, hidden: 112 };
const DIGITS = 10;
const WEIGHT_DECAY = 0.5;

const random = createRandom(19);
const lstm = new LstmLayer(SHAPE, WEIGHT_DECAY, random);
const head = new DenseLayer({ inputs: SHAPE.hidden, outputs: DIGITS, relu: false }, WEIGHT_DECAY, random);

trainClassifier(
  [lstm, head],
  shiftedImages(readImages("train"), random),
  { epochs: 10, batch: 32, learningRate: 3e-3 },
  random,
);
writeReader(new URL("model.onnx", import.meta.url), lstm, head, WHITE);
console.log({
  floatAccuracy: shareRight([lstm, head], plainImages(readImages("test"))),
  parameters: [...lstm.parameters, ...head.parameters].reduce((sum, { weights }) => sum + weights.length, 0),
});
