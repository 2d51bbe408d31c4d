/** Prints README.md's table: five-fold cross-validation within the training split, which the test split plays no part in. */
import { createRandom } from "../training/prng.ts";
import { readApplicants } from "./applicants.ts";
import { measure, sizeOf } from "./measure.ts";
import { CHOSEN, LARGE, trainOn } from "./recipe.ts";

const FOLDS = 5;
const SEED = 7;

const candidates = [
  ...[2, 3, 4, 5, 6].flatMap((depth) => [0.03, 0.06, 0.1].map((learningRate) => ({ ...CHOSEN, depth, learningRate }))),
  LARGE,
];
const applicants = readApplicants("train");
const order = createRandom(SEED).permutation(applicants.length);

console.log("| depth | rate | splits | AUC | accuracy | cost by label | cost by score |");
for (const settings of candidates) {
  const results = Array.from({ length: FOLDS }, (_, fold) => {
    const leftOut = (at: number): boolean => (order[at] ?? 0) % FOLDS === fold;
    const model = trainOn(
      applicants.filter((_, at) => !leftOut(at)),
      settings,
    );
    const measured = measure(
      model,
      applicants.filter((_, at) => leftOut(at)),
    );
    return { ...measured, splits: sizeOf(model).splits };
  });
  const mean = (read: (result: (typeof results)[number]) => number): number =>
    results.reduce((sum, result) => sum + read(result), 0) / FOLDS;
  const cells = [
    settings.depth,
    settings.learningRate,
    mean(({ splits }) => splits).toFixed(0),
    mean(({ areaUnderRoc }) => areaUnderRoc).toFixed(3),
    `${(100 * mean(({ accuracy }) => accuracy)).toFixed(1)} %`,
    mean(({ costByLabel }) => costByLabel).toFixed(2),
    mean(({ costByScore }) => costByScore).toFixed(2),
  ];
  console.log(`| ${cells.join(" | ")} |`);
}
