import { expectConforms } from "../conformance.ts";
import { type TestConstant, type TestAttribute, TYPES } from "../build-onnx.ts";

const int8 = { kind: "int", bits: 8, decimals: 1 } as const;

/** No query may see nothing. */
const FIRST: TestConstant = { name: "first", shape: [2, 1], values: [1, 1], type: "bool" };

interface Case {
  readonly shape: readonly number[];
  /** Of keys and values, if they are not the queries themselves. */
  readonly other?: readonly number[];
  readonly rest?: readonly string[];
  readonly outputs?: readonly string[];
  readonly constants?: readonly TestConstant[];
  readonly attributes?: Readonly<Record<string, TestAttribute>>;
  readonly masked?: boolean;
}

function attention({
  shape,
  other,
  rest = [],
  outputs = ["y"],
  constants = [],
  attributes = {},
  masked = false,
}: Case) {
  return {
    opset: 23,
    inputs: [
      { name: "x", shape },
      ...(other === undefined ? [] : [{ name: "k", shape: other }]),
      ...(masked ? [{ name: "others", shape: [2, 2], type: TYPES.bool }] : []),
    ],
    outputs: outputs.filter((name) => name !== ""),
    constants: [...constants, ...(masked ? [FIRST] : [])],
    nodes: [
      ...(masked ? [{ op: "Concat", inputs: ["first", "others"], outputs: ["mask"], attributes: { axis: 1 } }] : []),
      {
        op: "Attention",
        inputs: ["x", other === undefined ? "x" : "k", other === undefined ? "x" : "k", ...rest],
        outputs,
        attributes,
      },
    ],
  };
}

const ramp = (count: number): number[] => Array.from({ length: count }, (_, at) => ((at * 7) % 11) / 5 - 1);

describe("attention", function () {
  this.timeout(60_000);
  const heads = { q_num_heads: 2, kv_num_heads: 2 };

  for (const [what, model] of [
    ["sees all keys", { shape: [1, 2, 3, 2] }],
    ["splits three dimensions into heads", { shape: [1, 3, 4], attributes: heads }],
    [
      "hides what comes later, at a scale of its own",
      { shape: [1, 1, 3, 2], attributes: { is_causal: 1, scale: { float: 0.5 } } },
    ],
    ["shares keys among query heads", { shape: [1, 4, 2, 2], other: [1, 2, 3, 2] }],
    [
      "takes a mask of truth values",
      {
        shape: [1, 2, 2, 2],
        other: [1, 2, 3, 2],
        rest: ["seen"],
        constants: [{ name: "seen", shape: [2, 3], values: [1, 0, 1, 0, 1, 1], type: "bool" }],
      },
    ],
    [
      "adds a mask of numbers",
      {
        shape: [1, 2, 2, 2],
        other: [1, 2, 3, 2],
        rest: ["bias"],
        constants: [{ name: "bias", shape: [1, 1, 2, 3], values: [0, -0.5, 1, -3.4e38, 0, 0.25] }],
      },
    ],
    [
      "continues a past",
      {
        shape: [1, 2, 2, 2],
        rest: ["", "past_k", "past_v"],
        outputs: ["y", "keys", "values"],
        constants: [
          { name: "past_k", shape: [1, 2, 1, 2], values: ramp(4) },
          { name: "past_v", shape: [1, 2, 1, 2], values: ramp(4).reverse() },
        ],
        attributes: { is_causal: 1 },
      },
    ],
    ["caps its scores", { shape: [1, 1, 3, 2], attributes: { softcap: { float: 2 } } }],
    ...[0, 1, 2, 3].map(
      (mode) =>
        [
          `shows its scores in mode ${mode}`,
          {
            shape: [1, 1, 2, 2],
            rest: ["bias"],
            outputs: ["y", "", "", "scores"],
            constants: [{ name: "bias", shape: [2, 2], values: [0, -0.5, 1, 2] }],
            attributes: { qk_matmul_output_mode: mode, softcap: { float: 3 } },
          },
        ] as const,
    ),
  ] as const satisfies readonly (readonly [string, Case])[])
    it(what, async () => {
      await expectConforms(attention(model), {
        inputs: "other" in model ? [int8, int8] : [int8],
        most: 20,
        tolerance: 0.03,
      });
    });

  it("takes a computed mask", async () => {
    const model = attention({ shape: [1, 1, 2, 2], other: [1, 1, 3, 2], rest: ["mask"], masked: true });
    await expectConforms(model, {
      inputs: [int8, int8, { kind: "uint", bits: 1, decimals: 0 }],
      most: 20,
      tolerance: 0.03,
    });
  });
});
