import { expectConforms } from "../conformance.ts";

const LOWEST = -3.4028234663852886e38;
const scores = { inputs: [{ kind: "int", bits: 8, decimals: 1 }], most: 60 } as const;

describe("numbers that hide others", () => {
  it("are below all that a largest of scores can be, whatever their shape", () =>
    expectConforms(
      {
        inputs: [{ name: "x", shape: [1, 3, 3] }],
        outputs: ["y", "least"],
        constants: [
          { name: "mask", shape: [3, 3], values: [0, LOWEST, LOWEST, 0, 0, LOWEST, 0, 0, 0] },
          { name: "lowest", shape: [], values: [LOWEST] },
          { name: "highest", shape: [1, 1, 1, 1], values: [-LOWEST] },
        ],
        nodes: [
          { op: "Add", inputs: ["x", "mask"], outputs: ["hidden"] },
          { op: "Max", inputs: ["hidden", "lowest"], outputs: ["bounded"] },
          { op: "Softmax", inputs: ["bounded"], outputs: ["y"], attributes: { axis: -1 } },
          { op: "Min", inputs: ["x", "highest"], outputs: ["least"] },
        ],
      },
      scores,
    ));

  it("stay where a gate scatters the scores that it chose", () =>
    expectConforms(
      {
        inputs: [{ name: "x", shape: [1, 4] }],
        outputs: ["y"],
        constants: [
          { name: "none", shape: [1, 4], values: [-Infinity, -Infinity, -Infinity, -Infinity] },
          { name: "two", shape: [1], values: [2], type: "int64" },
          { name: "order", shape: [1, 4], values: [0, 0.03, 0.01, 0.02] },
        ],
        nodes: [
          { op: "Add", inputs: ["x", "order"], outputs: ["apart"] },
          { op: "TopK", inputs: ["apart", "two"], outputs: ["best", "places"] },
          { op: "ScatterElements", inputs: ["none", "places", "best"], outputs: ["kept"], attributes: { axis: 1 } },
          { op: "Softmax", inputs: ["kept"], outputs: ["y"], attributes: { axis: 1 } },
        ],
      },
      scores,
    ));
});
