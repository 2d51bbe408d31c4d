import { expect } from "chai";
import fc from "fast-check";
import { z } from "zod";

import {
  CompileError,
  decodeGraph,
  encodeGraph,
  evaluate,
  type IntegerGraph,
  lower,
} from "../../../../circuits/compiler/index.ts";
import { assertSatisfied } from "../../../../circuits/format/check-witness.ts";
import { elementCount, elementRange } from "../../../../circuits/format/tensor.ts";
import { LAYER_GRAPHS } from "./layer-graphs.ts";

const record = z.record(z.string(), z.unknown());
const editableGraph = z.looseObject({
  inputs: z.array(record),
  layers: z.array(record),
  origins: z.array(z.unknown()),
});
type Editable = z.infer<typeof editableGraph>;

const SEED = 20_240_517;
const RUNS = 150;

const anyJson = z.json();
type Json = z.infer<typeof anyJson>;

function parse(text: string): Json {
  return anyJson.parse(JSON.parse(text));
}

const jsonOf = (graph: IntegerGraph): Json => parse(new TextDecoder().decode(encodeGraph(graph)));

/** JSON has no NaN and no infinity, but 1e400 is read as one. */
const bytesOf = (json: Json): Uint8Array =>
  new TextEncoder().encode(
    JSON.stringify(json, (_, value: Json) => (value === Infinity ? "1e400!" : value)).replaceAll('"1e400!"', "1e400"),
  );

/** Every place in a graph that says something. */
function placesOf(json: Json, path: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  if (json === null || typeof json !== "object") return [path];
  return [
    path,
    ...Object.entries(json).flatMap(([key, part]) =>
      placesOf(part, [...path, Array.isArray(json) ? Number(key) : key]),
    ),
  ];
}

function change(json: Json, [key, ...rest]: readonly (string | number)[], by: (part: Json) => Json): Json {
  if (key === undefined) return by(json);
  if (Array.isArray(json)) return json.map((part, at) => (at === key ? change(part, rest, by) : part));
  if (json === null || typeof json !== "object") return json;
  return Object.fromEntries(
    Object.entries(json).map(([name, part]) => [name, name === key ? change(part, rest, by) : part]),
  );
}

const NUMBERS = [
  ...[
    -1,
    0,
    -0,
    1,
    2,
    3,
    4,
    5,
    7,
    8,
    16,
    0.5,
    -2,
    -3,
    -9,
    64,
    250,
    251,
    2 ** 24,
    2 ** 31 - 1,
    2 ** 31,
    2 ** 32,
    2 ** 32 + 1,
  ],
  ...[2 ** 53 - 1, 2 ** 53, -(2 ** 53) + 1, 1e308, -1e308, Infinity],
];
const hostile = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom<Json>(...NUMBERS) },
  { weight: 1, arbitrary: fc.constantFrom<Json>(null, true, "", "onehot", "int", "uint", "index", [], {}) },
);

const damage = fc.record({
  place: fc.nat(),
  way: fc.constantFrom("replace", "replace", "replace", "nudge", "drop", "repeat", "reverse"),
  value: hostile,
  at: fc.nat(),
});
type Damage = typeof damage extends fc.Arbitrary<infer Value> ? Value : never;

function damaged(json: Json, { place, way, value, at }: Damage): Json {
  const places = placesOf(json).filter(([first]) => first !== "format" && first !== "name" && first !== "origins");
  return change(json, places[place % places.length] ?? [], (part) => {
    if (typeof part === "number") return way === "nudge" ? part + (at % 2 === 0 ? 1 : -1) : value;
    if (!Array.isArray(part) || part.length === 0) return value;
    const index = at % part.length;
    if (way === "drop") return part.filter((_, other) => other !== index);
    if (way === "repeat") return [...part, part[index] ?? null];
    return way === "reverse" ? part.toReversed() : value;
  });
}

/** Zeros, both ends of the types, and something between. */
function samplesOf({ inputs }: IntegerGraph): bigint[][][] {
  return [0n, 1n, 2n, 3n].map((way) =>
    inputs.map((spec) => {
      const { min, max } = elementRange(spec);
      const span = max - min + 1n;
      return Array.from({ length: elementCount(spec) }, (_, at) =>
        way === 0n ? 0n : way === 1n ? min : way === 2n ? max : min + ((0x9e3779b9n * BigInt(at + 3)) % span),
      );
    }),
  );
}

function expectRightOrRefused(json: Json): "refused" | "right" {
  let graph: IntegerGraph;
  try {
    graph = decodeGraph(bytesOf(json));
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
    expect(error.code).to.equal("GRAPH_INVALID");
    return "refused";
  }
  let circuit;
  try {
    circuit = lower(graph);
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
    expect(error.code).to.equal("MODEL_UNSUPPORTED");
    return "refused";
  }
  for (const inputs of samplesOf(graph)) {
    const { witness, outputs } = circuit.witness(inputs, 5n);
    expect(outputs).to.deep.equal(evaluate(graph, inputs));
    assertSatisfied(circuit.system, witness);
  }
  expect(lower(decodeGraph(encodeGraph(graph))).system).to.deep.equal(circuit.system);
  return "right";
}

describe("a graph from somebody else", function () {
  this.timeout(60_000);

  for (const { name, graph } of LAYER_GRAPHS)
    it(`is refused, or has a circuit that is right, whatever is damaged: ${name}`, () => {
      const json = jsonOf(graph);
      expect(expectRightOrRefused(json)).to.equal("right");
      const counts = { refused: 0, right: 0 };
      fc.assert(
        fc.property(fc.array(damage, { minLength: 1, maxLength: 3 }), (ways) => {
          counts[expectRightOrRefused(ways.reduce(damaged, json))]++;
        }),
        { numRuns: RUNS, seed: SEED },
      );
      expect(counts.refused, "refused").to.be.greaterThan(0);
      expect(counts.right, "right").to.be.greaterThan(0);
    });
});

describe("a small graph that names something large", function () {
  this.timeout(60_000);

  const [linear, product, trees] = ["linear", "product", "trees"].map((kind) => {
    const found = LAYER_GRAPHS.find(({ name }) => name === kind)?.graph;
    if (found === undefined) throw new RangeError(`there is no graph of ${kind}`);
    return found;
  });
  const refused = (graph: IntegerGraph | undefined, edit: (graph: Editable) => void): string => {
    if (graph === undefined) throw new RangeError("no graph");
    const editable = editableGraph.parse(JSON.parse(new TextDecoder().decode(encodeGraph(graph))));
    edit(editable);
    editable.origins = editable.layers.map(() => ({ nodes: [], ops: [], shape: [] }));
    try {
      decodeGraph(new TextEncoder().encode(JSON.stringify(editable)));
    } catch (error) {
      if (error instanceof CompileError && error.code === "GRAPH_INVALID") return error.message;
      throw error;
    }
    return "not refused";
  };

  it("is refused where an index would wrap around", () => {
    for (const index of [2 ** 31, 2 ** 32])
      expect(refused(product, ({ layers: [layer] }) => Object.assign(layer ?? {}, { left: [index, 0, 1] }))).to.match(
        /left/,
      );
    expect(
      refused(linear, ({ layers: [layer] }) =>
        Object.assign(layer ?? {}, {
          rows: [
            { at: [2 ** 32], weights: [1] },
            { at: [0], weights: [1] },
          ],
        }),
      ),
    ).to.match(/layers.0: Invalid/);
  });

  it("is refused at the first square that is too large, of a hundred", () => {
    const square = (id: number) => ({ kind: "product", inputs: [id, id], left: [0], right: [0] });
    const message = refused(product, (graph) => {
      graph.layers = [...graph.layers, ...Array.from({ length: 100 }, (_, at) => square(at + 1))];
    });
    expect(message).to.match(/2\^252/);
  });

  it("is refused for elements that a short layer makes or takes", () => {
    const onehot = { kind: "onehot", inputs: [0], size: 2, count: 2 ** 31 };
    expect(refused(product, (graph) => (graph.layers = [onehot]))).to.match(/elements/);
    const repeated = { kind: "linear", inputs: Array<number>(2 ** 16).fill(0), columns: 2 ** 33, bias: [0] };
    expect(
      refused(product, (graph) => {
        Object.assign(graph.inputs[0] ?? {}, { shape: [2 ** 17] });
        graph.layers = [{ ...repeated, rows: [{ at: [0], weights: [1] }] }];
      }),
    ).to.match(/elements/);
    const argmax = { kind: "argmax", inputs: [0], outer: 1, classes: 2 ** 20, inner: 1, gives: "index" };
    expect(
      refused(product, (graph) => {
        Object.assign(graph.inputs[0] ?? {}, { shape: [2 ** 20] });
        graph.layers = [argmax];
      }),
    ).to.match(/pairs/);
  });

  it("is refused for trees with too many leaves or too long a way down", () => {
    expect(
      refused(trees, ({ layers: [layer] }) => Object.assign(layer?.["leaves"] ?? {}, { columns: 2 ** 40 })),
    ).to.match(/leaves/);
    const nodes = Array.from({ length: 50_000 }, (_, at) => ({ test: 0, low: at === 49_999 ? -1 : at + 1, high: -2 }));
    expect(refused(trees, ({ layers: [layer] }) => Object.assign(layer ?? {}, { nodes, roots: [0] }))).to.match(
      /way down/,
    );
  });
});
