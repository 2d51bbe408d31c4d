import { compareSystems, compile, emitCircom, lower, symbolNames } from "../../../../circuits/compiler/index.ts";
import { compileCircom } from "../../../../circuits/toolchain/index.ts";
import { expect } from "chai";

import { buildOnnx, type TestAttribute, type TestModel, TYPES } from "../build-onnx.ts";
import { type Conformance, expectConforms } from "../conformance.ts";

const whole = (bits: number): Conformance => ({
  inputs: [{ kind: "int", bits, decimals: 0 }],
  outputs: [
    { kind: "int", bits: 16, decimals: 0 },
    { kind: "int", bits: 16, decimals: 0 },
  ],
  exact: true,
});

function topK(
  shape: readonly number[],
  k: number,
  attributes: Readonly<Record<string, TestAttribute>> = {},
  given: { readonly opset?: number; readonly type?: number } = {},
): TestModel {
  const { opset = 11, type } = given;
  const isOperand = opset >= 10;
  return {
    opset,
    inputs: [{ name: "x", shape, ...(type !== undefined && { type }) }],
    outputs: ["values", "indices"],
    constants: isOperand ? [{ name: "k", shape: [1], values: [k], integers: true }] : [],
    nodes: [
      {
        op: "TopK",
        inputs: isOperand ? ["x", "k"] : ["x"],
        outputs: ["values", "indices"],
        attributes: { ...(isOperand ? {} : { k }), ...attributes },
      },
    ],
  };
}

describe("TopK", function () {
  this.timeout(60_000);

  const cases: readonly (readonly [string, TestModel, number])[] = [
    ["finds the two largest of six", topK([1, 6], 2), 8],
    ["puts the first of equals first", topK([2, 5], 3), 2],
    ["finds the smallest", topK([1, 6], 2, { largest: 0 }), 2],
    ["runs along an inner axis", topK([2, 4, 2], 2, { axis: 1 }), 4],
    ["takes k as an attribute", topK([1, 5], 2, { axis: 1 }, { opset: 7 }), 8],
    ["sorts everything", topK([4], 4, {}, { opset: 10 }), 4],
    ["takes a single element", topK([3, 1], 1), 8],
    ["takes integers", topK([1, 5], 2, { sorted: 1 }, { type: TYPES.int32 }), 4],
  ];
  for (const [name, model, bits] of cases) it(name, () => expectConforms(model, whole(bits)));

  it("is the same circuit when Circom compiles its source", async () => {
    const { inputs = [], outputs = [] } = whole(4);
    const circuit = lower(compile(buildOnnx(topK([1, 4], 2)), { name: "top", inputs, outputs }).graph);
    const { system, symbols } = await compileCircom(emitCircom(circuit), { name: "top" });
    const wireMap = symbolNames(circuit).map((name) => symbols.get(name) ?? -1);
    expect(compareSystems(circuit.system, system, wireMap)).to.deep.equal([]);
  });
});
