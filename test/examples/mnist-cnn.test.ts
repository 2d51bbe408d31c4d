import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { expect } from "chai";

import { compile, evaluate, lower } from "../../circuits/compiler/index.ts";
import { readNetwork } from "../../examples/mnist-cnn/read-network.ts";
import { readImages } from "../../examples/mnist-mlp/images.ts";
import { run } from "../../examples/training/descent.ts";
import { argmax } from "../../examples/training/mlp.ts";
import { readModelSource } from "../../workers/publish/model-config.ts";
import { compileOptions } from "../../workers/publish/prepare-version.ts";
import { runPublished, statedFigure } from "./published.ts";

const SHAPE = [1, 1, 28, 28];
const images = readImages("test");
const pixels = images.map((image) => image.pixels);

async function labelsOf(file: string): Promise<(number | undefined)[]> {
  return (await runPublished(file, SHAPE, pixels)).map(([label]) => label?.[0]);
}

function percentRight(labels: readonly (number | undefined)[]): number {
  return (100 * labels.filter((label, at) => label === images[at]?.label).length) / labels.length;
}

describe("convolutional MNIST networks", () => {
  it("read the held-out images as well as their READMEs say", async () => {
    for (const example of ["mnist-cnn", "mnist-cnn-int8"]) {
      const measured = percentRight(await labelsOf(`${example}/model.onnx`));
      // One image in 2,000 is 0.05 points: float sums may fall another way on another processor.
      expect(Math.abs(measured - statedFigure(example, "accuracy")) <= 0.1, `${example}: ${measured} %`).to.be.true;
    }
  }).timeout(60_000);

  it("lose at most one label in a hundred when quantized", async () => {
    const [float, integer] = [await labelsOf("mnist-cnn/model.onnx"), await labelsOf("mnist-cnn-int8/model.onnx")];
    expect(float.filter((label, at) => label !== integer[at]).length).to.be.at.most(20);
  }).timeout(60_000);

  it("answer in ONNX Runtime as the network that was trained", async () => {
    const { convolutions, dense } = readNetwork(new URL("../../examples/mnist-cnn/model.onnx", import.meta.url));
    const own = pixels.slice(0, 200).map((image) => argmax(run([...convolutions, ...dense], Float32Array.from(image))));
    expect((await labelsOf("mnist-cnn/model.onnx")).slice(0, 200)).to.deep.equal(own);
  }).timeout(60_000);

  it("read images in integers as well as in float less a point, within their limit of constraints", async () => {
    const source = await readModelSource(
      fileURLToPath(new URL("../../examples/mnist-cnn/model.onnx", import.meta.url)),
    );
    const { graph } = compile(source.onnx, compileOptions(source));
    expect(lower(graph).system.constraints.length).to.be.at.most(110_000);
    const some = images.filter((_, at) => at % 10 === 0);
    const right = some.filter(({ pixels, label }) => {
      const [answer] = evaluate(graph, [Array.from(pixels, BigInt)]);
      return answer?.[0] === BigInt(label);
    });
    expect((100 * right.length) / some.length >= statedFigure("mnist-cnn", "accuracy") - 1).to.be.true;
  }).timeout(120_000);

  it("say where their images come from", () => {
    expect(existsSync(new URL("../../examples/mnist-mlp/data/ATTRIBUTION.md", import.meta.url))).to.be.true;
  });
});
