/** Trains the credit-risk trees and writes both models and the samples: a few seconds on one core. */
import { writeFileSync } from "node:fs";

import { writeTrees } from "../training/write-trees.ts";
import { readApplicants } from "./applicants.ts";
import { measure, sizeOf } from "./measure.ts";
import { CHOSEN, LARGE, trainOn } from "./recipe.ts";

const SAMPLES = 200;

const train = readApplicants("train");
const test = readApplicants("test");

for (const [file, settings] of [
  ["model.onnx", CHOSEN],
  ["model-large.onnx", LARGE],
] as const) {
  const model = trainOn(train, settings);
  writeTrees(new URL(file, import.meta.url), model, "credit-risk", "applicant");
  console.log(file, sizeOf(model), measure(model, test));
}

const samples = train.slice(0, SAMPLES).map(({ features }) => JSON.stringify(features));
writeFileSync(new URL("samples.json", import.meta.url), `[\n${samples.join(",\n")}\n]\n`);
