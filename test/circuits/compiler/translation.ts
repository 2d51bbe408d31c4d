import { expect } from "chai";
import * as ort from "onnxruntime-node";

import { computeValues } from "../../../circuits/compiler/graph/compute.ts";
import { parseModel } from "../../../circuits/compiler/onnx/read-model.ts";
import { checkSupported } from "../../../circuits/compiler/passes/check-supported.ts";
import { dropSoftmax } from "../../../circuits/compiler/passes/drop-softmax.ts";
import { expandSoftmax } from "../../../circuits/compiler/passes/expand-softmax.ts";
import { translate } from "../../../circuits/compiler/passes/translate.ts";
import { xorshift } from "../../../circuits/compiler/passes/xorshift.ts";
import { buildOnnx, type TestModel } from "./build-onnx.ts";

/**
 * Compares the layers of a model of float inputs, in float arithmetic, with ONNX Runtime on seeded inputs from -2 to 2:
 * what an operator means, before any integers.
 */
export async function expectTranslates(model: TestModel | Uint8Array, runs = 4, tolerance = 2e-5): Promise<void> {
  const onnx = model instanceof Uint8Array ? model : buildOnnx(model);
  const graph = expandSoftmax(dropSoftmax(translate(checkSupported(parseModel(onnx)))));
  const session = await ort.InferenceSession.create(onnx, { logSeverityLevel: 3 });
  const next = xorshift(0x2545f491);
  const draw = (): number => Math.fround(4 * next() - 2);
  for (let run = 0; run < runs; run++) {
    const inputs = graph.inputs.map(({ shape }) =>
      Float32Array.from({ length: shape.reduce((product, size) => product * size, 1) }, draw),
    );
    const feeds = Object.fromEntries(
      graph.inputs.map(({ name, shape }, at) => [name, new ort.Tensor("float32", inputs[at] ?? [], shape)]),
    );
    const expected = await session.run(feeds);
    const values = computeValues(
      graph.layers,
      inputs.map((input) => Float64Array.from(input)),
    );
    for (const { name, shape, value } of graph.outputs) {
      const [wanted, got] = [expected[name], values[value] ?? new Float64Array()];
      expect(shape, `shape of ${name}`).to.deep.equal(wanted?.dims);
      Array.from(wanted?.data ?? [], Number).forEach((real, at) => {
        const error = Math.abs(real - (got[at] ?? Infinity));
        const message = `${name}[${at}] is ${got[at]}, ONNX Runtime says ${real}`;
        expect(error <= tolerance * Math.max(1, Math.abs(real)), message).to.equal(true);
      });
    }
  }
  await session.release();
}
