import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { expect } from "chai";

import { binRows } from "../../examples/training/bins.ts";
import { boost, boostedScore, type BoostedTrees } from "../../examples/training/boosting.ts";
import { createRandom } from "../../examples/training/prng.ts";
import { accuracyAt, areaUnderRoc, costAt } from "../../examples/training/scores.ts";
import { depthOf, LEAF_UNIT } from "../../examples/training/trees.ts";
import { writeTrees } from "../../examples/training/write-trees.ts";
import { runPublished } from "./published.ts";

const SETTINGS = {
  trees: 20,
  depth: 3,
  ridge: 1,
  leastRows: 1,
  learningRate: 0.3,
  rowShare: 0.8,
  featureShare: 1,
  bins: 16,
};

/** Whether just one of two numbers from 0 to 9 is large: neither alone says anything. */
function lesson(): { rows: number[][]; labels: number[] } {
  const random = createRandom(2);
  const rows = Array.from({ length: 300 }, () => [random.below(10), random.below(10), random.below(10)]);
  return { rows, labels: rows.map(([a = 0, b = 0]) => Number(a > 4 !== b > 4)) };
}

describe("boosted trees", () => {
  it("learn what no single feature says, the same way every time, on the grid of leaves", () => {
    const { rows, labels } = lesson();
    const model = boost(rows, labels, SETTINGS, createRandom(1));
    const scores = rows.map((row) => boostedScore(model, row));
    expect(accuracyAt(0, scores, labels)).to.equal(1);
    expect(boost(rows, labels, SETTINGS, createRandom(1))).to.deep.equal(model);
    expect(Math.max(...model.trees.map((tree) => depthOf(tree)))).to.equal(3);
    expect(scores.every((score) => Number.isInteger(score / LEAF_UNIT))).to.be.true;
  });

  it("are written so that ONNX Runtime takes the same paths, values equal to a threshold included", async () => {
    const model: BoostedTrees = {
      features: 2,
      base: 0.25,
      trees: [
        [{ feature: 0, threshold: 3, left: 1, right: 2 }, { value: -1 }, { value: 0.5 }],
        [
          { feature: 1, threshold: -0.5, left: 1, right: 4 },
          { feature: 0, threshold: 7, left: 2, right: 3 },
          { value: 0.125 },
          { value: 0.25 },
          { value: 0.75 },
        ],
      ],
    };
    const rows = [3, 3.0000002, 7, 8].flatMap((first) => [-0.5, -0.49999997, 0].map((second) => [first, second]));
    const folder = mkdtempSync(join(tmpdir(), "assay-trees-"));
    try {
      const file = pathToFileURL(join(folder, "model.onnx"));
      writeTrees(file, model, "trees", "row");
      const results = await runPublished(file, [1, 2], rows);
      const own = rows.map((row) => boostedScore(model, row.map(Math.fround)));
      expect(results).to.deep.equal(own.map((score) => [[score > 0 ? 1 : 0], [-score, score]]));
      expect(new Set(own).size).to.equal(5);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("cut between values that occur, and share rows out evenly where values are too many", () => {
    const few = binRows([[1], [1], [4], [9]], 1, 16);
    expect(few.thresholds).to.deep.equal([[2.5, 6.5]]);
    expect(few.bins).to.deep.equal([Uint8Array.of(0, 0, 1, 2)]);
    const many = binRows(
      Array.from({ length: 100 }, (_, at) => [at]),
      1,
      4,
    );
    expect(many.thresholds).to.deep.equal([[24.5, 49.5, 74.5]]);
  });

  it("are judged by the share of pairs in the right order, and by cost", () => {
    expect(areaUnderRoc([0, 1, 1, 2], [0, 0, 1, 1])).to.equal(0.875);
    expect(costAt(0, [-1, 1, -1, 1], [0, 0, 1, 1], 5)).to.equal(1.5);
    expect(costAt(-2, [-1, 1, -1, 1], [0, 0, 1, 1], 5)).to.equal(0.5);
  });
});
