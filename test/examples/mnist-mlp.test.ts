import { readFileSync } from "node:fs";

import { expect } from "chai";
import { InferenceSession, Tensor } from "onnxruntime-node";

import { PIXELS, readImages } from "../../examples/mnist-mlp/images.ts";

const MODEL = new URL("../../examples/mnist-mlp/model.onnx", import.meta.url);
const PUBLISHED_ACCURACY = 0.96;

describe("MNIST network", () => {
  it("splits the images without overlap", () => {
    expect([readImages().length, readImages("train").length, readImages("test").length]).to.deep.equal([
      10000, 8000, 2000,
    ]);
    expect([...readImages("train"), ...readImages("test")]).to.deep.equal(readImages());
  }).timeout(30_000);

  it(`reads at least ${PUBLISHED_ACCURACY * 100} % of the last 2,000 images rightly from raw pixels`, async () => {
    const session = await InferenceSession.create(readFileSync(MODEL), { intraOpNumThreads: 1 });
    const images = readImages("test");
    let right = 0;
    for (const { pixels, label } of images) {
      const image = new Tensor("float32", Float32Array.from(pixels), [1, PIXELS]);
      const answer = (await session.run({ image }))["label"]?.data;
      if (!(answer instanceof BigInt64Array)) throw new TypeError("label is not int64");
      if (answer[0] === BigInt(label)) right++;
    }
    expect(right / images.length).to.be.at.least(PUBLISHED_ACCURACY);
  }).timeout(60_000);
});
