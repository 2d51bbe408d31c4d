import { buildOnnx, TYPES, type TestGraph } from "../../../circuits/compiler/build-onnx.ts";

const WHOLE = { type: TYPES.int32 };
const x = { name: "x", shape: [1], ...WHOLE };
const y = ["y"];

/**
 * Models of one whole number each that do what no model should, in the real ONNX Runtime. They are well for every number
 * but 0, so that one process of each also shows a healthy run.
 */
export const POISON = {
  /** The smallest whole number divided by x - 1: the processor has none for its division by -1, and ends the process. */
  crashes: buildOnnx({
    inputs: [x],
    outputs: y,
    nodes: [
      { op: "Sub", inputs: ["x", "one"], outputs: ["divisor"] },
      { op: "Div", inputs: ["smallest", "divisor"], outputs: y },
    ],
    constants: [
      { name: "one", shape: [1], values: [1], type: "int32" },
      { name: "smallest", shape: [1], values: [-(2 ** 31)], type: "int32" },
    ],
  }),
  /** Counts as long as x is 0. */
  hangs: buildOnnx({ inputs: [x], outputs: y, ...countingWhileZero([]) }),
  /** Holds 800 MB while it counts. */
  hoards: buildOnnx({
    inputs: [x],
    outputs: y,
    ...countingWhileZero([
      { name: "size", shape: [1], values: [200_000_000], integers: true },
      { name: "one", shape: [1], values: [1], integers: true },
    ]),
  }),
} as const;

/** A loop whose condition stays true as long as x is 0; with a size, as many numbers are made first and used last. */
function countingWhileZero(sizes: NonNullable<TestGraph["constants"]>): Pick<TestGraph, "nodes" | "constants"> {
  const body: TestGraph = {
    inputs: [
      { name: "round", shape: [], type: TYPES.int64 },
      { name: "before", shape: [], type: TYPES.bool },
      { name: "count", shape: [1], type: TYPES.int32 },
    ],
    outputs: ["again", "more"],
    nodes: [
      { op: "Add", inputs: ["count", "step"], outputs: ["more"] },
      { op: "Identity", inputs: ["isZero"], outputs: ["again"] },
    ],
  };
  const hoard = sizes.length > 0;
  return {
    constants: [
      { name: "zero", shape: [1], values: [0], type: "int32" },
      { name: "step", shape: [1], values: [1], type: "int32" },
      { name: "scalar", shape: [0], values: [], integers: true },
      ...sizes,
    ],
    nodes: [
      { op: "Equal", inputs: ["x", "zero"], outputs: ["equal"] },
      { op: "Reshape", inputs: ["equal", "scalar"], outputs: ["isZero"] },
      ...(hoard
        ? [
            // Of x, so that it is not made when the model is loaded; of one number where x is not 0.
            { op: "Where", inputs: ["equal", "size", "one"], outputs: ["shape"] },
            { op: "Expand", inputs: ["x", "shape"], outputs: ["large"] },
          ]
        : []),
      {
        op: "Loop",
        inputs: ["", "isZero", "x"],
        outputs: hoard ? ["counted"] : y,
        attributes: { body: { graph: body } },
      },
      ...(hoard
        ? [
            { op: "ReduceMax", inputs: ["large"], outputs: ["largest"], attributes: { axes: [0] } },
            { op: "Max", inputs: ["counted", "largest"], outputs: y },
          ]
        : []),
    ],
  };
}
