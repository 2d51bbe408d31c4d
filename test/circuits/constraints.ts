import { globSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { z } from "zod";

import { compile, type CompileOptions } from "../../circuits/compiler/index.ts";
import { type Gadget, NOTHING, type Sum } from "../../circuits/compiler/gadgets/gadget.ts";
import { writeRows } from "../../circuits/compiler/gadgets/table.ts";
import { readModelSource } from "../../workers/publish/model-config.ts";
import { compileOptions } from "../../workers/publish/prepare-version.ts";
import {
  buildOnnx,
  seededWeights,
  type TestConstant,
  type TestModel,
  type TestNode,
  TYPES,
} from "./compiler/build-onnx.ts";
import { ensembleAttributes } from "./compiler/ops/ml-ensembles.ts";

const counts = z.record(z.string(), z.number());
const snapshot = z.object({ gadgets: counts, layers: counts, examples: counts });

/** Constraints by what they are of. */
export type Counts = Readonly<z.infer<typeof counts>>;

/** What `constraints.snapshot.json` holds. */
export type ConstraintCounts = Readonly<z.infer<typeof snapshot>>;

export const SNAPSHOT = join(import.meta.dirname, "constraints.snapshot.json");

export function readSnapshot(): ConstraintCounts {
  return snapshot.parse(JSON.parse(readFileSync(SNAPSHOT, "utf8")));
}

const ROOT = join(import.meta.dirname, "../..");
/** As large an ensemble as people boost, with the 255 bins of a feature that they use. */
export const GREAT_TREES = "100 trees of depth 6 on 30 features";

const ZERO: Sum = { scalars: [], weights: [], constant: 0n };

/** Each gadget at a stated width. */
const GADGETS: Readonly<Record<string, Gadget>> = {
  "bits, 16 of them": { kind: "bits", sum: ZERO, bits: 16, first: 1 },
  "relu of 16 bits": { kind: "relu", sum: ZERO, bits: 16, shift: 0, base: ZERO, first: 1 },
  "relu of 16 bits that drops 6": { kind: "relu", sum: ZERO, bits: 16, shift: 6, base: ZERO, first: 1 },
  "argmax of 10 within 16 bits": {
    kind: "argmax",
    sums: new Array<Sum>(10).fill(ZERO),
    gaps: new Array<number>(10).fill(16),
    first: 1,
  },
  product: { kind: "product", left: ZERO, right: ZERO, first: 1 },
  "quotient of 16 bits by 8": {
    kind: "quotient",
    dividend: ZERO,
    divisor: ZERO,
    base: 0n,
    quotientBits: 16,
    remainderBits: 8,
    first: 1,
  },
  "segments, 8 of 16 bits": {
    kind: "segments",
    sum: ZERO,
    starts: Array.from({ length: 8 }, (_, at) => BigInt(at) << 13n),
    ends: Array.from({ length: 8 }, (_, at) => (BigInt(at + 1) << 13n) - 1n),
    bits: 16,
    first: 1,
  },
  "Poseidon of 2": poseidonOf(2),
  "Poseidon of 16": poseidonOf(16),
  canonical: { kind: "canonical", sum: ZERO, first: 1 },
};

function poseidonOf(count: number): Gadget {
  return {
    kind: "poseidon",
    inputs: new Array<Sum>(count).fill(ZERO),
    direct: new Array<boolean>(count).fill(true),
    capacity: 1n,
    first: 1,
  };
}

export function gadgetCounts(): Counts {
  return mapValues(GADGETS, (gadget) => {
    let rows = 0;
    writeRows(gadget, { expand: () => NOTHING, product: () => rows++, zero: () => rows++ });
    return rows;
  });
}

const CONSTANTS: readonly TestConstant[] = [
  { name: "one", shape: [], values: [1] },
  { name: "two", shape: [1], values: [2], type: "int64" },
  { name: "four", shape: [], values: [4] },
  { name: "scale", shape: [6], values: [1, 1, 1, 1, 1, 1] },
  { name: "table", shape: [10, 4], values: seededWeights(40, 5) },
];

/** Numbers from -1.28 to 1.27. */
const BYTES = { kind: "int", bits: 8, decimals: 2 } as const;

/** One node each, on numbers of 8 bits: how layers are put together from gadgets. */
const LAYERS: Readonly<Record<string, Omit<TestModel, "outputs">>> = {
  "Relu of 4": onX([1, 4], { op: "Relu", inputs: ["x"] }),
  "MaxPool of 4": onX([1, 1, 2, 2], { op: "MaxPool", inputs: ["x"], attributes: { kernel_shape: [2, 2] } }),
  "ArgMax of 10": onX([1, 10], { op: "ArgMax", inputs: ["x"], attributes: { axis: 1 } }),
  "TopK, 2 of 6": onX([1, 6], { op: "TopK", inputs: ["x", "two"] }),
  "Mul of 4 by 4": onX([1, 4], { op: "Mul", inputs: ["x", "x"] }),
  "Div of 4 by 4": onX([1, 4], { op: "Div", inputs: ["one", "shifted"] }, [
    { op: "Add", inputs: ["x", "four"], outputs: ["shifted"] },
  ]),
  "Sigmoid of 4": onX([1, 4], { op: "Sigmoid", inputs: ["x"] }),
  "Softmax of 5": onX([1, 5], { op: "Softmax", inputs: ["x"] }),
  "LayerNormalization of 6": onX([1, 6], { op: "LayerNormalization", inputs: ["x", "scale"] }),
  "Gather of a row in 10 by 4": {
    ...onX([1], { op: "Gather", inputs: ["table", "x"] }),
    inputs: [{ name: "x", shape: [1], type: TYPES.int64 }],
  },
  [GREAT_TREES]: {
    ...onX([1, 30], {
      op: "TreeEnsembleRegressor",
      domain: "ai.onnx.ml",
      inputs: ["x"],
      attributes: ensembleAttributes("target", {
        trees: 100,
        depth: 6,
        features: 30,
        seed: 3,
        thresholds: (feature) => seededWeights(255, 7 * feature + 1, 20_000).map((value) => Math.floor(value) + 0.5),
      }),
    }),
    inputs: [{ name: "x", shape: [1, 30], type: TYPES.int16 }],
  },
  "10 trees of depth 4": onX([1, 6], {
    op: "TreeEnsembleRegressor",
    domain: "ai.onnx.ml",
    inputs: ["x"],
    attributes: ensembleAttributes("target", {
      trees: 10,
      depth: 4,
      features: 6,
      seed: 11,
      thresholds: () => [-0.7, -0.2, 0.3, 0.9],
    }),
  }),
};

function onX(
  shape: readonly number[],
  node: Omit<TestNode, "outputs">,
  before: readonly TestNode[] = [],
): Omit<TestModel, "outputs"> {
  const outputs = node.op === "TopK" ? ["y", "indices"] : ["y"];
  return { opset: 17, inputs: [{ name: "x", shape }], constants: CONSTANTS, nodes: [...before, { ...node, outputs }] };
}

/** Of the whole circuit, with its inputs, outputs and words. */
export function layerCounts(): Counts {
  return mapValues(LAYERS, (model) => {
    const [input] = model.inputs;
    const options: CompileOptions = { name: "layer", ...(input?.type === undefined ? { inputs: [BYTES] } : {}) };
    return compile(buildOnnx({ ...model, outputs: ["y"] }), options).report.constraints;
  });
}

/** Paths of the example models, by the name that the snapshot knows them by. */
export function exampleModels(): ReadonlyMap<string, string> {
  const paths = globSync(join(ROOT, "examples/*/*.onnx")).sort();
  return new Map(paths.map((path) => [relative(join(ROOT, "examples"), path).replace(/(\/model)?\.onnx$/, ""), path]));
}

export async function exampleCount(path: string): Promise<number> {
  const source = await readModelSource(path);
  return compile(source.onnx, compileOptions(source)).report.constraints;
}

function mapValues<From, To>(
  record: Readonly<Record<string, From>>,
  to: (value: From) => To,
): Readonly<Record<string, To>> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, to(value)]));
}
