import { readFileSync } from "node:fs";

import { encodeInput, parseInputAdapter, parseOutputAdapter } from "../../circuits/format/adapter.ts";
import { readApplicants } from "../../examples/credit-risk/applicants.ts";
import { readImages } from "../../examples/mnist-mlp/images.ts";
import { readQuestions } from "../../examples/support-desk/questions.ts";
import { forecastError } from "../../examples/volatility/forecasts.ts";
import { readSeries } from "../../examples/volatility/series.ts";

/** Something a model has not been trained on. */
export interface Case {
  /** Integers, as the first input's type says. */
  readonly input: readonly number[];
  readonly index: number;
}

export interface GalleryModel {
  readonly name: string;
  /** Below examples/. */
  readonly file: string;
  readonly kind: string;
  readonly cases: () => readonly Case[];
  /** How good answers to some cases are, in words; `answers[i]` is the first output for `cases[i]`, in integers. */
  readonly judge: (cases: readonly Case[], answers: readonly (readonly bigint[])[]) => string;
}

/** All example models, smallest first within a task. */
export const GALLERY: readonly GalleryModel[] = [
  supportDesk(),
  creditRisk("credit-risk", "model.onnx", "boosted trees"),
  creditRisk("credit-risk-large", "model-large.onnx", "boosted trees"),
  volatility(),
  digits("mnist-mlp", "dense network"),
  digits("mnist-cnn", "LeNet-style convolutions"),
  digits("mnist-cnn-int8", "the same, quantized to int8"),
  digits("mnist-lstm", "LSTM"),
  digits("mnist-attention", "attention block"),
];

function digits(name: string, kind: string): GalleryModel {
  const images = () => readImages("test");
  return {
    name,
    file: `${name}/model.onnx`,
    kind,
    cases: () => images().map(({ pixels }, index) => ({ input: Array.from(pixels), index })),
    judge: shareOf(() => images().map(({ label }) => label)),
  };
}

function creditRisk(name: string, file: string, kind: string): GalleryModel {
  const applicants = () => readApplicants("test");
  return {
    name,
    file: `credit-risk/${file}`,
    kind,
    cases: () => applicants().map(({ features }, index) => ({ input: features, index })),
    judge: shareOf(() => applicants().map(({ label }) => label)),
  };
}

function supportDesk(): GalleryModel {
  const json = (file: string): unknown =>
    JSON.parse(readFileSync(new URL(`../../examples/support-desk/${file}`, import.meta.url), "utf8"));
  return {
    name: "support-desk",
    file: "support-desk/model.onnx",
    kind: "dense network on words",
    cases() {
      const adapter = parseInputAdapter(json("input-adapter.json"));
      return readQuestions("test").map(({ text }, index) => ({ input: encodeInput(adapter, text), index }));
    },
    judge: shareOf(() => {
      const { labels } = parseOutputAdapter(json("output-adapter.json"));
      return readQuestions("test").map(({ label }) => labels.indexOf(label));
    }),
  };
}

function volatility(): GalleryModel {
  return {
    name: "volatility",
    file: "volatility/model.onnx",
    kind: "LSTM",
    cases: () =>
      readSeries().test.map(({ window }, index) => ({
        input: Array.from(window, (change) => Math.round(change * 1000)),
        index,
      })),
    judge(cases, answers) {
      const { test } = readSeries();
      const days = cases.flatMap(({ index }) => test[index]?.day ?? []);
      const variances = answers.map(([logarithm = 0n]) => Math.exp(Number(logarithm) / 1000));
      return `error ${forecastError(variances, days).volatilityError.toFixed(4)}`;
    },
  };
}

/** Share of cases whose answer is the right label. */
function shareOf(labels: () => readonly number[]): GalleryModel["judge"] {
  return (cases, answers) => {
    const right = labels();
    const hits = cases.filter(({ index }, at) => Number(answers[at]?.[0]) === right[index]).length;
    return `${((100 * hits) / cases.length).toFixed(2)} %`;
  };
}
