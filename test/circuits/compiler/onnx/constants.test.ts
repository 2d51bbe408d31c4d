import { expect } from "chai";
import type { onnx } from "onnx-proto";

import { assertFinite } from "../../../../circuits/compiler/onnx/finite.ts";
import type { Constant } from "../../../../circuits/compiler/onnx/model.ts";
import { readModel } from "../../../../circuits/compiler/onnx/read-model.ts";
import { describeModel, encodeModel, type TestConstant, TYPES } from "../build-onnx.ts";
import { addConstant, codesOf, problemsOf } from "./expect-problems.ts";

function modelWith(tensor: onnx.ITensorProto): Uint8Array {
  const proto = describeModel(addConstant());
  return encodeModel({ ...proto, graph: { ...proto.graph, initializer: [{ name: "c", ...tensor }] } });
}

function modelOf(constant: Omit<TestConstant, "name">): Uint8Array {
  return encodeModel(describeModel(addConstant({ constants: [{ name: "c", ...constant }] })));
}

function constantOf(bytes: Uint8Array): Constant {
  const constant = readModel(bytes).constants.get("c");
  if (constant === undefined) throw new Error("the constant is missing");
  return constant;
}

function raw(type: keyof typeof TYPES, dims: number[], bytes: readonly number[]): Uint8Array {
  return modelWith({ dims, dataType: TYPES[type], rawData: Uint8Array.from(bytes) });
}

/** The same numbers in the field of their type and as raw bytes. */
const SAME: readonly (readonly [keyof typeof TYPES, readonly number[], readonly number[], readonly number[]])[] = [
  ["float", [1.5, -2], [1.5, -2], [0, 0, 0xc0, 0x3f, 0, 0, 0, 0xc0]],
  ["double", [0.1], [0.1], [0x9a, 0x99, 0x99, 0x99, 0x99, 0x99, 0xb9, 0x3f]],
  ["uint8", [0, 255], [0, 255], [0, 255]],
  ["int8", [-128, 127], [-128, 127], [0x80, 0x7f]],
  ["uint16", [65535], [65535], [0xff, 0xff]],
  ["int16", [-2], [-2], [0xfe, 0xff]],
  ["uint32", [4294967295], [4294967295], [0xff, 0xff, 0xff, 0xff]],
  ["int32", [-3], [-3], [0xfd, 0xff, 0xff, 0xff]],
  ["uint64", [2 ** 53 - 1], [2 ** 53 - 1], [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x1f, 0]],
  ["int64", [-5, 7], [-5, 7], [0xfb, 255, 255, 255, 255, 255, 255, 255, 7, 0, 0, 0, 0, 0, 0, 0]],
  ["bool", [1, 0], [1, 0], [1, 0]],
  // 1, -2, the smallest subnormal, the largest number and -Infinity.
  [
    "float16",
    [1, -2, 2 ** -24, 65504, -Infinity],
    [0x3c00, 0xc000, 1, 0x7bff, 0xfc00],
    [0, 0x3c, 0, 0xc0, 1, 0, 0xff, 0x7b, 0, 0xfc],
  ],
  ["bfloat16", [1, -1.5], [0x3f80, 0xbfc0], [0x80, 0x3f, 0xc0, 0xbf]],
  ["uint4", [1, 15, 7], [0xf1, 0x07], [0xf1, 0x07]],
  ["int4", [1, -1, 7], [0xf1, 0x07], [0xf1, 0x07]],
];

describe("constants of a model file", () => {
  for (const [type, values, field, bytes] of SAME)
    it(`are read as ${type}, from the type's own field and from raw bytes`, () => {
      for (const onnx of [modelOfField(type, values.length, field), raw(type, [values.length], bytes)]) {
        const constant = constantOf(onnx);
        expect([...constant.values]).to.deep.equal(values);
        expect(constant.type).to.equal(type);
        expect(constant.whole).to.equal(!["float", "double", "float16", "bfloat16"].includes(type));
      }
    });

  function modelOfField(type: keyof typeof TYPES, count: number, field: readonly number[]): Uint8Array {
    return modelOf({ type, shape: [count], values: field });
  }

  it("may be strings, which are kept apart from numbers", () => {
    const constant = constantOf(modelOf({ type: "string", shape: [2], values: [], strings: ["setosa", "Ärger"] }));
    expect(constant.strings).to.deep.equal(["setosa", "Ärger"]);
    expect(constant.type).to.equal("string");
    expect(constant.values.length).to.equal(0);
  });

  it("may be empty or scalar", () => {
    expect(constantOf(modelOf({ shape: [0], values: [] })).values.length).to.equal(0);
    expect([...constantOf(modelOf({ shape: [], values: [4] })).values]).to.deep.equal([4]);
  });

  it("of types without exact integers or reals are refused by name", () => {
    expect(codesOf(modelOf({ type: "complex64", shape: [1], values: [0, 0] }))).to.deep.equal(["TYPE_UNSUPPORTED c"]);
    expect(codesOf(modelWith({ dims: [1], rawData: Uint8Array.of(0) }))).to.deep.equal(["TYPE_UNSUPPORTED c"]);
  });

  it("must be as many as their shape says", () => {
    expect(codesOf(modelOf({ shape: [3], values: [1, 2] }))).to.deep.equal(["FILE_TRUNCATED c"]);
    expect(codesOf(raw("float", [2], [0, 0, 0, 0, 0]))).to.deep.equal(["FILE_TRUNCATED c"]);
    expect(codesOf(raw("int8", [1], [1, 2]))).to.deep.equal(["FILE_TRUNCATED c"]);
    expect(codesOf(modelOf({ type: "int4", shape: [5], values: [1, 2] }))).to.deep.equal(["FILE_TRUNCATED c"]);
    expect(codesOf(modelOf({ type: "string", shape: [2], values: [], strings: ["one"] }))).to.deep.equal([
      "FILE_TRUNCATED c",
    ]);
  });

  it("may not claim sizes that nobody can hold", () => {
    for (const shape of [[2 ** 40], [2 ** 20, 2 ** 20], [3_000_000_000, 3_000_000_000, 3_000_000_000], [-1], [-2, -2]])
      expect(codesOf(modelOf({ shape, values: [] })), String(shape)).to.deep.equal(["SIZE_INVALID c"]);
    const inputs = [{ name: "x", shape: ["N", 2 ** 30, 2 ** 30] }];
    const found = codesOf(
      encodeModel(describeModel(addConstant({ inputs, constants: [{ name: "c", shape: [], values: [1] }] }))),
    );
    expect(found).to.deep.equal(["SIZE_INVALID x"]);
  });

  it("in another file are refused, whether by location or by a key alone", () => {
    const externalData = [{ key: "location", value: "weights.bin" }];
    for (const where of [{ dataLocation: 1 }, { externalData }, { dataLocation: 1, externalData }]) {
      const bytes = modelWith({ dims: [2], dataType: TYPES.float, ...where });
      expect(codesOf(bytes)).to.deep.equal(["FILE_EXTERNAL_DATA c"]);
      expect(problemsOf(bytes)[0]?.message).to.include("save the model as one file");
    }
  });

  it("that are not numbers are refused with the first index", () => {
    for (const bytes of [modelOf({ shape: [3], values: [0, NaN, NaN] }), raw("float16", [2], [0, 0, 0, 0x7e])]) {
      expect(codesOf(bytes)).to.deep.equal(["VALUE_NOT_FINITE c"]);
      expect(problemsOf(bytes)[0]?.message).to.include("value 1 ").and.to.include("NaN");
    }
  });

  it("that are infinite are read, and refused where they are used as weights", () => {
    const constant = constantOf(modelOf({ shape: [3], values: [0, -Infinity, 1] }));
    expect([...constant.values]).to.deep.equal([0, -Infinity, 1]);
    expect(() => assertFinite(constant, "the weight")).to.throw(/the weight must be finite, but value 1 is -Infinity/);
    const finite = constantOf(modelOf({ shape: [1], values: [3.4028234663852886e38] }));
    expect(assertFinite(finite, "the weight")).to.equal(finite);
  });

  it("keep integers exact, and take the ends of int64 for the ends of any axis", () => {
    expect([...constantOf(modelOf({ shape: [1], values: [-(2 ** 63)], integers: true })).values]).to.deep.equal([
      -(2 ** 53),
    ]);
    const most = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
    expect([...constantOf(raw("int64", [1], [...most, 0x7f])).values]).to.deep.equal([2 ** 53]);
    expect([...constantOf(raw("uint64", [1], [...most, 0xff])).values]).to.deep.equal([2 ** 53]);
    expect([...constantOf(modelOf({ shape: [1], values: [2 ** 53 - 1], integers: true })).values]).to.deep.equal([
      2 ** 53 - 1,
    ]);
    for (const value of [2 ** 53, -(2 ** 60), 2 ** 62]) {
      const bytes = modelOf({ shape: [2], values: [1, value], integers: true });
      expect(codesOf(bytes), String(value)).to.deep.equal(["PRECISION_LOST c"]);
      expect(problemsOf(bytes)[0]?.message).to.include("value 1 is");
    }
  });
});
