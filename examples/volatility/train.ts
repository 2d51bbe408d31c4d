/** Trains the volatility forecaster and writes model.onnx and samples.json: about a minute on one core. */
import { writeFileSync } from "node:fs";

import { DenseLayer } from "../training/dense-layer.ts";
import { run } from "../training/descent.ts";
import { LstmLayer } from "../training/lstm-layer.ts";
import { createRandom } from "../training/prng.ts";
import { trainVariance } from "../training/train-variance.ts";
import { forecastError, simpleForecasts } from "./forecasts.ts";
import { readSeries, WINDOW } from "./series.ts";
import { writeForecaster } from "./write-forecaster.ts";

const HIDDEN = 16;
const WEIGHT_DECAY = 0.1;
const SAMPLES = 300;

const { days, train, test } = readSeries();
const random = createRandom(1);
const lstm = new LstmLayer({ steps: WINDOW, features: 1, hidden: HIDDEN }, WEIGHT_DECAY, random);
const head = new DenseLayer({ inputs: HIDDEN, outputs: 1, relu: false }, WEIGHT_DECAY, random);

trainVariance(
  [lstm, head],
  train.map(({ window, day }) => ({ input: window, drawn: day.change })),
  { epochs: 5, batch: 64, learningRate: 5e-3 },
  random,
);
writeForecaster(new URL("model.onnx", import.meta.url), lstm, head);

const stride = Math.floor(train.length / SAMPLES);
const samples = train
  .filter((_, at) => at % stride === 0)
  .map(({ window }) => JSON.stringify(Array.from(window, (change) => Number(change.toFixed(3)))));
writeFileSync(new URL("samples.json", import.meta.url), `[\n${samples.join(",\n")}\n]\n`);

const tested = test.map(({ day }) => day);
const forecasts = {
  "this model": test.map(({ window }) => Math.exp(run([lstm, head], window)[0] ?? 0)),
  ...simpleForecasts(days, WINDOW),
};
for (const [name, variances] of Object.entries(forecasts)) console.log(name, forecastError(variances, tested));
