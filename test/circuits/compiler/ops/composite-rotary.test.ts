import { expectConforms } from "../conformance.ts";
import { type TestAttribute, TYPES } from "../build-onnx.ts";

const int8 = { kind: "int", bits: 8, decimals: 1 } as const;

const angles = (count: number, of: (x: number) => number): number[] =>
  Array.from({ length: count }, (_, at) => of(at * 0.7));

interface Case {
  readonly shape: readonly number[];
  readonly cache: readonly number[];
  readonly positions?: readonly number[];
  readonly computed?: boolean;
  readonly attributes?: Readonly<Record<string, TestAttribute>>;
}

function rotary({ shape, cache, positions, computed = false, attributes = {} }: Case) {
  const count = cache.reduce((product, size) => product * size, 1);
  const length = shape[shape.length - 2] ?? 0;
  return {
    opset: 23,
    inputs: [{ name: "x", shape }, ...(computed ? [{ name: "p", shape: [1, length], type: TYPES.int64 }] : [])],
    outputs: ["y"],
    constants: [
      { name: "cos", shape: cache, values: angles(count, Math.cos) },
      { name: "sin", shape: cache, values: angles(count, Math.sin) },
      ...(positions === undefined ? [] : [{ name: "p", shape: [1, length], values: positions, integers: true }]),
    ],
    nodes: [
      {
        op: "RotaryEmbedding",
        inputs: ["x", "cos", "sin", ...(computed || positions !== undefined ? ["p"] : [])],
        outputs: ["y"],
        attributes,
      },
    ],
  };
}

describe("a rotary embedding", function () {
  this.timeout(60_000);

  for (const [what, model] of [
    ["turns halves", { shape: [1, 2, 3, 4], cache: [1, 3, 2] }],
    ["turns neighbours", { shape: [1, 2, 3, 4], cache: [1, 3, 2], attributes: { interleaved: 1 } }],
    ["splits three dimensions into heads", { shape: [1, 3, 8], cache: [1, 3, 2], attributes: { num_heads: 2 } }],
    ["looks known positions up", { shape: [1, 2, 3, 4], cache: [5, 2], positions: [4, 0, 2] }],
    [
      "leaves what is beyond the rotated elements",
      { shape: [1, 1, 2, 6], cache: [3, 2], positions: [1, 2], attributes: { rotary_embedding_dim: 4 } },
    ],
  ] as const satisfies readonly (readonly [string, Case])[])
    it(what, async () => {
      await expectConforms(rotary(model), { inputs: [int8], tolerance: 0.03 });
    });

  it("looks computed positions up", async () => {
    await expectConforms(rotary({ shape: [1, 1, 2, 4], cache: [4, 2], computed: true }), {
      inputs: [int8, { kind: "uint", bits: 2, decimals: 0 }],
      tolerance: 0.06,
    });
  });
});
