import { expect } from "chai";

import { compile, CompileError } from "../../../../circuits/compiler/index.ts";
import { buildOnnx, type TestConstant, type TestModel, type TestNode, TYPES } from "../build-onnx.ts";
import { expectConforms } from "../conformance.ts";

/** Seeded integers in [-most, most]. */
function draw(count: number, most: number, seed: number): number[] {
  let state = seed;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.round((state / 2 ** 32) * 2 * most - most);
  });
}

const scalar = (name: string, value: number): TestConstant => ({ name, shape: [], values: [value] });
const zero = (name: string, value: number, type: "uint8" | "int8"): TestConstant => ({
  name,
  shape: [],
  values: [value],
  type,
});

/** float x -> uint8 -> convolution with per-channel int8 weights -> relu -> uint8, as a static quantizer writes it. */
function qdqConvolution(perChannel: boolean): TestModel {
  const outputs = 3;
  const weightScales = perChannel ? [0.0123, 0.0071, 0.0333] : [0.0123];
  const constants: TestConstant[] = [
    scalar("xs", 0.0217),
    zero("xz", 113, "uint8"),
    { name: "w", shape: [outputs, 2, 3, 3], values: draw(outputs * 18, 127, 5), type: "int8" },
    { name: "ws", shape: perChannel ? [outputs] : [], values: weightScales },
    { name: "wz", shape: perChannel ? [outputs] : [], values: perChannel ? [0, 0, 0] : [0], type: "int8" },
    { name: "b", shape: [outputs], values: [-900, 1234, 77], type: "int32" },
    {
      name: "bs",
      shape: [outputs],
      values: [0, 1, 2].map((at) =>
        Math.fround(Math.fround(0.0217) * Math.fround(weightScales[at] ?? weightScales[0] ?? 1)),
      ),
    },
    { name: "bz", shape: [outputs], values: [0, 0, 0], type: "int32" },
    scalar("ys", 0.0391),
    zero("yz", 0, "uint8"),
  ];
  const axis = { attributes: { axis: 0 } };
  const nodes: TestNode[] = [
    { op: "QuantizeLinear", inputs: ["x", "xs", "xz"], outputs: ["xq"] },
    { op: "DequantizeLinear", inputs: ["xq", "xs", "xz"], outputs: ["xd"] },
    { op: "DequantizeLinear", inputs: ["w", "ws", "wz"], outputs: ["wd"], ...(perChannel ? axis : {}) },
    { op: "DequantizeLinear", inputs: ["b", "bs", "bz"], outputs: ["bd"], ...axis },
    { op: "Conv", inputs: ["xd", "wd", "bd"], outputs: ["c"], attributes: { pads: [1, 1, 1, 1] } },
    { op: "Relu", inputs: ["c"], outputs: ["r"] },
    { op: "QuantizeLinear", inputs: ["r", "ys", "yz"], outputs: ["y"] },
  ];
  return { inputs: [{ name: "x", shape: [1, 2, 5, 5] }], outputs: ["y"], constants, nodes };
}

/** The same, then dequantized, pooled, and quantized to the levels that it has, which is written twice. */
function pooledAgain(model: TestModel, window: NonNullable<TestNode["attributes"]>): TestModel {
  const levels = ["ys", "yz"];
  const nodes: TestNode[] = [
    { op: "DequantizeLinear", inputs: ["y", ...levels], outputs: ["yd"] },
    { op: "MaxPool", inputs: ["yd"], outputs: ["p"], attributes: window },
    { op: "QuantizeLinear", inputs: ["p", ...levels], outputs: ["pq"] },
    { op: "DequantizeLinear", inputs: ["pq", ...levels], outputs: ["pd"] },
    { op: "Flatten", inputs: ["pd"], outputs: ["f"] },
    { op: "QuantizeLinear", inputs: ["f", ...levels], outputs: ["out"] },
  ];
  return { ...model, outputs: ["out"], nodes: [...model.nodes, ...nodes] };
}

/** The real convolution pooled, then quantized. */
function pooledFirst(model: TestModel): TestModel {
  const nodes: TestNode[] = [
    { op: "MaxPool", inputs: ["r"], outputs: ["p"], attributes: { kernel_shape: [2, 2], strides: [2, 2] } },
    { op: "QuantizeLinear", inputs: ["p", "ys", "yz"], outputs: ["y"] },
  ];
  return { ...model, nodes: [...model.nodes.slice(0, -1), ...nodes] };
}

describe("quantized operators", function () {
  this.timeout(60_000);

  it("round inputs to the integers of ONNX Runtime, ties and ends included", async () => {
    for (const [scale, type, offset] of [
      [0.5, "uint8", 128],
      [0.0173, "int8", -7],
      [0.003921569, "uint8", 0],
    ] as const)
      await expectConforms(
        {
          inputs: [{ name: "x", shape: [16] }],
          outputs: ["y"],
          constants: [scalar("s", scale), zero("z", offset, type)],
          nodes: [{ op: "QuantizeLinear", inputs: ["x", "s", "z"], outputs: ["y"] }],
        },
        { exact: true, cases: [[Array.from({ length: 16 }, (_, at) => 250 * at)]], draws: 60 },
      );
  });

  it("give ONNX Runtime's int8 outputs exactly for a convolution quantized per tensor and per channel", async () => {
    for (const perChannel of [false, true])
      for (const opset of [13, 19])
        await expectConforms({ ...qdqConvolution(perChannel), opset }, { exact: true, most: 4000 });
  });

  it("give ONNX Runtime's int8 outputs exactly for a convolution that is pooled and quantized again", async () => {
    for (const perChannel of [false, true])
      for (const window of [
        { kernel_shape: [2, 2], strides: [2, 2] },
        { kernel_shape: [3, 3], strides: [1, 1], pads: [1, 1, 1, 1] },
      ])
        await expectConforms(pooledAgain(qdqConvolution(perChannel), window), { exact: true, most: 12_000 });
  });

  it("give ONNX Runtime's int8 outputs exactly where only the largest of each window is quantized", async () => {
    for (const perChannel of [false, true])
      await expectConforms(pooledFirst(qdqConvolution(perChannel)), { exact: true, most: 6000 });
  });

  it("cost nothing where numbers lie on the levels already", () => {
    const scales = ["s", "z"];
    const model = (again: readonly TestNode[], last: string): TestModel => ({
      inputs: [{ name: "x", shape: [2, 8] }],
      outputs: ["y"],
      constants: [
        scalar("s", 0.037),
        zero("z", 12, "uint8"),
        { name: "shape", shape: [1], values: [16], type: "int64" },
      ],
      nodes: [
        { op: "QuantizeLinear", inputs: ["x", ...scales], outputs: ["a"] },
        { op: "DequantizeLinear", inputs: ["a", ...scales], outputs: ["b"] },
        ...again,
        { op: "Reshape", inputs: [last, "shape"], outputs: ["y"] },
      ],
    });
    const once = model([], "b");
    const twice = model(
      [
        { op: "Transpose", inputs: ["b"], outputs: ["c"], attributes: { perm: [1, 0] } },
        { op: "QuantizeLinear", inputs: ["c", ...scales], outputs: ["d"] },
        { op: "DequantizeLinear", inputs: ["d", ...scales], outputs: ["e"] },
      ],
      "e",
    );
    const [one, other] = [once, twice].map((given) => compile(buildOnnx(given), { name: "levels" }).report.constraints);
    expect(other).to.equal(one);
  });

  it("give ONNX Runtime's int8 outputs exactly for QLinearConv and QLinearMatMul", async () => {
    const shared: TestConstant[] = [
      scalar("xs", 0.031),
      zero("xz", 7, "uint8"),
      scalar("ws", 0.0047),
      zero("wz", 3, "uint8"),
      scalar("ys", 0.027),
      zero("yz", 100, "uint8"),
    ];
    const around = (values: readonly number[]): number[] => values.map((value) => value + 128);
    await expectConforms(
      {
        inputs: [{ name: "x", shape: [1, 2, 4, 4], type: TYPES.uint8 }],
        outputs: ["y"],
        constants: [
          ...shared,
          { name: "w", shape: [2, 2, 3, 3], values: around(draw(36, 127, 11)), type: "uint8" },
          { name: "b", shape: [2], values: [500, -3000], type: "int32" },
        ],
        nodes: [{ op: "QLinearConv", inputs: ["x", "xs", "xz", "w", "ws", "wz", "ys", "yz", "b"], outputs: ["y"] }],
      },
      { exact: true },
    );
    await expectConforms(
      {
        inputs: [{ name: "x", shape: [2, 6], type: TYPES.uint8 }],
        outputs: ["y"],
        constants: [...shared, { name: "w", shape: [6, 3], values: around(draw(18, 127, 13)), type: "uint8" }],
        nodes: [{ op: "QLinearMatMul", inputs: ["x", "xs", "xz", "w", "ws", "wz", "ys", "yz"], outputs: ["y"] }],
      },
      { exact: true },
    );
  });

  it("multiply integers exactly", async () => {
    await expectConforms(
      {
        inputs: [{ name: "x", shape: [2, 4], type: TYPES.uint8 }],
        outputs: ["y"],
        constants: [
          { name: "w", shape: [4, 3], values: draw(12, 127, 17), type: "int8" },
          zero("xz", 12, "uint8"),
          { name: "wz", shape: [3], values: [1, -2, 3], type: "int8" },
        ],
        nodes: [{ op: "MatMulInteger", inputs: ["x", "w", "xz", "wz"], outputs: ["y"] }],
      },
      { exact: true },
    );
    await expectConforms(
      {
        inputs: [{ name: "x", shape: [1, 1, 4, 4], type: TYPES.uint8 }],
        outputs: ["y"],
        constants: [
          { name: "w", shape: [2, 1, 2, 2], values: [1, 2, 3, 4, 255, 0, 17, 9], type: "uint8" },
          zero("xz", 200, "uint8"),
        ],
        nodes: [{ op: "ConvInteger", inputs: ["x", "w", "xz"], outputs: ["y"] }],
      },
      { exact: true },
    );
  });

  it("take what a dynamic quantizer writes, within half a step of its scale", async () => {
    await expectConforms(
      {
        inputs: [{ name: "x", shape: [1, 6] }],
        outputs: ["y"],
        constants: [
          { name: "w", shape: [6, 4], values: draw(24, 127, 23), type: "int8" },
          zero("wz", 0, "int8"),
          scalar("ws", 0.008),
        ],
        nodes: [
          { op: "DynamicQuantizeLinear", inputs: ["x"], outputs: ["q", "s", "z"] },
          { op: "MatMulInteger", inputs: ["q", "w", "z", "wz"], outputs: ["i"] },
          { op: "Cast", inputs: ["i"], outputs: ["f"], attributes: { to: TYPES.float } },
          { op: "Mul", inputs: ["s", "ws"], outputs: ["m"] },
          { op: "Mul", inputs: ["f", "m"], outputs: ["y"] },
        ],
      },
      { most: 3000, tolerance: 0.06 },
    );
  });

  it("refuse scales that are zero, negative or of another number than the axis", () => {
    const model = (scale: TestConstant): TestModel => ({
      inputs: [{ name: "x", shape: [2, 3] }],
      outputs: ["y"],
      constants: [scale, { name: "z", shape: scale.shape, values: scale.values.map(() => 0), type: "uint8" }],
      nodes: [{ op: "QuantizeLinear", name: "quantizer", inputs: ["x", "s", "z"], outputs: ["y"] }],
    });
    for (const values of [[0], [-0.5], [0.1, 0.2]]) {
      const scale = { name: "s", shape: values.length === 1 ? [] : [values.length], values };
      try {
        compile(buildOnnx(model(scale)), { name: "bad" });
      } catch (error) {
        if (!(error instanceof CompileError)) throw error;
        expect(error.diagnostics[0]?.node).to.equal("quantizer");
        continue;
      }
      expect.fail(`scale ${values.join()} was taken`);
    }
  });
});
