/** Trains the support desk's classifier and writes model.onnx and its two adapters: about 15 seconds on one core. */
import { writeFileSync } from "node:fs";

import { onGrid } from "../training/integer-mlp.ts";
import { measure } from "../training/report.ts";
import { writeOnnx } from "../training/write-onnx.ts";
import { readQuestions } from "./questions.ts";
import { CHOSEN, GRID, labelIndices, sparseInput, trainClassifier } from "./recipe.ts";

const { input, output, mlp } = trainClassifier(readQuestions("train"), CHOSEN);
const published = onGrid(mlp, GRID);

writeOnnx(new URL("model.onnx", import.meta.url), published, "support-desk", "features");
writeFileSync(new URL("input-adapter.json", import.meta.url), JSON.stringify(input) + "\n");
writeFileSync(new URL("output-adapter.json", import.meta.url), JSON.stringify(output) + "\n");

const test = readQuestions("test");
const inputs = test.map(({ text }) => sparseInput(input, text));
const labels = labelIndices(output, test);
console.log("before rounding", measure(mlp, GRID, inputs, labels, 1));
console.log("as published   ", measure(published, GRID, inputs, labels, 1));
