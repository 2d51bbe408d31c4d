import type { GraphBuilder } from "../../build/graph-builder.ts";
import type { NodeView } from "../../build/node-view.ts";
import { knownTensor, reshaped, sizeOf, type Tensor } from "../../build/tensor.ts";
import { NodeProblem } from "../../compile-error.ts";
import { EXACT, FREE, type Op } from "../op.ts";
import { plantForest, type Tree } from "./forest.ts";
import { numbersOf } from "./numbers.ts";

/** Elements along the last axis, by known positions; or one of some known numbers or texts, by a computed one. */
export const arrayFeatureExtractor: Op = {
  doc: {
    takes: "known positions, or a computed one in a known row",
    cost: "0; a one-hot for a computed position",
    error: EXACT,
  },
  build(view, graph) {
    const [data, at] = [view.operand(0), view.operand(1)];
    if (at.known === undefined) return chosenFrom(graph, data, at);
    const last = data.shape.at(-1) ?? 1;
    const rows = sizeOf(data.shape) / last;
    const positions = [...at.known];
    const shape = data.shape.length <= 1 ? [1, positions.length] : [...data.shape.slice(0, -1), positions.length];
    const from = Array.from({ length: rows }, (_, row) => positions.map((position) => row * last + position)).flat();
    if (data.texts !== undefined) return pickTexts(data.texts, shape, from);
    return graph.take([data], shape, from);
  },
};

function pickTexts(texts: readonly string[], shape: readonly number[], from: readonly number[]): Tensor {
  return Object.freeze({ ...knownTensor(shape, [], "text"), texts: from.map((at) => texts[at] ?? "") });
}

/** A row of classes, as scikit-learn's exporter looks up a label: [1, positions]. */
function chosenFrom(graph: GraphBuilder, data: Tensor, at: Tensor): Tensor {
  const shape = [1, sizeOf(at.shape)];
  if (data.texts !== undefined) return Object.freeze({ ...reshaped(at, shape), type: "int", labels: data.texts });
  const { known } = data;
  if (known === undefined)
    throw new NodeProblem("OPERAND_UNSUPPORTED", "both the data and the positions are computed; make one a constant");
  if (known.every((value, position) => value === position)) return reshaped(at, shape);
  const count = known.length;
  return graph.linear(
    [graph.oneHot(at, count)],
    shape,
    (row, add) => {
      known.forEach((value, position) => add(row * count + position, value));
    },
    { type: data.type },
  );
}

/** Columns side by side, as reals. */
export const featureVectorizer: Op = {
  doc: { takes: "any number of columns", cost: FREE, error: EXACT },
  build(view, graph) {
    const wanted = numbersOf(view, "inputdimensions");
    const parts = view.operands();
    let start = 0;
    const from = parts.flatMap((part, at) => {
      const size = sizeOf(part.shape);
      const kept = Array.from({ length: wanted[at] ?? size }, (_, position) =>
        position < size ? start + position : -1,
      );
      start += size;
      return kept;
    });
    const reals = parts.map((part): Tensor => Object.freeze({ ...part, type: "real" }));
    return graph.take(reals, [1, from.length], from);
  },
};

/** For each element, 1 at the category that it is; nothing where it is none. */
export const oneHotEncoder: Op = {
  doc: {
    takes: "cats_int64s; texts only if they are known",
    cost: "2n + 3 for each element, and 2 for each category",
    error: EXACT,
  },
  build(view, graph) {
    const input = view.operand(0);
    const texts = view.textsAttribute("cats_strings");
    if (texts !== undefined && texts.length > 0) return encodeTexts(view, input, texts);
    const categories = numbersOf(view, "cats_int64s");
    const shape = [...input.shape, categories.length];
    const trees = Array.from({ length: sizeOf(input.shape) }, (_, element) =>
      categories.map((category, at): Tree => ({
        mode: "BRANCH_EQ",
        element,
        values: [category],
        yes: { entries: [[element * categories.length + at, 1]] },
        no: { entries: [[element * categories.length + at, 0]] },
      })),
    ).flat();
    return graph.trees(input, plantForest(trees, new Array<number>(trees.length).fill(0)), shape);
  },
};

function encodeTexts(view: NodeView, input: Tensor, categories: readonly string[]): Tensor {
  const found = input.texts;
  if (found === undefined)
    throw new NodeProblem("OPERAND_UNSUPPORTED", `"${view.node.inputs[0] ?? ""}" is no text; give cats_int64s`);
  const values = found.flatMap((text) => categories.map((category) => (category === text ? 1 : 0)));
  return knownTensor([...input.shape, categories.length], values);
}
