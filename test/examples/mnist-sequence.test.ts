import { expect } from "chai";

import { readImages } from "../../examples/mnist-mlp/images.ts";
import { runPublished, statedFigure } from "./published.ts";

describe("MNIST networks that read an image as a sequence", () => {
  for (const example of ["mnist-attention", "mnist-lstm"])
    it(`read the held-out images as well as the README says: ${example}`, async () => {
      const images = readImages("test");
      const results = await runPublished(
        `${example}/model.onnx`,
        [1, 784],
        images.map(({ pixels }) => pixels),
      );
      const right = images.filter(({ label }, at) => results[at]?.[0]?.[0] === label).length;
      const measured = (100 * right) / images.length;
      // One image in 2,000 is 0.05 points: float sums may fall another way on another processor.
      expect(Math.abs(measured - statedFigure(example, "accuracy")) <= 0.1, `${measured} %`).to.be.true;
    }).timeout(60_000);
});
