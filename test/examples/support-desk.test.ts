import { readFileSync } from "node:fs";

import { expect } from "chai";
import { InferenceSession, Tensor } from "onnxruntime-node";

import { decodeOutput, encodeInput, parseInputAdapter, parseOutputAdapter } from "../../circuits/format/adapter.ts";
import { choosePhrases } from "../../examples/support-desk/choose-phrases.ts";
import { readQuestions } from "../../examples/support-desk/questions.ts";
import { CHOSEN } from "../../examples/support-desk/recipe.ts";

const FOLDER = new URL("../../examples/support-desk/", import.meta.url);
const PUBLISHED_ACCURACY = 0.865;

function readJson(name: string): unknown {
  return JSON.parse(readFileSync(new URL(name, FOLDER), "utf8"));
}

describe("support desk", () => {
  const input = parseInputAdapter(readJson("input-adapter.json"));
  const output = parseOutputAdapter(readJson("output-adapter.json"));
  let session: InferenceSession;

  before(async () => {
    session = await InferenceSession.create(readFileSync(new URL("model.onnx", FOLDER)), { intraOpNumThreads: 1 });
  });

  async function ask(text: string): Promise<string> {
    const features = new Tensor("float32", encodeInput(input, text), [1, input.phrases.length]);
    const label = (await session.run({ features }))["label"]?.data;
    if (!(label instanceof BigInt64Array)) throw new TypeError("label is not int64");
    return decodeOutput(output, Array.from(label));
  }

  it("has the official split and every intent as a label", () => {
    const train = readQuestions("train");
    const test = readQuestions("test");
    expect([train.length, test.length]).to.deep.equal([10003, 3080]);
    expect(output.labels).to.have.length(77);
    for (const questions of [train, test])
      expect([...new Set(questions.map(({ label }) => label))].sort()).to.deep.equal(output.labels);
  });

  it("takes 1,024 features and gives one label", () => {
    expect(input.phrases).to.have.length(1024);
    expect([session.inputNames, session.outputNames]).to.deep.equal([["features"], ["label"]]);
  });

  it("uses the phrases that the training split alone ranks highest", () => {
    expect(input.phrases).to.deep.equal(choosePhrases(readQuestions("train"), CHOSEN.phrases));
  }).timeout(30_000);

  it(`answers at least ${PUBLISHED_ACCURACY * 100} % of the test questions rightly`, async () => {
    const questions = readQuestions("test");
    let right = 0;
    for (const { text, label } of questions) if ((await ask(text)) === label) right++;
    expect(right / questions.length).to.be.at.least(PUBLISHED_ACCURACY);
  }).timeout(60_000);

  it("answers any text with some label", async () => {
    for (const text of ["", "💳", "карта", "card ".repeat(100_000)]) expect(output.labels).to.include(await ask(text));
  });
});
