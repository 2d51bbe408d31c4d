import fc from "fast-check";

import type { ElementOptions } from "../../../circuits/compiler/index.ts";
import { xorshift } from "../../../circuits/compiler/passes/xorshift.ts";
import { buildOnnx, type TestModel, TYPES } from "./build-onnx.ts";
import { COMPOSITE } from "./random-graphs-composite.ts";
import { Draft, sizeOf, type Step, type Value } from "./random-graphs-draft.ts";
import { CHOICE, ELEMENTWISE } from "./random-graphs-elementwise.ts";
import { LINEAR } from "./random-graphs-linear.ts";
import { INDEX, ORDER, SHAPE } from "./random-graphs-shape.ts";
import type { Integers } from "./random-graphs-soundness.ts";

/** By name. Each room comes up as often as any other. */
const ROOMS = [LINEAR, ELEMENTWISE, ORDER, SHAPE, COMPOSITE, LINEAR, ELEMENTWISE, { ...CHOICE, ...INDEX }].map((room) =>
  Object.entries(room),
);

export const FAMILIES: readonly string[] = [...new Set(ROOMS.flat().map(([name]) => name))];

/** What a random graph is drawn from; everything else follows. */
export interface GraphRecipe {
  readonly inputs: readonly InputRecipe[];
  readonly steps: readonly Step[];
  readonly seed: number;
}

interface InputRecipe {
  readonly shape: readonly number[];
  readonly element: keyof typeof ELEMENTS;
}

/** How numbers come in: the ONNX type, what it holds, and what makes a float of it. */
const ELEMENTS = {
  "float of 8 bits": { type: TYPES.float, kind: "int", bits: 8, decimals: 2 },
  "float of 16 bits": { type: TYPES.float, kind: "int", bits: 16, decimals: 4 },
  "float of 8 unsigned bits": { type: TYPES.float, kind: "uint", bits: 8, decimals: 2 },
  int8: { type: TYPES.int8, kind: "int", bits: 8, decimals: 0 },
  int16: { type: TYPES.int16, kind: "int", bits: 16, decimals: 0 },
  uint8: { type: TYPES.uint8, kind: "uint", bits: 8, decimals: 0 },
} as const;

const step: fc.Arbitrary<Step> = fc.record({
  family: fc.nat(999),
  from: fc.nat(99),
  other: fc.nat(99),
  seed: fc.integer({ min: 1, max: 99_999 }),
});

export const graphRecipes: fc.Arbitrary<GraphRecipe> = fc.record({
  inputs: fc.array(
    fc.record({
      shape: fc.constantFrom<readonly number[]>(
        [1, 4],
        [1, 6],
        [1, 5],
        [1, 8],
        [1, 2, 3],
        [1, 4, 4],
        [1, 1, 4, 4],
        [1, 2, 3, 4],
      ),
      element: fc.constantFrom<InputRecipe["element"]>(
        "float of 8 bits",
        "float of 16 bits",
        "float of 16 bits",
        "float of 8 unsigned bits",
        "int8",
        "int16",
        "uint8",
      ),
    }),
    { minLength: 1, maxLength: 2 },
  ),
  steps: fc.array(step, { minLength: 3, maxLength: 10, size: "max" }),
  seed: fc.nat(999_999),
});

export interface RandomGraph {
  readonly onnx: Uint8Array;
  readonly model: TestModel;
  /** Names of the families that it was drawn from. */
  readonly families: readonly string[];
  readonly elements: readonly ElementOptions[];
  /** Integer inputs, and the same as the real numbers that they stand for. */
  readonly inputs: readonly Integers[];
  readonly sampleInputs: readonly (readonly number[])[];
}

const OUTPUTS = 4;
const DRAWN = 20;

/** Draws a valid ONNX graph in which every node takes what another gave. */
export function buildRandomGraph(recipe: GraphRecipe): RandomGraph {
  const draft = new Draft();
  const families: string[] = [];
  recipe.inputs.forEach((input, at) => draft.values.push(appendInput(draft, input, at)));
  for (const drawn of recipe.steps) families.push(appendStep(draft, drawn));
  const open = draft.values.filter(({ name, input }) => !draft.consumed.has(name) && input !== true);
  const model: TestModel = {
    opset: 17,
    inputs: recipe.inputs.map(({ shape, element }, at) => ({ name: `x${at}`, shape, type: ELEMENTS[element].type })),
    outputs: open.slice(-OUTPUTS).map(({ name }) => name),
    constants: draft.constants,
    nodes: draft.nodes,
  };
  const elements = recipe.inputs.map(({ element }): ElementOptions => {
    const { kind, bits, decimals } = ELEMENTS[element];
    return { kind, bits, decimals };
  });
  const inputs = drawInputs(recipe, elements);
  const sampleInputs = inputs.map((tensors) =>
    tensors.flatMap((values, at) => values.map((value) => Number(value) / 10 ** (elements[at]?.decimals ?? 0))),
  );
  return { onnx: buildOnnx(model), model, families, elements, inputs, sampleInputs };
}

/** Integers become small real numbers, as quantized models take them. */
function appendInput(draft: Draft, { shape, element }: InputRecipe, at: number): Value {
  const { type, bits, decimals } = ELEMENTS[element];
  const input: Value = { name: `x${at}`, shape, type: "float", most: 2 ** bits / 10 ** decimals, input: true };
  if (type === TYPES.float) return input;
  if (type === TYPES.int16) {
    const real = draft.node("Cast", [input], {}, { to: TYPES.float });
    return draft.node("Div", [real, draft.constant([], [10_000])], { most: 3.3 });
  }
  const zero = draft.constant([], [type === TYPES.int8 ? -3 : 120], type === TYPES.int8 ? "int8" : "uint8");
  return draft.node("DequantizeLinear", [input, draft.constant([], [0.02]), zero], { most: 2.8 });
}

/** Appends the drawn family on the drawn value, or the next that fit; something always does. */
function appendStep(draft: Draft, drawn: Step): string {
  const room = drawn.family % ROOMS.length;
  for (const [name, family] of ROOMS.flatMap((_, turn) =>
    rotated(ROOMS[(room + turn) % ROOMS.length] ?? [], drawn.seed),
  )) {
    // The latest values come first, so that graphs grow deep.
    for (const x of rotated(draft.values.toReversed(), drawn.from)) {
      const given = family(draft, x, drawn);
      if (given === null) continue;
      draft.keep(given);
      return name;
    }
  }
  throw new Error("no family fits");
}

function rotated<Item>(items: readonly Item[], by: number): readonly Item[] {
  const start = by % items.length;
  return [...items.slice(start), ...items.slice(0, start)];
}

/** The ends of the types, then draws. */
function drawInputs({ inputs, seed }: GraphRecipe, elements: readonly ElementOptions[]): Integers[] {
  const next = xorshift((seed << 1) | 1);
  const fill = (share: () => number): bigint[][] =>
    inputs.map(({ shape }, at) => {
      const { kind, bits } = elements[at] ?? { kind: "int", bits: 8 };
      const least = kind === "uint" ? 0 : -(2 ** (bits - 1));
      return Array.from({ length: sizeOf(shape) }, () => BigInt(least + Math.floor(share() * (2 ** bits - 1) + 0.5)));
    });
  return [
    fill(() => 0),
    fill(() => 1),
    fill(() => (next() < 0.5 ? 0 : 1)),
    ...Array.from({ length: DRAWN }, () => fill(next)),
  ];
}
