/**
 * Prints the table of architectures in README.md. Every row is trained on 8,503 of the training questions; the choice
 * is made by the accuracy on the 1,500 left out, never by the test split.
 */
import { bitsOf, intervals, onGrid, runIntegers, toIntegers } from "../training/integer-mlp.ts";
import { accuracy, argmax } from "../training/mlp.ts";
import { createRandom } from "../training/prng.ts";
import { labelIndices, sparseInput, trainClassifier, GRID, type Architecture } from "./recipe.ts";
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
const order = Array.from(createRandom(7).permutation(questions.length), (at) => questions[at]!);
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
  const integers = toIntegers(published, GRID);
  const right = inputs.filter((tensor, at) => argmax(runIntegers(integers, tensor)) === labels[at]).length;
  const reach = intervals(integers, 1);
  const weights = [published.w1, published.w2].reduce((sum, layer) => sum + layer.filter((w) => w !== 0).length, 0);
  const cells = [
    architecture.phrases,
    architecture.hidden,
    weights.toLocaleString("en"),
    percent(accuracy(mlp, inputs, labels)),
    percent(accuracy(published, inputs, labels)),
    percent(right / inputs.length),
    `${Math.max(...reach.hidden.map(bitsOf))}, ${Math.max(...reach.logits.map(bitsOf))}`,
  ];
  console.log(`| ${cells.join(" | ")} |`);
}
