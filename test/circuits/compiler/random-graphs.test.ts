import { expect } from "chai";
import fc from "fast-check";

import { buildRandomGraph, FAMILIES, graphRecipes } from "./random-graphs.ts";
import { expectGraph } from "./random-graphs-conformance.ts";

const SEED = 20260101;
const GRAPHS = 60;

describe("a random graph of any operators", function () {
  this.timeout(180_000);

  it("is drawn from every family", () => {
    const drawn = fc.sample(graphRecipes, { seed: SEED, numRuns: GRAPHS }).map(buildRandomGraph);
    const families = new Set(drawn.flatMap((graph) => graph.families));
    expect(FAMILIES.filter((family) => !families.has(family))).to.deep.equal([]);
  });

  it("has one answer, ONNX Runtime's within the report's bounds, and no wire is left to the prover", async () => {
    await fc.assert(
      fc.asyncProperty(graphRecipes, async (recipe) => {
        await expectGraph(buildRandomGraph(recipe));
      }),
      { seed: SEED, numRuns: GRAPHS },
    );
  });
});
