import { expect } from "chai";

import {
  compareSystems,
  compile,
  decodeGraph,
  emitCircom,
  encodeGraph,
  evaluate,
  lower,
  symbolNames,
} from "../../../../circuits/compiler/index.ts";
import { compileCircom } from "../../../../circuits/toolchain/index.ts";
import { buildOnnx, type TestConstant, type TestNode, TYPES } from "../build-onnx.ts";
import { expectConforms } from "../conformance.ts";

const whole = (kind: "int" | "uint", bits: number) => ({ kind, bits, decimals: 0 }) as const;

/** Nodes on two computed integers, x of 2 by 3 and y of 3. */
function onTwo(nodes: readonly TestNode[], type: keyof typeof TYPES, constants: readonly TestConstant[] = []) {
  return {
    opset: 18,
    inputs: [
      { name: "x", shape: [2, 3], type: TYPES[type] },
      { name: "y", shape: [3], type: TYPES[type] },
    ],
    outputs: nodes.slice(-3).map(({ outputs }) => outputs[0] ?? ""),
    constants,
    nodes,
  };
}

/** 2 y + 1 is never 0. */
const ODD: readonly TestNode[] = [
  { op: "Add", inputs: ["y", "y"], outputs: ["twice"] },
  { op: "Add", inputs: ["twice", "one"], outputs: ["odd"] },
];
const ONE: TestConstant = { name: "one", shape: [], values: [1], integers: true };
const DIVISIONS: readonly TestNode[] = [
  { op: "Div", inputs: ["x", "odd"], outputs: ["quotient"] },
  { op: "Mod", inputs: ["x", "odd"], outputs: ["python"] },
  { op: "Mod", inputs: ["x", "odd"], outputs: ["c"], attributes: { fmod: 1 } },
];

describe("integers made of two computed integers", function () {
  this.timeout(60_000);

  it("are quotients towards zero and remainders of either sign", async () => {
    await expectConforms(onTwo([...ODD, ...DIVISIONS], "int64", [ONE]), {
      inputs: [whole("int", 16), whole("int", 8)],
      exact: true,
      draws: 60,
      cases: [
        [
          [7, -7, 1, -1, 9, -9],
          [1, 1, 0],
        ],
        [
          [7, -7, 6, -6, 5, -5],
          [-2, -2, -3],
        ],
      ],
    });
  });

  it("are quotients of known dividends", async () => {
    const dividends: TestConstant = { name: "k", shape: [3], values: [100, -100, 17], integers: true };
    const nodes = ["Div", "Mod"].map((op) => ({ op, inputs: ["k", "odd"], outputs: [op] }));
    const model = { ...onTwo([...ODD, ...nodes], "int64", [ONE, dividends]), outputs: ["Div", "Mod"] };
    await expectConforms(
      { ...model, inputs: model.inputs.slice(1) },
      { inputs: [whole("int", 8)], exact: true, draws: 40 },
    );
  });

  it("count a divisor of 0 as 1, and leave the whole dividend of it", () => {
    const nodes = DIVISIONS.map((node) => ({ ...node, inputs: ["x", "y"] }));
    const { graph } = compile(buildOnnx(onTwo(nodes, "int64")), {
      name: "zero",
      inputs: [whole("int", 8), whole("int", 8)],
    });
    const found = evaluate(graph, [
      [5n, -5n, 7n, 0n, 127n, -128n],
      [0n, 0n, 0n],
    ]);
    for (const output of found) expect(output).to.deep.equal([5n, -5n, 7n, 0n, 127n, -128n]);
  });

  it("are remainders of real numbers", async () => {
    await expectConforms(
      {
        inputs: [
          { name: "x", shape: [3] },
          { name: "y", shape: [3] },
        ],
        outputs: ["rest"],
        constants: [{ name: "two", shape: [], values: [2] }],
        nodes: [
          { op: "Abs", inputs: ["y"], outputs: ["size"] },
          { op: "Add", inputs: ["size", "two"], outputs: ["by"] },
          { op: "Mod", inputs: ["x", "by"], outputs: ["rest"], attributes: { fmod: 1 } },
        ],
      },
      // In fives a remainder that is 0 for one is not the divisor for the other.
      {
        inputs: [
          { kind: "int", bits: 8, decimals: 1 },
          { kind: "int", bits: 8, decimals: 1 },
        ],
        draws: 0,
        cases: [
          [
            [75, -75, 99],
            [3, 4, -7],
          ],
        ],
        tolerance: 0.01,
      },
    );
  });

  for (const type of ["int8", "uint8", "int32", "uint32"] as const)
    it(`are the bits of two of type ${type}, and of one and a constant`, async () => {
      const bits = Number(type.replace(/\D/g, ""));
      const nodes = ["And", "Or", "Xor"].map((op) => ({ op: `Bitwise${op}`, inputs: ["x", "y"], outputs: [op] }));
      const mask: TestConstant = { name: "m", shape: [3], values: [0x5a, 1, 0], type };
      const inputs = [
        whole(type.startsWith("u") ? "uint" : "int", bits),
        whole(type.startsWith("u") ? "uint" : "int", bits),
      ];
      await expectConforms(onTwo(nodes, type), { inputs, exact: true });
      const masked = nodes.map((node) => ({ ...node, inputs: ["m", "x"] }));
      const model = onTwo(masked, type, [mask]);
      await expectConforms({ ...model, inputs: model.inputs.slice(0, 1) }, { inputs: inputs.slice(0, 1), exact: true });
    });

  it("are shifted to either side", async () => {
    const nodes = ["LEFT", "RIGHT"].map((direction) => ({
      op: "BitShift",
      inputs: ["x", "y"],
      outputs: [direction],
      attributes: { direction },
    }));
    await expectConforms(onTwo(nodes, "uint8"), {
      inputs: [whole("uint", 8), whole("uint", 4)],
      exact: true,
      cases: [
        [
          [255, 1, 128, 255, 254, 77],
          [0, 7, 8],
        ],
      ],
    });
  });

  for (const type of ["int8", "uint8", "int16", "uint16"] as const)
    it(`wrap around as ${type} does`, async () => {
      const bits = Number(type.replace(/\D/g, ""));
      const spec = whole(type.startsWith("u") ? "uint" : "int", bits);
      const nodes = ["Add", "Sub", "Mul"].map((op) => ({ op, inputs: ["x", "y"], outputs: [op] }));
      await expectConforms(onTwo(nodes, type), { inputs: [spec, spec], exact: true });
    });

  it("survive encoding", () => {
    const mask: TestConstant = { name: "m", shape: [3], values: [5, 1, 0], integers: true };
    const bits = [
      { op: "BitwiseXor", inputs: ["x", "y"], outputs: ["xor"] },
      { op: "BitwiseAnd", inputs: ["x", "m"], outputs: ["and"] },
    ];
    const { graph } = compile(buildOnnx(onTwo([...ODD, ...DIVISIONS.slice(0, 1), ...bits], "int64", [ONE, mask])), {
      name: "op",
      inputs: [whole("int", 8), whole("int", 8)],
    });
    const kinds = graph.layers.map(({ kind }) => kind);
    expect(kinds).to.include.members(["quotient", "bitand", "mask"]);
    expect(decodeGraph(encodeGraph(graph))).to.deep.equal(graph);
  });

  it("have the rows that Circom makes of their source", async () => {
    const bits = ["And", "Xor"].map((op) => ({ op: `Bitwise${op}`, inputs: ["x", "y"], outputs: [op] }));
    for (const model of [onTwo([...ODD, ...DIVISIONS], "int64", [ONE]), onTwo(bits, "int64")]) {
      const { graph } = compile(buildOnnx(model), { name: "op", inputs: [whole("int", 8), whole("int", 8)] });
      const circuit = lower(graph);
      const { system, symbols } = await compileCircom(emitCircom(circuit), { name: "op" });
      const wireMap = symbolNames(circuit).map((symbol) => symbols.get(symbol) ?? -1);
      expect(compareSystems(circuit.system, system, wireMap)).to.deep.equal([]);
    }
  });
});
