/** Trains the 784-64-10 digit classifier and writes model.onnx: about ten seconds on one core. */
import { createMlp, type Mlp, type SparseInput } from "../training/mlp.ts";
import { createRandom } from "../training/prng.ts";
import { measure } from "../training/report.ts";
import { trainMlp } from "../training/train-mlp.ts";
import { writeOnnx } from "../training/write-onnx.ts";
import { PIXELS, readImages, type DigitImage } from "./images.ts";

const HIDDEN = 64;
const DIGITS = 10;
const WHITE = 255;

/** About a fifth of the pixels have ink, at half strength on average. */
const ACTIVE_PIXELS = 60;

const train = readImages("train");
const test = readImages("test");
const random = createRandom(28);
const mlp = createMlp(PIXELS, HIDDEN, DIGITS, ACTIVE_PIXELS, random);

trainMlp(
  mlp,
  { inputs: train.map((image) => sparseInput(image, WHITE)), targets: oneHot(train) },
  { epochs: 30, batch: 64, learningRate: 2e-3, weightDecay: 0.05, inputDropout: 0.1, hiddenDropout: 0.2 },
  random,
);

/** Trained on ink in [0, 1]; taking the division into the weights lets the model read raw pixels. */
const published: Mlp = { ...mlp, w1: mlp.w1.map((weight) => weight / WHITE) };
writeOnnx(new URL("model.onnx", import.meta.url), published, "mnist-mlp", "image");

const inputs = test.map((image) => sparseInput(image, 1));
const labels = test.map(({ label }) => label);
console.log(measure(published, { hiddenBits: 14, rescale: 8, outputBits: 6 }, inputs, labels, WHITE));

function sparseInput({ pixels }: DigitImage, white: number): SparseInput {
  const positions = Array.from(pixels.keys()).filter((at) => pixels[at] !== 0);
  return { positions, values: positions.map((at) => (pixels[at] ?? 0) / white) };
}

function oneHot(images: readonly DigitImage[]): Float32Array {
  const targets = new Float32Array(images.length * DIGITS);
  images.forEach(({ label }, at) => (targets[at * DIGITS + label] = 1));
  return targets;
}
