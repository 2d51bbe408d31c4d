import { expect } from "chai";

import { compile } from "../../../../circuits/compiler/index.ts";
import { buildOnnx, TYPES } from "../build-onnx.ts";
import { type Conformance, expectConforms } from "../conformance.ts";
import { type Attributes, type NodeCase, nodeModel, vector, weights, WHOLE, whole } from "./node-case.ts";

const small: Conformance = { inputs: [{ kind: "int", bits: 8, decimals: 1 }], draws: 6 };
const both: Conformance = {
  inputs: [
    { kind: "int", bits: 8, decimals: 1 },
    { kind: "int", bits: 4, decimals: 1 },
  ],
  draws: 6,
};

describe("ReduceSum and ReduceMean", function () {
  this.timeout(60_000);

  const attribute = (op: string, attributes: Attributes, opset: number): NodeCase => ({
    op,
    shape: [1, 2, 3, 2],
    attributes,
    opset,
  });
  for (const op of ["ReduceSum", "ReduceMean"]) {
    it(`${op} takes axes as an attribute, with and without keepdims`, async () => {
      for (const attributes of [{ axes: [1] }, { axes: [-1, 1], keepdims: 0 }, {}, { keepdims: 0 }, { axes: [0, 3] }])
        await expectConforms(nodeModel(attribute(op, attributes, 11)), small);
    });
    it(`${op} takes axes as an operand`, async () => {
      for (const axes of [[1], [-2, 0], [], [1, 3]])
        for (const keepdims of [0, 1])
          await expectConforms(
            nodeModel({
              op,
              shape: [1, 2, 3, 2],
              constants: [vector("axes", axes)],
              attributes: { keepdims },
              opset: 18,
            }),
            small,
          );
    });
    it(`${op} does nothing with noop_with_empty_axes and no axes`, () =>
      expectConforms(
        nodeModel({
          op,
          shape: [1, 3],
          constants: [vector("axes", [])],
          attributes: { noop_with_empty_axes: 1 },
          opset: 18,
        }),
        small,
      ));
  }
});

describe("Sum and Mean", function () {
  this.timeout(60_000);

  for (const op of ["Sum", "Mean"])
    it(`${op} takes one to three operands with broadcasting`, async () => {
      await expectConforms(nodeModel({ op, shape: [1, 3], opset: 8 }), small);
      await expectConforms(nodeModel({ op, shape: [1, 3], constants: [weights("c", [3])], opset: 13 }), small);
      await expectConforms(
        nodeModel({
          op,
          shape: [1, 2, 3],
          second: { shape: [2, 1] },
          constants: [weights("c", [1, 3])],
          order: ["x", "z", "c"],
        }),
        both,
      );
    });
});

describe("CumSum", function () {
  this.timeout(60_000);

  for (const [exclusive, reverse] of [
    [0, 0],
    [1, 0],
    [0, 1],
    [1, 1],
  ] as const)
    it(`takes exclusive ${exclusive} and reverse ${reverse}`, async () => {
      for (const axis of [1, -1])
        await expectConforms(
          nodeModel({
            op: "CumSum",
            shape: [1, 3, 4],
            constants: [whole("axis", [], [axis])],
            attributes: { exclusive, reverse },
            opset: 14,
          }),
          WHOLE,
        );
    });
});

describe("MatMul and Gemm", function () {
  this.timeout(60_000);

  const products: readonly (readonly [string, readonly number[], readonly number[]])[] = [
    ["two vectors", [3], [3]],
    ["a vector and a matrix", [3], [3, 2]],
    ["a matrix and a vector", [2, 3], [3]],
    ["stacks", [2, 2, 3], [2, 3, 2]],
    ["stacks with broadcasting", [2, 1, 2, 3], [3, 3, 2]],
    ["a stack and a matrix", [2, 2, 3], [3, 2]],
  ];
  for (const [name, left, right] of products)
    it(`MatMul takes ${name}, known and computed`, async () => {
      await expectConforms(nodeModel({ op: "MatMul", shape: left, constants: [weights("w", right)] }), small);
      await expectConforms(
        nodeModel({ op: "MatMul", shape: right, constants: [weights("w", left)], order: ["w", "x"] }),
        small,
      );
      await expectConforms(nodeModel({ op: "MatMul", shape: left, second: { shape: right }, order: ["x", "z"] }), both);
    });

  for (const [transA, transB] of [
    [0, 0],
    [1, 0],
    [0, 1],
    [1, 1],
  ] as const)
    it(`Gemm takes transA ${transA} and transB ${transB}, with and without C`, async () => {
      const shape = transA === 1 ? [3, 2] : [2, 3];
      const weight = weights("w", transB === 1 ? [4, 3] : [3, 4]);
      for (const c of [[], [4], [1], [2, 1], [2, 4]]) {
        const bias = weights("c", c, 7);
        const constants = c.length === 0 ? [weight] : [weight, bias];
        const attributes = { transA, transB, alpha: 0.5, beta: { float: 2 } };
        await expectConforms(nodeModel({ op: "Gemm", shape, constants, attributes, opset: 11 }), {
          ...small,
          draws: 2,
        });
      }
    });

  it("Gemm takes three computed operands", () =>
    expectConforms(
      {
        opset: 13,
        inputs: [
          { name: "x", shape: [2, 3] },
          { name: "z", shape: [3, 2] },
          { name: "c", shape: [2] },
        ],
        outputs: ["y"],
        nodes: [{ op: "Gemm", inputs: ["x", "z", "c"], outputs: ["y"], attributes: { beta: 0.5 } }],
      },
      { inputs: [0, 1, 2].map(() => ({ kind: "int", bits: 4, decimals: 1 })), draws: 6 },
    ));
});

describe("Einsum", function () {
  this.timeout(60_000);

  const one: readonly (readonly [string, readonly number[]])[] = [
    ["ij->ji", [2, 3]],
    ["ij->i", [2, 3]],
    ["ij->", [2, 3]],
    ["ii->i", [3, 3]],
    ["ii", [3, 3]],
    ["...ij->...ji", [2, 2, 3]],
    ["ba", [2, 3]],
    ["...ii->...i", [2, 3, 3]],
  ];
  for (const [equation, shape] of one)
    it(`takes ${equation}`, () =>
      expectConforms(nodeModel({ op: "Einsum", shape, attributes: { equation } }), { ...small, draws: 3 }));

  const two: readonly (readonly [string, readonly number[], readonly number[]])[] = [
    ["ij,jk->ik", [2, 3], [3, 2]],
    ["ij,jk", [2, 3], [3, 2]],
    ["bij, bjk -> bik", [2, 2, 3], [2, 3, 2]],
    ["i,j->ij", [2], [3]],
    ["i,i->", [3], [3]],
    ["ij,kj->", [2, 2], [3, 2]],
    ["bhid,bhjd->bhij", [1, 2, 2, 3], [1, 2, 3, 3]],
    ["...ij,...jk->...ik", [2, 2, 3], [1, 3, 2]],
    ["...ij,jk->...ik", [2, 2, 3], [3, 2]],
    ["iij,jk->ik", [2, 2, 3], [3, 2]],
  ];
  for (const [equation, left, right] of two)
    it(`takes ${equation}, known and computed`, async () => {
      const attributes = { equation };
      await expectConforms(nodeModel({ op: "Einsum", shape: left, constants: [weights("w", right)], attributes }), {
        ...small,
        draws: 3,
      });
      await expectConforms(
        nodeModel({ op: "Einsum", shape: left, second: { shape: right }, order: ["x", "z"], attributes }),
        { ...both, draws: 3 },
      );
    });

  it("takes three operands", () =>
    expectConforms(
      nodeModel({
        op: "Einsum",
        shape: [2, 3],
        second: { shape: [3, 2] },
        constants: [weights("w", [2, 2])],
        order: ["x", "z", "w"],
        attributes: { equation: "ij,jk,kl->il" },
      }),
      both,
    ));

  for (const [equation, message] of [
    ["ij->ik", /no operand/],
    ["ijk->i", /does not name the axes/],
    ["i1->i", /not a term/],
    ["ij,jk->ik", /not an equation for 1 operands/],
  ] as const)
    it(`refuses ${equation} for one matrix`, () => {
      const onnx = buildOnnx(nodeModel({ op: "Einsum", shape: [2, 3], attributes: { equation } }));
      expect(() => compile(onnx, { name: "bad" })).to.throw(message);
    });

  it("keeps integers integers", () =>
    expectConforms(
      nodeModel({
        op: "Einsum",
        shape: [2, 3],
        type: TYPES.int32,
        constants: [{ name: "w", shape: [3], values: [1, 2, 3], type: "int32" }],
        attributes: { equation: "ij,j->i" },
      }),
      WHOLE,
    ));
});
