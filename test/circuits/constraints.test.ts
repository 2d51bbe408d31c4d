import { expect } from "chai";

import { exampleCount, exampleModels, gadgetCounts, GREAT_TREES, layerCounts, readSnapshot } from "./constraints.ts";

/** Most constraints of the sizes of model that people ask about. */
const MLP_MOST = 10_000;
const LENET_MOST = 110_000;
const TREES_MOST = 20_000;

/** Larger ones take long: `npm run test:models` compiles them all. */
const COMPILED = ["credit-risk", "credit-risk/model-large", "mnist-cnn", "mnist-mlp", "support-desk", "volatility"];

/** `npm run update:constraints` writes it: look at what changed before you commit it. */
const snapshot = readSnapshot();

describe("constraint counts", function () {
  this.timeout(120_000);

  it("of every gadget are those of the snapshot", () => {
    expect(gadgetCounts()).to.deep.equal(snapshot.gadgets);
  });

  it("of every layer are those of the snapshot", () => {
    expect(layerCounts()).to.deep.equal(snapshot.layers);
  });

  it("are known of every example model", () => {
    expect(Object.keys(snapshot.examples)).to.deep.equal([...exampleModels().keys()]);
  });

  for (const name of COMPILED)
    it(`of the example ${name} is that of the snapshot`, async () => {
      expect(await exampleCount(exampleModels().get(name) ?? "")).to.equal(snapshot.examples[name]);
    });

  it("stay below what such models may take", () => {
    expect(snapshot.examples["mnist-mlp"]).to.be.at.most(MLP_MOST);
    expect(snapshot.examples["mnist-cnn"]).to.be.at.most(LENET_MOST);
    expect(snapshot.layers[GREAT_TREES]).to.be.at.most(TREES_MOST);
  });
});
