import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

import { expect } from "chai";

import { compile, evaluate } from "../../circuits/compiler/index.ts";
import { DenseLayer } from "../../examples/training/dense-layer.ts";
import { run } from "../../examples/training/descent.ts";
import { LstmLayer } from "../../examples/training/lstm-layer.ts";
import { createRandom } from "../../examples/training/prng.ts";
import { forecastError, simpleForecasts } from "../../examples/volatility/forecasts.ts";
import { readSeries, TRAINING_DAYS, WINDOW } from "../../examples/volatility/series.ts";
import { writeForecaster } from "../../examples/volatility/write-forecaster.ts";
import { readModelSource } from "../../workers/publish/model-config.ts";
import { compileOptions } from "../../workers/publish/prepare-version.ts";
import { runPublished, statedFigure } from "./published.ts";

describe("volatility", () => {
  const { days, train, test } = readSeries();

  it("has one variance in the long run, and no window that sees the day it is to forecast", () => {
    const squares = days.map(({ change }) => change ** 2);
    const mean = squares.reduce((sum, square) => sum + square, 0) / squares.length;
    expect(Math.abs(mean - 1) < 0.1, `variance ${mean}`).to.be.true;
    expect([train.length, test.length]).to.deep.equal([TRAINING_DAYS - WINDOW, 10_000]);
    const first = days.slice(TRAINING_DAYS - WINDOW, TRAINING_DAYS).map(({ change }) => Math.fround(change));
    expect(Array.from(test[0]?.window ?? [])).to.deep.equal(first);
    expect(test[0]?.day).to.equal(days[TRAINING_DAYS]);
  });

  it("forecasts the test days as well as its README says, and better than every rule", async () => {
    const windows = test.map(({ window }) => window);
    const results = await runPublished("volatility/model.onnx", [1, WINDOW], windows);
    const tested = test.map(({ day }) => day);
    const own = forecastError(
      results.map(([logarithm]) => Math.exp(logarithm?.[0] ?? 0)),
      tested,
    );
    const stated = statedFigure("volatility", "volatility error");
    expect(Math.abs(own.volatilityError - stated) < 0.001, `error ${own.volatilityError}`).to.be.true;
    for (const [rule, variances] of Object.entries(simpleForecasts(days, WINDOW))) {
      if (rule === "the process itself") continue;
      const error = forecastError(variances, tested);
      expect(own.quasiLikelihood < error.quasiLikelihood, rule).to.be.true;
      expect(own.volatilityError < error.volatilityError, rule).to.be.true;
    }
  }).timeout(30_000);

  it("forecasts in integers within five hundredths of the log variance", async () => {
    const source = await readModelSource(
      fileURLToPath(new URL("../../examples/volatility/model.onnx", import.meta.url)),
    );
    const { graph } = compile(source.onnx, compileOptions(source));
    const windows = test.filter((_, at) => at % 100 === 0).map(({ window }) => window);
    const results = await runPublished("volatility/model.onnx", [1, WINDOW], windows);
    const errors = windows.map((window, at) => {
      const thousandths = Array.from(window, (change) => BigInt(Math.round(change * 1000)));
      const [answer] = evaluate(graph, [thousandths]);
      return Math.abs(Number(answer?.[0]) / 1000 - (results[at]?.[0]?.[0] ?? NaN));
    });
    expect(Math.max(...errors) < 0.05, `error ${Math.max(...errors)}`).to.be.true;
  }).timeout(60_000);

  it("writes an LSTM that ONNX Runtime runs as training does", async () => {
    const random = createRandom(11);
    const lstm = new LstmLayer({ steps: WINDOW, features: 1, hidden: 5 }, 0, random);
    const head = new DenseLayer({ inputs: 5, outputs: 1, relu: false }, 0, random);
    const folder = mkdtempSync(join(tmpdir(), "assay-volatility-"));
    try {
      const file = pathToFileURL(join(folder, "model.onnx"));
      writeForecaster(file, lstm, head);
      const windows = test.slice(0, 20).map(({ window }) => window);
      const results = await runPublished(file, [1, WINDOW], windows);
      windows.forEach((window, at) => {
        const own = run([lstm, head], window)[0] ?? 0;
        expect(Math.abs((results[at]?.[0]?.[0] ?? 0) - own) < 1e-5, `window ${at}`).to.be.true;
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
