import { fileURLToPath } from "node:url";

import { expect } from "chai";

import { compile, evaluate, findUndetermined, lower } from "../../circuits/compiler/index.ts";
import { encodeInput, parseInputAdapter, parseOutputAdapter } from "../../circuits/format/adapter.ts";
import { violatedConstraints } from "../../circuits/format/check-witness.ts";
import { interfaceWords } from "../../circuits/format/interface-words.ts";
import { packTensors } from "../../circuits/format/tensor.ts";
import { readImages } from "../../examples/mnist-mlp/images.ts";
import { readQuestions } from "../../examples/support-desk/questions.ts";
import { openOnnxModel } from "../../workers/daemon/execution/onnx-run.ts";
import { readModelSource } from "../../workers/publish/model-config.ts";
import { compileOptions } from "../../workers/publish/prepare-version.ts";

const MODEL = fileURLToPath(new URL("../../examples/support-desk/model.onnx", import.meta.url));
const QUESTIONS = 200;
const BINDING = 123_456_789n;

describe("the support desk's reference, ONNX Runtime and circuit", () => {
  it(`agree on ${String(QUESTIONS)} questions of the test split, and no wire is left free`, async function () {
    this.timeout(120_000);
    const source = await readModelSource(MODEL);
    const { graph, inputs, outputs } = compile(source.onnx, compileOptions(source));
    const circuit = lower(graph);
    expect(findUndetermined(circuit.system)).to.deep.equal([]);
    const adapter = parseInputAdapter(JSON.parse(new TextDecoder().decode(source.inputAdapter ?? undefined)));
    const onnx = await openOnnxModel(source.onnx, inputs, outputs);
    const all = readQuestions("test");
    const stride = Math.floor(all.length / QUESTIONS);
    for (let index = 0; index < QUESTIONS; index++) {
      const text = all[index * stride]?.text ?? "";
      const tensors = [encodeInput(adapter, text).map(BigInt)];
      const answer = evaluate(graph, tensors);
      expect(await onnx.run(tensors), text).to.deep.equal(answer);
      const proven = circuit.witness(tensors, BINDING);
      expect(proven.outputs, text).to.deep.equal(answer);
      expect(violatedConstraints(circuit.system, proven.witness), text).to.deep.equal([]);
      const words = interfaceWords(packTensors(inputs, tensors), packTensors(outputs, answer));
      expect(proven.publicSignals).to.deep.equal([BINDING, ...words]);
    }
    await onnx.close();
  });

  it("answer the test split in integers as well as the published float accuracy less 0.3 points", async function () {
    this.timeout(120_000);
    const source = await readModelSource(MODEL);
    const { graph } = compile(source.onnx, compileOptions(source));
    const adapter = parseInputAdapter(JSON.parse(new TextDecoder().decode(source.inputAdapter ?? undefined)));
    const { labels } = parseOutputAdapter(JSON.parse(new TextDecoder().decode(source.outputAdapter ?? undefined)));
    const questions = readQuestions("test");
    const right = questions.filter(({ text, label }) => {
      const [answer] = evaluate(graph, [encodeInput(adapter, text).map(BigInt)]);
      return labels[Number(answer?.[0])] === label;
    });
    expect(right.length / questions.length).to.be.at.least(0.889 - 0.003);
  });
});

describe("the MNIST network in integers", () => {
  it("reads the held-out images as well as in float less 0.3 points, within its limit of constraints", async function () {
    this.timeout(120_000);
    const source = await readModelSource(
      fileURLToPath(new URL("../../examples/mnist-mlp/model.onnx", import.meta.url)),
    );
    const { graph } = compile(source.onnx, compileOptions(source));
    expect(lower(graph).system.constraints.length).to.be.at.most(10_000);
    const images = readImages("test");
    const right = images.filter(({ pixels, label }) => {
      const [answer] = evaluate(graph, [Array.from(pixels, BigInt)]);
      return answer?.[0] === BigInt(label);
    });
    expect(right.length / images.length).to.be.at.least(0.9655 - 0.003);
  });
});
