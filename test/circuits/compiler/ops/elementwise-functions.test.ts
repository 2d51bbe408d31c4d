import { expectConforms } from "../conformance.ts";

/** With the line x * factor + offset on which each is asked, for x from -12.8 to 12.7. */
const FUNCTIONS: readonly (readonly [op: string, factor: number, offset: number])[] = [
  ["Reciprocal", 0.3, 5],
  ["Sqrt", 1, 13],
  ["Exp", 0.2, -1],
  ["Log", 1, 14],
  ["Erf", 0.2, 0],
  ["Sin", 1, 0],
  ["Cos", 1, 1],
  ["Tan", 0.1, 0],
  ["Asin", 0.07, 0],
  ["Acos", 0.07, 0],
  ["Atan", 1, 0],
  ["Sinh", 0.2, 0],
  ["Cosh", 0.2, 0],
  ["Asinh", 1, 0],
  ["Acosh", 1, 14],
  ["Atanh", 0.07, 0],
];

describe("functions of one number", function () {
  this.timeout(60_000);

  for (const [op, factor, offset] of FUNCTIONS)
    it(`${op} is close to ONNX Runtime's`, async () => {
      await expectConforms(
        {
          inputs: [{ name: "x", shape: ["n", 4] }],
          outputs: ["y"],
          constants: [
            { name: "factor", shape: [], values: [factor] },
            { name: "offset", shape: [], values: [offset] },
          ],
          nodes: [
            { op: "Mul", inputs: ["x", "factor"], outputs: ["scaled"] },
            { op: "Add", inputs: ["scaled", "offset"], outputs: ["line"] },
            { op, inputs: ["line"], outputs: ["y"] },
          ],
        },
        { inputs: [{ kind: "int", bits: 8, decimals: 1 }] },
      );
    });
});
