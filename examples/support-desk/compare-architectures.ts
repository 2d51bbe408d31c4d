/**
 * Prints the table of architectures in README.md. Every row is trained on 8,503 of the training questions; the
 * accuracies are of the 1,500 left out, so that the test split has no say in the choice.
 */
import { onGrid } from "../training/integer-mlp.ts";
import { accuracy } from "../training/mlp.ts";
import { createRandom } from "../training/prng.ts";
import { measure } from "../training/report.ts";
import { GRID, labelIndices, sparseInput, trainClassifier, type Architecture } from "./recipe.ts";
import { readQuestions } from "./questions.ts";

const HELD_OUT = 1500;

const ARCHITECTURES: readonly Architecture[] = [
  { phrases: 512, hidden: 64, kept: 1 },
  { phrases: 768, hidden: 64, kept: 1 },
  { phrases: 1024, hidden: 32, kept: 1 },
  { phrases: 1024, hidden: 64, kept: 1 },
  { phrases: 1024, hidden: 96, kept: 1 },
  { phrases: 1024, hidden: 48, kept: 0.2 },
  { phrases: 1024, hidden: 64, kept: 0.3 },
  { phrases: 1024, hidden: 64, kept: 0.2 },
  { phrases: 1024, hidden: 64, kept: 0.1 },
];

const questions = readQuestions("train");
const order = Array.from(createRandom(7).permutation(questions.length)).flatMap((at) => questions[at] ?? []);
const heldOut = order.slice(0, HELD_OUT);
const training = order.slice(HELD_OUT);

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

console.log("| phrases | hidden | weights | float | on the grid | integers | bits: hidden, logits |");
console.log("| --- | --- | --- | --- | --- | --- | --- |");
for (const architecture of ARCHITECTURES) {
  const { input, output, mlp } = trainClassifier(training, architecture);
  const inputs = heldOut.map(({ text }) => sparseInput(input, text));
  const labels = labelIndices(output, heldOut);
  const published = onGrid(mlp, GRID);
  const report = measure(published, GRID, inputs, labels, 1);
  const cells = [
    architecture.phrases,
    architecture.hidden,
    report.weights.toLocaleString("en"),
    percent(accuracy(mlp, inputs, labels)),
    percent(report.floatAccuracy),
    percent(report.integerAccuracy),
    `${report.hiddenBits}, ${report.logitBits}`,
  ];
  console.log(`| ${cells.join(" | ")} |`);
}
