import type { IntegerGraph } from "../../../../circuits/compiler/index.ts";
import type { Layer } from "../../../../circuits/compiler/graph/layer.ts";
import { buildMatrix } from "../../../../circuits/compiler/graph/matrix.ts";
import { layerSize } from "../../../../circuits/compiler/layers/table.ts";

export interface LayerGraph {
  readonly name: string;
  readonly graph: IntegerGraph;
}

interface Input {
  readonly kind: "int" | "uint";
  readonly bits: number;
  readonly size: number;
}

/** The last layer's value is the output; the element type of all outputs holds whatever these layers give. */
function graphOf(name: string, { kind, bits, size }: Input, ...layers: Layer[]): LayerGraph {
  const last = layers.at(-1);
  const graph: IntegerGraph = {
    name,
    inputs: [{ name: "x", kind, bits, decimals: 0, shape: [size] }],
    outputs: [{ name: "y", kind: "int", bits: 16, decimals: 0, shape: [last === undefined ? size : layerSize(last)] }],
    layers,
    origins: layers.map(() => ({ nodes: [], ops: [], shape: [] })),
    results: [layers.length],
  };
  return { name, graph };
}

const groups = (classes: number) => ({ outer: 1, classes, inner: 1 });
const pair: Input = { kind: "int", bits: 2, size: 2 };
const nibble: Input = { kind: "int", bits: 4, size: 1 };

const mixed: Layer = {
  kind: "linear",
  inputs: [0],
  matrix: buildMatrix(2, 2, (row, add) => {
    add(0, row === 0 ? 3 : -2);
    add(1, row === 0 ? -1 : 5);
  }),
  bias: Float64Array.of(1, -2),
};

/** Each kind of layer on a few bits: small enough for every witness to be found. */
export const LAYER_GRAPHS: readonly LayerGraph[] = [
  graphOf("linear", pair, mixed),
  graphOf("rescale", pair, mixed, { kind: "rescale", inputs: [1], size: 2, shift: 2 }),
  graphOf("relu", pair, mixed, { kind: "relu", inputs: [1], size: 2, shift: 1 }),
  graphOf("clip", pair, mixed, { kind: "clip", inputs: [1], size: 2, shift: 1, min: -1, max: 2 }),
  graphOf("clip above", pair, mixed, { kind: "clip", inputs: [1], size: 2, shift: 0, min: null, max: 2 }),
  graphOf("argmax", { ...pair, size: 3 }, { kind: "argmax", inputs: [0], ...groups(3), gives: "index" }),
  graphOf("winners", pair, mixed, { kind: "argmax", inputs: [1], ...groups(2), gives: "onehot" }),
  graphOf("max", { ...pair, size: 3 }, { kind: "max", inputs: [0], ...groups(3) }),
  graphOf("ranking", pair, { kind: "ranking", inputs: [0], ...groups(2), count: 2 }),
  graphOf("product", pair, {
    kind: "product",
    inputs: [0, 0],
    left: Int32Array.of(0, 0, 1),
    right: Int32Array.of(0, 1, 1),
  }),
  graphOf(
    "quotient",
    pair,
    mixed,
    { kind: "quotient", inputs: [1, 0], left: Int32Array.of(0, 1), right: Int32Array.of(1, 1) },
    { kind: "quotient", inputs: [2, 1], left: Int32Array.of(0, 1, 1), right: Int32Array.of(0, 1, 0) },
  ),
  graphOf("bitand", pair, mixed, {
    kind: "bitand",
    inputs: [0, 1],
    left: Int32Array.of(0, 1, 1),
    right: Int32Array.of(0, 0, 1),
  }),
  graphOf("mask", pair, mixed, { kind: "mask", inputs: [1], size: 2, masks: [-3, 6] }),
  graphOf("step", pair, mixed, { kind: "step", inputs: [1], size: 2 }),
  graphOf("table of pieces", nibble, {
    kind: "piecewise",
    inputs: [0],
    size: 1,
    shift: 1,
    starts: [-6, -1, 3],
    end: 7,
    values: [5, -4, 9],
    slopes: [1, 3, -2],
  }),
  graphOf(
    "table of values",
    { kind: "uint", bits: 2, size: 1 },
    {
      kind: "piecewise",
      inputs: [0],
      size: 1,
      shift: 0,
      starts: [0, 1, 2, 3],
      end: 3,
      values: [9, -4, 7, 1],
      slopes: [0, 0, 0, 0],
    },
  ),
  graphOf("onehot", { kind: "uint", bits: 4, size: 1 }, { kind: "onehot", inputs: [0], size: 1, count: 16 }),
  graphOf("onehot of what may lie outside", nibble, { kind: "onehot", inputs: [0], size: 1, count: 5 }),
  graphOf(
    "trees",
    { kind: "uint", bits: 2, size: 2 },
    {
      kind: "trees",
      inputs: [0],
      size: 2,
      tests: [
        { element: 0, edges: [1] },
        { element: 0, edges: [2, 3] },
        { element: 1, edges: [2] },
      ],
      nodes: [
        { test: 0, low: -1, high: 1 },
        { test: 2, low: -2, high: 2 },
        { test: 1, low: -3, high: -4 },
        { test: 1, low: -2, high: -4 },
      ],
      roots: [0, 3],
      matrix: buildMatrix(2, 4, (row, add) =>
        [5, 17, -6, 33].forEach((weight, leaf) => add(leaf, weight * (row + leaf))),
      ),
      bias: Float64Array.of(1, 2),
    },
  ),
];
