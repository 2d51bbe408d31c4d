import { expect } from "chai";

import { readFixtureModels } from "./onnx/fixture-models.ts";
import { expectCorpusModel, expectRefused } from "./corpus-conformance.ts";
import { REFUSED } from "./corpus-conformance-exceptions.ts";

/** Every so many of the models that compile: `npm run test:models` takes them all. */
const STRIDE = 7;

const models = readFixtureModels();
const compiled = models.filter(({ file }) => !REFUSED.has(file));

describe("exported models in circuits", function () {
  this.timeout(60_000);

  for (const model of compiled.filter((_, at) => at % STRIDE === 0))
    it(`answer as ONNX Runtime does, as closely as their report says: ${model.file}`, async () => {
      await expectCorpusModel(model);
    });

  it("are refused with a code where they cannot be compiled", () => {
    const refused = models.filter(({ file }) => REFUSED.has(file));
    expect(refused.length).to.equal(REFUSED.size);
    for (const model of refused) expectRefused(model, REFUSED.get(model.file) ?? []);
  });
});
