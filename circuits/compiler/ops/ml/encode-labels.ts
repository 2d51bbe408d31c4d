import type { GraphBuilder } from "../../build/graph-builder.ts";
import type { NodeView } from "../../build/node-view.ts";
import { knownTensor, retyped, sizeOf, type Tensor } from "../../build/tensor.ts";
import { NodeProblem } from "../../compile-error.ts";
import { EXACT, FREE, type Op } from "../op.ts";
import { plantForest, type Tree } from "./forest.ts";
import { numbersOf } from "./numbers.ts";

type Key = number | string;

/** What each key becomes, and what anything else does. */
interface Mapping {
  readonly keys: readonly Key[];
  readonly values: readonly Key[];
  readonly fallback: Key;
}

export const labelEncoder: Op = {
  doc: {
    takes: "numbers, known texts, or a classifier's label to numbers or, at the model's edge, to texts",
    cost: "2n + 3 once, and 3 for each key; a one-hot for a label",
    error: EXACT,
  },
  build(view, graph) {
    return encode(graph, view.operand(0), view.opset < 2 ? readClasses(view) : readMapping(view));
  },
};

/** Texts and the integers that stand for them. */
export const categoryMapper: Op = {
  doc: {
    takes: "known texts, or a classifier's label; integers at the model's edge",
    cost: "2n + 3 once, and 3 for each category",
    error: EXACT,
  },
  build(view, graph) {
    const texts = view.textsAttribute("cats_strings") ?? [];
    const integers = numbersOf(view, "cats_int64s");
    const named = isNamed(view.operand(0));
    return encode(graph, view.operand(0), {
      keys: named ? texts : integers,
      values: named ? integers : texts,
      fallback: named ? view.number("default_int64", -1) : view.text("default_string", "_Unused"),
    });
  },
};

/** The scores that the map would hold: keys are the classes in their order. */
export const zipMap: Op = {
  doc: { takes: "the scores of a classifier; gives them as a tensor", cost: FREE, error: EXACT },
  build: (view) => view.operand(0),
};

function isNamed({ texts, labels }: Tensor): boolean {
  return texts !== undefined || labels?.some((label, at) => label !== String(at)) === true;
}

/** Before opset 2: a text is encoded as its position. */
function readClasses(view: NodeView): Mapping {
  const texts = view.textsAttribute("classes_strings") ?? [];
  const positions = texts.map((_, at) => at);
  if (isNamed(view.operand(0))) return { keys: texts, values: positions, fallback: view.number("default_int64", -1) };
  return { keys: positions, values: texts, fallback: view.text("default_string", "_Unused") };
}

function readMapping(view: NodeView): Mapping {
  const list = (side: "keys" | "values"): readonly Key[] => {
    const texts = view.textsAttribute(`${side}_strings`);
    if (texts !== undefined && texts.length > 0) return texts;
    const lists = ["int64s", "floats", "tensor"].map((kind) => numbersOf(view, `${side}_${kind}`));
    return lists.find((numbers) => numbers.length > 0) ?? [];
  };
  const values = list("values");
  if (typeof values[0] === "string")
    return { keys: list("keys"), values, fallback: view.text("default_string", "_Unused") };
  const [tensor] = numbersOf(view, "default_tensor");
  const whole = numbersOf(view, "values_int64s").length > 0;
  const fallback = tensor ?? (whole ? view.number("default_int64", -1) : view.number("default_float", 0));
  return { keys: list("keys"), values, fallback };
}

function encode(graph: GraphBuilder, input: Tensor, mapping: Mapping): Tensor {
  const { values } = mapping;
  const names = typeof values[0] === "string" ? [...new Set([...values, mapping.fallback].map(String))] : undefined;
  const numberOf = (value: Key): number => (names === undefined ? Number(value) : names.indexOf(String(value)));
  const found = mapKeys(graph, input, mapping, numberOf);
  if (names === undefined) return found;
  if (found.known !== undefined) {
    const texts = [...found.known].map((at) => names[at] ?? "");
    return Object.freeze({ ...knownTensor(found.shape, [], "text"), texts });
  }
  return Object.freeze({ ...found, type: "int", labels: Object.freeze(names) });
}

function mapKeys(
  graph: GraphBuilder,
  input: Tensor,
  { keys, values, fallback }: Mapping,
  numberOf: (value: Key) => number,
): Tensor {
  const type = values.every((value) => typeof value === "string" || Number.isInteger(value)) ? "int" : "real";
  const lookUp = (key: Key): number => numberOf(values[keys.indexOf(key)] ?? fallback);
  if (input.texts !== undefined) return knownTensor(input.shape, input.texts.map(lookUp), type);
  const size = sizeOf(input.shape);
  const { labels } = input;
  if (labels !== undefined && typeof keys[0] === "string") {
    const chosen = graph.oneHot(input, labels.length);
    const fill = (row: number, add: (column: number, weight: number) => void): void =>
      labels.forEach((label, at) => add(row * labels.length + at, lookUp(label)));
    return graph.linear([chosen], input.shape, fill, { type });
  }
  if (typeof keys[0] === "string")
    throw new NodeProblem("OPERAND_UNSUPPORTED", "text is no number: encode it outside, in an input adapter");
  // A tree asks for one key after the other.
  const trees = Array.from({ length: size }, (_, element) =>
    keys.reduceRight<Tree>(
      (no, key, at) => ({
        mode: "BRANCH_EQ",
        element,
        values: [Number(key)],
        yes: { entries: [[element, numberOf(values[at] ?? fallback)]] },
        no,
      }),
      { entries: [[element, numberOf(fallback)]] },
    ),
  );
  return retyped(graph.trees(input, plantForest(trees, new Array<number>(size).fill(0)), input.shape), type);
}
