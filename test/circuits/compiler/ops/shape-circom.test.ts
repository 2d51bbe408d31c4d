import { expect } from "chai";

import { compareSystems, compile, emitCircom, lower, symbolNames } from "../../../../circuits/compiler/index.ts";
import { compileCircom } from "../../../../circuits/toolchain/index.ts";
import { buildOnnx, type TestModel, TYPES } from "../build-onnx.ts";
import { weights, whole } from "./node-case.ts";

const pooled: TestModel = {
  opset: 18,
  inputs: [{ name: "x", shape: [1, 2, 5, 5] }],
  outputs: ["y"],
  constants: [weights("w", [3, 2, 3, 3]), weights("v", [3, 1, 2, 2], 2)],
  nodes: [
    { op: "Conv", inputs: ["x", "w"], outputs: ["c"], attributes: { strides: [2, 2], pads: [1, 1, 1, 1] } },
    { op: "Relu", inputs: ["c"], outputs: ["r"] },
    { op: "AveragePool", inputs: ["r"], outputs: ["p"], attributes: { kernel_shape: [2, 2] } },
    { op: "ConvTranspose", inputs: ["p", "v"], outputs: ["t"], attributes: { strides: [2, 2] } },
    { op: "GlobalLpPool", inputs: ["t"], outputs: ["y"], attributes: { p: 1 } },
  ],
};

const indexed: TestModel = {
  opset: 18,
  inputs: [
    { name: "x", shape: [3, 2] },
    { name: "i", shape: [2], type: TYPES.int64 },
  ],
  outputs: ["y"],
  constants: [
    whole("depth", [], [5]),
    { name: "values", shape: [2], values: [0, 1] },
    weights("w", [5, 2]),
    { name: "last", shape: [1], values: [1], integers: true },
  ],
  nodes: [
    { op: "Gather", inputs: ["x", "i"], outputs: ["g"] },
    { op: "OneHot", inputs: ["i", "depth", "values"], outputs: ["hot"] },
    { op: "MatMul", inputs: ["hot", "w"], outputs: ["m"] },
    { op: "Add", inputs: ["g", "m"], outputs: ["s"] },
    { op: "Unsqueeze", inputs: ["i", "last"], outputs: ["at"] },
    { op: "ScatterND", inputs: ["x", "at", "s"], outputs: ["y"], attributes: { reduction: "add" } },
  ],
};

/** Circom takes a second for each. */
describe("Circom makes the same circuit", function () {
  this.timeout(60_000);

  const models = [
    ["convolutions and pools", pooled, [{ kind: "int", bits: 8, decimals: 1 }]],
    [
      "computed indices",
      indexed,
      [
        { kind: "int", bits: 8, decimals: 1 },
        { kind: "int", bits: 4, decimals: 0 },
      ],
    ],
  ] as const;
  for (const [name, model, inputs] of models)
    it(`of ${name}`, async () => {
      const circuit = lower(compile(buildOnnx(model), { name: "rooms", inputs }).graph);
      const { system, symbols } = await compileCircom(emitCircom(circuit), { name: "rooms" });
      const wireMap = symbolNames(circuit).map((symbol) => symbols.get(symbol) ?? -1);
      expect(compareSystems(circuit.system, system, wireMap)).to.deep.equal([]);
    });
});
