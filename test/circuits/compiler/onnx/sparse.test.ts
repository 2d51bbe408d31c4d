import { expect } from "chai";
import type { onnx } from "onnx-proto";

import { readModel } from "../../../../circuits/compiler/onnx/read-model.ts";
import { describeConstant, describeModel, encodeModel } from "../build-onnx.ts";
import { addConstant, codesOf } from "./expect-problems.ts";

function sparse(dims: number[], indices: { shape: number[]; values: number[] }): onnx.ISparseTensorProto {
  return {
    dims,
    values: describeConstant({ name: "c", shape: [2], values: [5, -7] }),
    indices: describeConstant({ name: "", integers: true, ...indices }),
  };
}

function modelWith(tensor: onnx.ISparseTensorProto): Uint8Array {
  const proto = describeModel(addConstant());
  return encodeModel({ ...proto, graph: { ...proto.graph, sparseInitializer: [tensor] } });
}

describe("sparse tensors of a model file", () => {
  it("become dense, from flat positions and from coordinates", () => {
    for (const indices of [
      { shape: [2], values: [1, 5] },
      { shape: [2, 2], values: [0, 1, 1, 2] },
    ]) {
      const constant = readModel(modelWith(sparse([2, 3], indices))).constants.get("c");
      expect(constant?.shape).to.deep.equal([2, 3]);
      expect([...(constant?.values ?? [])]).to.deep.equal([0, 5, 0, 0, 0, -7]);
      expect(constant?.type).to.equal("float");
    }
  });

  it("are read as attributes too", () => {
    const bytes = encodeModel(
      describeModel(
        addConstant({
          nodes: [
            {
              op: "Constant",
              inputs: [],
              outputs: ["c"],
              attributes: { sparse_value: { type: 11, sparseTensor: sparse([6], { shape: [2], values: [0, 2] }) } },
            },
            { op: "Add", inputs: ["x", "c"], outputs: ["y"] },
          ],
        }),
      ),
    );
    const value = readModel(bytes).nodes[0]?.attributes.get("sparse_value");
    expect(typeof value === "object" && "whole" in value ? [...value.values] : []).to.deep.equal([5, 0, -7, 0, 0, 0]);
  });

  it("may neither reach outside their shape, nor lack a part, nor claim a size that nobody can hold", () => {
    const cases: readonly (readonly [onnx.ISparseTensorProto, string])[] = [
      [sparse([2, 3], { shape: [2], values: [1, 6] }), "SHAPE_MISMATCH"],
      [sparse([2, 3], { shape: [2, 2], values: [0, 3, 1, 0] }), "SHAPE_MISMATCH"],
      [sparse([2, 3], { shape: [2], values: [-1, 0] }), "SHAPE_MISMATCH"],
      [sparse([2, 3], { shape: [1], values: [1] }), "SHAPE_MISMATCH"],
      [sparse([2 ** 40], { shape: [2], values: [1, 2] }), "SIZE_INVALID"],
      [{ dims: [2], values: describeConstant({ name: "c", shape: [1], values: [1] }) }, "FILE_TRUNCATED"],
    ];
    for (const [tensor, code] of cases) expect(codesOf(modelWith(tensor))).to.deep.equal([`${code} c`]);
  });
});
