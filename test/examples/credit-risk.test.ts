import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { expect } from "chai";

import { compile, evaluate, lower } from "../../circuits/compiler/index.ts";
import { FEATURES, readApplicants } from "../../examples/credit-risk/applicants.ts";
import { measureScores } from "../../examples/credit-risk/measure.ts";
import { CHOSEN, trainOn } from "../../examples/credit-risk/recipe.ts";
import { boostedScore } from "../../examples/training/boosting.ts";
import { readModelSource } from "../../workers/publish/model-config.ts";
import { compileOptions } from "../../workers/publish/prepare-version.ts";
import { runPublished, statedFigure } from "./published.ts";

/** As assay.json has them. */
const SCORE_DECIMALS = 4;
const SHAPE = [1, FEATURES.length];
const features = (applicants: ReturnType<typeof readApplicants>): (readonly number[])[] =>
  applicants.map((applicant) => applicant.features);

describe("credit risk", () => {
  it("splits the applicants without overlap, each part with the same share of bad loans", () => {
    const [train, test] = [readApplicants("train"), readApplicants("test")];
    const bad = (applicants: typeof train): number => applicants.filter(({ label }) => label === 1).length;
    expect([train.length, bad(train), test.length, bad(test)]).to.deep.equal([800, 240, 200, 60]);
    const lines = (applicants: typeof train): string[] => applicants.map((one) => JSON.stringify(one)).sort();
    expect(lines([...train, ...test])).to.deep.equal(lines(readApplicants()));
  });

  it("gives 30 features that fit in 16 bits, and leaves out sex and nationality", () => {
    expect(FEATURES).to.have.length(30);
    expect(FEATURES.map(({ column }) => column)).to.not.include.members([8, 19]);
    const all = readApplicants().flatMap((applicant) => applicant.features);
    expect(all.every((feature) => Number.isInteger(feature) && feature >= 0 && feature < 65_536)).to.be.true;
  });

  it("is as good on the test applicants as its README says", async () => {
    const applicants = readApplicants("test");
    const results = await runPublished("credit-risk/model.onnx", SHAPE, features(applicants));
    const measured = measureScores(
      results.map(([, scores]) => scores?.[1] ?? 0),
      applicants.map(({ label }) => label),
    );
    const stated = (row: string): number => statedFigure("credit-risk", row);
    expect([measured.accuracy * 100, measured.areaUnderRoc, measured.costByScore]).to.deep.equal([
      stated("accuracy"),
      stated("AUC"),
      stated("cost by score"),
    ]);
  }).timeout(20_000);

  it("adds up the same scores in ONNX Runtime as in training, to the last bit, and labels by their sign", async () => {
    const applicants = readApplicants();
    const model = trainOn(readApplicants("train"), CHOSEN);
    const results = await runPublished("credit-risk/model.onnx", SHAPE, features(applicants));
    expect(results).to.deep.equal(
      applicants.map((applicant) => {
        const score = boostedScore(model, applicant.features);
        return [[score > 0 ? 1 : 0], [-score, score]];
      }),
    );
  }).timeout(20_000);

  it("answers in integers as in ONNX Runtime, for every applicant, within limits of constraints", async () => {
    const inputs = features(readApplicants());
    for (const [file, most] of [
      ["model.onnx", 2_500],
      ["model-large.onnx", 20_000],
    ] as const) {
      const source = await readModelSource(
        fileURLToPath(new URL(`../../examples/credit-risk/${file}`, import.meta.url)),
      );
      const { graph } = compile(source.onnx, compileOptions(source));
      expect(lower(graph).system.constraints.length).to.be.at.most(most);
      const results = await runPublished(`credit-risk/${file}`, SHAPE, inputs);
      const onChain = results.map(([label, scores]) => [
        label?.map(BigInt),
        scores?.map((score) => BigInt(Math.floor(score * 10 ** SCORE_DECIMALS + 0.5))),
      ]);
      expect(
        inputs.map((input) => evaluate(graph, [input.map(BigInt)])),
        file,
      ).to.deep.equal(onChain);
    }
  }).timeout(60_000);

  it("says where its data come from, and under which licence", () => {
    const notice = new URL("../../examples/credit-risk/data/ATTRIBUTION.md", import.meta.url);
    expect(existsSync(notice)).to.be.true;
    expect(readFileSync(notice, "utf8")).to.include("CC BY 4.0");
  });
});
