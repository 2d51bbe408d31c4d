import { readFileSync } from "node:fs";

import { expect } from "chai";
import onnxProto from "onnx-proto";

import { xorshift } from "../../../../circuits/compiler/passes/xorshift.ts";
import type { NamedTensorSpec } from "../../../../circuits/format/manifest.ts";
import { elementCount, packTensors } from "../../../../circuits/format/tensor.ts";
import { executors, type TestExecutor } from "./start-executor.ts";

const { ModelProto } = onnxProto.onnx;

/** Twelve decimals show every bit of a float32 above a thousandth. */
const out = (name: string, size: number): NamedTensorSpec => ({
  name,
  kind: "int",
  bits: 64,
  decimals: 12,
  shape: [1, size],
});
const into = (name: string, shape: number[]): NamedTensorSpec => ({ name, kind: "int", bits: 16, decimals: 3, shape });

/** Of each network the float scores before its label: convolutions, LSTM, attention, int8 arithmetic and trees. */
const MODELS = [
  { model: "mnist-cnn", input: into("image", [1, 1, 28, 28]), output: out("dense3", 10) },
  { model: "mnist-lstm", input: into("image", [1, 784]), output: out("logits", 10) },
  { model: "mnist-attention", input: into("image", [1, 784]), output: out("logits", 10) },
  {
    model: "mnist-cnn-int8",
    input: into("image", [1, 1, 28, 28]),
    output: out("dense3_DequantizeLinear_Output", 10),
  },
  { model: "credit-risk", input: into("applicant", [1, 30]), output: out("scores", 2) },
] as const;
const RUNS = 12;

function scoresOf(model: string, output: string): Uint8Array {
  const proto = ModelProto.decode(readFileSync(new URL(`../../../../examples/${model}/model.onnx`, import.meta.url)));
  if (!proto.graph) throw new Error(`${model} has no graph`);
  proto.graph.output = [{ name: output }];
  proto.graph.node = (proto.graph.node ?? []).filter(({ opType }) => opType !== "ArgMax");
  return ModelProto.encode(proto).finish();
}

describe("two workers' executors", function () {
  this.timeout(240_000);
  let all: Awaited<ReturnType<typeof executors>>;
  before(async () => (all = await executors()));
  after(() => all.closeAll());

  for (const { model, input, output } of MODELS)
    it(`agree on every bit of ${model}'s float scores, whatever each ran before`, async () => {
      const next = xorshift(7);
      const cases = Array.from({ length: RUNS }, () => [
        packTensors([input], [Array.from({ length: elementCount(input) }, () => BigInt(Math.floor(next() * 1000)))]),
      ]).flat();
      const onnx = scoresOf(model, output.name);
      const [one, other] = await Promise.all([
        all.start(onnx, [input], [output]),
        all.start(onnx, [input], [output], { memoryMegabytes: 1024 }),
      ]);
      const answers = async (executor: TestExecutor, order: readonly Uint8Array[]): Promise<Map<string, string>> => {
        const found = new Map<string, string>();
        for (const bytes of order) found.set(hex(bytes), hex(await executor.run(bytes)));
        await executor.close();
        return found;
      };
      const [first, second] = await Promise.all([
        answers(one, cases),
        answers(other, [...cases.toReversed(), ...cases.slice(3)]),
      ]);
      for (const bytes of cases) expect(second.get(hex(bytes))).to.equal(first.get(hex(bytes)));
      // Scores that did not depend on the input would agree in any case.
      expect(new Set(first.values()).size).to.be.greaterThan(1);
    });
});

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
