import { expect } from "chai";
import type { onnx } from "onnx-proto";

import { readModel } from "../../../../circuits/compiler/onnx/read-model.ts";
import { buildOnnx, describeModel, encodeModel, TYPES } from "../build-onnx.ts";
import { addConstant, codesOf, problemsOf } from "./expect-problems.ts";

const one = [{ name: "c", shape: [], values: [1] }];
const tensor: onnx.ITypeProto = { tensorType: { elemType: 1, shape: { dim: [{ dimValue: 2 }] } } };

function withInputs(...input: onnx.IValueInfoProto[]): Uint8Array {
  const proto = describeModel(addConstant({ constants: one }));
  return encodeModel({ ...proto, graph: { ...proto.graph, input } });
}

describe("inputs of a model file", () => {
  it("are tensors of any type of number", () => {
    const types = ["float", "double", "float16", "uint8", "int8", "uint16", "int16"] as const;
    for (const type of [...types, "uint32", "int32", "uint64", "int64", "bool"] as const) {
      const inputs = [{ name: "x", shape: ["N", 2], type: TYPES[type] }];
      expect(readModel(buildOnnx(addConstant({ inputs, constants: one }))).inputs).to.deep.equal([
        { name: "x", type, shape: ["N", 2] },
      ]);
    }
  });

  it("of any other type are refused, saying what they are", () => {
    const found = (type: onnx.ITypeProto) => problemsOf(withInputs({ name: "x", type }))[0];
    const cases: readonly (readonly [onnx.ITypeProto, string])[] = [
      [{ tensorType: { elemType: TYPES.string, shape: {} } }, "a tensor of strings"],
      [{ tensorType: { elemType: TYPES.complex64, shape: {} } }, "a tensor of data type 14"],
      [{ tensorType: { elemType: TYPES.bfloat16, shape: {} } }, "a tensor of bfloat16s"],
      [{ sequenceType: { elemType: tensor } }, "a sequence"],
      [{ optionalType: { elemType: tensor } }, "an optional value"],
      [{ mapType: { keyType: 7, valueType: tensor } }, "a map"],
      [{ sparseTensorType: { elemType: 1 } }, "a sparse tensor"],
      [{}, "of no type"],
    ];
    for (const [type, words] of cases) {
      expect(found(type)?.code, words).to.equal("TYPE_UNSUPPORTED");
      expect(found(type)?.message).to.include(words);
    }
    expect(found({ tensorType: { elemType: TYPES.string, shape: {} } })?.message).to.include("input adapter");
  });

  it("must say their rank", () => {
    expect(codesOf(withInputs({ name: "x", type: { tensorType: { elemType: 1 } } }))).to.deep.equal([
      "SHAPE_DYNAMIC x",
    ]);
  });

  it("that have a default in the file are constants, as every initializer was before IR version 4", () => {
    const model = readModel(withInputs({ name: "x", type: tensor }, { name: "c", type: tensor }));
    expect(model.inputs.map(({ name }) => name)).to.deep.equal(["x"]);
    expect(model.constants.has("c")).to.equal(true);
  });

  it("that nothing reads stay if they hold numbers, and are passed over if not", () => {
    const model = readModel(
      withInputs(
        { name: "x", type: tensor },
        { name: "text", type: { tensorType: { elemType: TYPES.string, shape: {} } } },
        { name: "state", type: { optionalType: { elemType: tensor } } },
        { name: "spare", type: tensor },
      ),
    );
    expect(model.inputs.map(({ name }) => name)).to.deep.equal(["x", "spare"]);
  });

  it("have unique names", () => {
    const x = { name: "x", type: tensor };
    expect(codesOf(withInputs(x, x))).to.deep.equal(["VALUE_DUPLICATE x"]);
  });
});

describe("outputs of a model file", () => {
  it("may be sequences of maps, as a ZipMap gives them, or have no type at all", () => {
    const proto = describeModel(addConstant({ constants: one, outputs: ["y", "z"] }));
    const node = [...(proto.graph.node ?? []), { opType: "ZipMap", domain: "ai.onnx.ml", input: ["y"], output: ["z"] }];
    const output = [
      { name: "y" },
      { name: "z", type: { sequenceType: { elemType: { mapType: { keyType: 7, valueType: tensor } } } } },
    ];
    expect(readModel(encodeModel({ ...proto, graph: { ...proto.graph, node, output } })).outputs).to.deep.equal([
      "y",
      "z",
    ]);
  });

  it("may be an input or a constant of the graph", () => {
    expect(readModel(buildOnnx(addConstant({ constants: one, outputs: ["y", "x", "c"] }))).outputs).to.deep.equal([
      "y",
      "x",
      "c",
    ]);
  });
});

describe("opsets of a model file", () => {
  const opsetsOf = (opsetImport: onnx.IOperatorSetIdProto[]) => {
    const { opset, mlOpset } = readModel(
      encodeModel({ ...describeModel(addConstant({ constants: one })), opsetImport }),
    );
    return [opset, mlOpset];
  };

  it("are kept for each domain; the standard one has two names", () => {
    const ml = { domain: "ai.onnx.ml", version: 3 };
    expect(opsetsOf([ml, { domain: "", version: 15 }])).to.deep.equal([15, 3]);
    expect(opsetsOf([{ domain: "ai.onnx", version: 11 }])).to.deep.equal([11, 1]);
    expect(opsetsOf([{ version: 9 }, { domain: "com.microsoft", version: 1 }])).to.deep.equal([9, 1]);
    expect(opsetsOf([])).to.deep.equal([1, 1]);
  });
});
