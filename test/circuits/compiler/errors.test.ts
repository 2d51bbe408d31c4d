import { expect } from "chai";

import {
  compile,
  CompileError,
  type CompileOptions,
  decodeGraph,
  type Diagnostic,
  encodeGraph,
} from "../../../circuits/compiler/index.ts";
import { ProgramBuilder } from "../../../circuits/compiler/lower/program-builder.ts";
import { inferRanges } from "../../../circuits/compiler/passes/infer-ranges.ts";
import { buildMlp, buildOnnx, type TestConstant, type TestModel, type TestNode } from "./build-onnx.ts";

function failure(run: () => unknown): CompileError {
  try {
    run();
  } catch (error) {
    if (error instanceof CompileError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

function diagnose(onnx: Uint8Array, options: Partial<CompileOptions> = {}): readonly Diagnostic[] {
  return failure(() => compile(onnx, { name: "bad", ...options })).diagnostics;
}

const codes = (found: readonly Diagnostic[]): string[] => found.map(({ code, node }) => `${code} ${node}`);

function model(nodes: readonly TestNode[], part: Partial<TestModel> = {}): Uint8Array {
  return buildOnnx({ inputs: [{ name: "x", shape: ["N", 4] }], outputs: ["y"], nodes, ...part });
}

const uint8 = { inputs: [{ kind: "uint", bits: 8, decimals: 0 }] } as const;
const weights = (value: number): TestConstant => ({
  name: "w",
  shape: [4, 2],
  values: new Array<number>(8).fill(value),
});
const INT64 = 7;

describe("the compiler", () => {
  it("names every node without a circuit at once, with its operator and advice", () => {
    const found = diagnose(
      model([
        { op: "RandomNormalLike", name: "noise", inputs: ["x"], outputs: ["a"] },
        { op: "Det", name: "volume", inputs: ["a"], outputs: ["b"] },
        { op: "Relu", name: "fine", inputs: ["b"], outputs: ["c"] },
        { op: "Relu", name: "foreign", domain: "ai.onnx.ml", inputs: ["c"], outputs: ["d"] },
        { op: "Relu", name: "own", domain: "org.acme", inputs: ["d"], outputs: ["e"] },
        { op: "FusedConv", name: "fused", domain: "com.microsoft", inputs: ["e"], outputs: ["f"] },
        { op: "Conv", name: "blocked", domain: "com.microsoft.nchwc", inputs: ["f"], outputs: ["g"] },
        { op: "QMystery", name: "quantized", domain: "com.microsoft", inputs: ["g"], outputs: ["y"] },
      ]),
    );
    expect(codes(found)).to.deep.equal([
      "OP_UNSUPPORTED noise",
      "OP_UNSUPPORTED volume",
      "OP_UNSUPPORTED foreign",
      "DOMAIN_UNKNOWN own",
      "OP_UNSUPPORTED fused",
      "OP_UNSUPPORTED blocked",
      "OP_UNSUPPORTED quantized",
    ]);
    expect(found.map(({ op }) => op)).to.deep.equal([
      "RandomNormalLike",
      "Det",
      "ai.onnx.ml.Relu",
      "org.acme.Relu",
      "com.microsoft.FusedConv",
      "com.microsoft.nchwc.Conv",
      "com.microsoft.QMystery",
    ]);
    expect(found[0]?.message).to.include("draw the numbers outside").and.to.include("without the Zkml level");
    expect(found[1]?.message).to.include("docs/operators.md");
    expect(found[3]?.message).to.include('"org.acme"');
    for (const { message } of found.slice(4, 6)) expect(message).to.include("ORT_ENABLE_BASIC");
    expect(found[6]?.message).to.include("QuantFormat.QDQ");
  });

  it("names what is wrong with the file, its values and its operators in one run", () => {
    const found = diagnose(
      model(
        [
          { op: "Add", name: "sum", inputs: ["x", "diverged"], outputs: ["a"] },
          { op: "Add", name: "loose", inputs: ["a", "nowhere"], outputs: ["b"] },
          { op: "Det", name: "volume", inputs: ["b"], outputs: ["y"] },
        ],
        { constants: [{ name: "diverged", shape: [4], values: [0, 1, NaN, 3] }], opset: 6 },
      ),
    );
    expect(codes(found)).to.deep.equal([
      "VALUE_NOT_FINITE diverged",
      "VALUE_MISSING loose",
      "OP_UNSUPPORTED volume",
      "OPSET_UNSUPPORTED ",
    ]);
  });

  it("names each dynamic dimension that is not the batch", () => {
    const found = diagnose(
      model([{ op: "Relu", inputs: ["x"], outputs: ["y"] }], {
        inputs: [{ name: "x", shape: ["n", "width", 3, "depth"] }],
      }),
    );
    expect(codes(found)).to.deep.equal(["SHAPE_DYNAMIC x", "SHAPE_DYNAMIC x"]);
    expect(found[0]?.message).to.include('dimension 1 ("width")');
    expect(found[1]?.message).to.include('dimension 3 ("depth")');
  });

  it("takes an open batch as 1, however it is written", () => {
    for (const batch of ["N", "", -1, 0, 1]) {
      const { inputs } = compile(
        model([{ op: "Relu", inputs: ["x"], outputs: ["y"] }], { inputs: [{ name: "x", shape: [batch, 4] }] }),
        { name: "batch" },
      );
      expect(inputs[0]?.shape, String(batch)).to.deep.equal([1, 4]);
    }
  });

  it("tells a truncated file from one that is no model", () => {
    const onnx = buildMlp([4, 3, 2], 1);
    expect(codes(diagnose(onnx.slice(0, onnx.length - 9)))).to.deep.equal(["FILE_TRUNCATED "]);
    expect(codes(diagnose(new TextEncoder().encode("hello")))).to.deep.equal(["FILE_NOT_ONNX "]);
  });

  it("refuses opsets in which operators broadcast by attributes, and those that nobody runs yet", () => {
    const nodes = [{ op: "Relu", inputs: ["x"], outputs: ["y"] }];
    for (const opset of [6, 27, 1000])
      expect(codes(diagnose(model(nodes, { opset }))), String(opset)).to.deep.equal(["OPSET_UNSUPPORTED "]);
    expect(codes(diagnose(model(nodes, { mlOpset: 6 })))).to.deep.equal(["OPSET_UNSUPPORTED "]);
  });

  it("refuses decimals for an input that is an integer in the model", () => {
    const whole = { inputs: [{ name: "x", shape: [1, 4], type: INT64 }] };
    const found = diagnose(model([{ op: "Relu", inputs: ["x"], outputs: ["y"] }], whole), {
      inputs: [{ kind: "int", bits: 8, decimals: 1 }],
    });
    expect(codes(found)).to.deep.equal(["OPTION_INVALID x"]);
  });

  it("casts what is an integer already, and cuts constants as ONNX does", () => {
    const nodes = [
      { op: "Cast", inputs: ["half"], outputs: ["i"], attributes: { to: INT64 } },
      { op: "Cast", inputs: ["i"], outputs: ["f"], attributes: { to: 1 } },
      { op: "Add", inputs: ["x", "f"], outputs: ["y"] },
    ];
    const constants = [{ name: "half", shape: [4], values: [2.75, -2.75, 0.5, 7] }];
    const { graph } = compile(model(nodes, { constants }), {
      ...uint8,
      name: "cast",
      outputs: [{ kind: "int", bits: 16, decimals: 0 }],
    });
    const [layer] = graph.layers;
    expect(layer?.kind === "linear" ? [...layer.bias] : []).to.deep.equal(
      [2, -2, 0, 7].map((value) => value * scaleOf(graph)),
    );
  });

  it("refuses numbers that are not exact in 53 bits", () => {
    const product = [{ op: "MatMul", name: "product", inputs: ["x", "w"], outputs: ["y"] }];
    const huge = diagnose(model(product, { constants: [weights(3)] }), {
      ...uint8,
      outputs: [{ kind: "int", bits: 64, decimals: 18 }],
    });
    expect(codes(huge)).to.deep.equal(["PRECISION_LOST product"]);
    expect(huge[0]?.message).to.include("2^53").and.to.include("fewer decimals");
    const bound = { name: "high", shape: [], values: [1e30] };
    const clip = [{ op: "Clip", name: "cap", inputs: ["x", "", "high"], outputs: ["y"] }];
    expect(codes(diagnose(model(clip, { constants: [bound] }), uint8))).to.deep.equal(["PRECISION_LOST cap"]);
  });

  it("refuses to compute with infinite weights, but takes them for bounds and masks", () => {
    const infinite = [{ name: "w", shape: [4, 4], values: [-Infinity, ...new Array<number>(15).fill(1)] }];
    for (const op of ["MatMul", "Gemm"]) {
      const found = diagnose(
        model([{ op, name: "dense", inputs: ["x", "w"], outputs: ["y"] }], { constants: infinite }),
      );
      expect(codes(found)).to.deep.equal(["VALUE_NOT_FINITE dense"]);
      expect(found[0]?.message).to.include("-Infinity");
    }
    const row = [{ name: "w", shape: [4], values: [0, -Infinity, 1, 2] }];
    for (const op of ["Mul", "Max"])
      expect(
        codes(diagnose(model([{ op, name: op, inputs: ["x", "w"], outputs: ["y"] }], { constants: row }))),
      ).to.deep.equal([`VALUE_NOT_FINITE ${op}`]);
    const masked = [
      { op: "Add", inputs: ["x", "w"], outputs: ["scores"] },
      { op: "Softmax", inputs: ["scores"], outputs: ["y"], attributes: { axis: -1 } },
    ];
    expect(compile(model(masked, { constants: row }), { name: "mask" }).report.quantization.maxError).to.be.below(0.05);
  });

  it("keeps a bias exact beside weights that are tiny", () => {
    const nodes = [
      { op: "Gemm", name: "flat", inputs: ["x", "w", "b"], outputs: ["h"] },
      { op: "Relu", inputs: ["h"], outputs: ["y"] },
    ];
    const constants = [weights(1e-30), { name: "b", shape: [2], values: [0.5, -0.25] }];
    const { graph, report } = compile(model(nodes, { constants }), { ...uint8, name: "tiny" });
    expect(report.quantization.maxError).to.be.below(1e-6);
    expect(encodeGraph(decodeGraph(encodeGraph(graph)))).to.deep.equal(encodeGraph(graph));
  });

  it("refuses an output that does not fit its type", () => {
    const product = [{ op: "MatMul", inputs: ["x", "w"], outputs: ["y"] }];
    const found = diagnose(model(product, { constants: [weights(3)] }), {
      ...uint8,
      outputs: [{ kind: "int", bits: 8, decimals: 0 }],
    });
    expect(codes(found)).to.deep.equal(["OUTPUT_RANGE y"]);
  });

  describe("keeps every number below 2^252", () => {
    const chain = (links: number) => {
      const layer = (id: number) => ({
        kind: "linear" as const,
        inputs: [id],
        matrix: {
          rows: 1,
          columns: 1,
          start: Int32Array.of(0, 1),
          column: Int32Array.of(0),
          weight: Float64Array.of(2 ** 50),
        },
        bias: Float64Array.of(0),
      });
      const tensor = { kind: "int" as const, bits: 64, decimals: 0, shape: [1] };
      return {
        name: "chain",
        inputs: [{ name: "x", ...tensor }],
        outputs: [{ name: "y", ...tensor }],
        layers: Array.from({ length: links }, (_, index) => layer(index)),
        origins: Array.from({ length: links }, (_, index) => ({ nodes: [`link${index}`], ops: ["Mul"], shape: [1] })),
        results: [links],
      };
    };

    it("by intervals", () => {
      expect(inferRanges(chain(3))[3]?.[0]?.hi).to.equal(((1n << 63n) - 1n) << 150n);
      const { diagnostics } = failure(() => inferRanges(chain(4)));
      expect(codes(diagnostics)).to.deep.equal(["RANGE_OVERFLOW link3"]);
    });

    it("by the width of each decomposition", () => {
      const builder = new ProgramBuilder(1);
      const sum = { scalars: [], weights: [], constant: 1n };
      expect(builder.cut(sum, 252)).to.equal(1);
      expect(codes(failure(() => builder.cut(sum, 253)).diagnostics)).to.deep.equal(["RANGE_OVERFLOW "]);
    });

    it("in graphs that are read from bytes too", () => {
      for (const links of [3, 4]) {
        const { code, message } = failure(() => decodeGraph(encodeGraph(chain(links))));
        expect(code).to.equal("GRAPH_INVALID");
        expect(message).to.include(links === 3 ? 'the range of "y"' : "2^252");
      }
    });
  });
});

/** The one weight of a model that adds constants. */
function scaleOf(graph: ReturnType<typeof compile>["graph"]): number {
  const [layer] = graph.layers;
  return layer?.kind === "linear" ? (layer.matrix.weight[0] ?? 0) : 0;
}
