import { multiply } from "../../build/arithmetic.ts";
import type { GraphBuilder } from "../../build/graph-builder.ts";
import { type NodeView, normalizeAxis } from "../../build/node-view.ts";
import { reshaped, sizeOf, stridesOf, type Tensor } from "../../build/tensor.ts";
import { NodeProblem } from "../../compile-error.ts";
import { boundMask } from "../elementwise/mask.ts";
import type { Op } from "../op.ts";
import { assertWithin, linesOf } from "./gather.ts";
import { flatIndices } from "./gather-nd.ts";
import { CLAMPED, hotIndices, knownIndices } from "./indices.ts";
import { scatterComputed, scatterKnown } from "./write-elements.ts";

const DOC = {
  takes: `known or computed indices; reduction none, add, mul, max and min; ${CLAMPED}`,
  cost:
    "known indices: 0, for mul, max and min that of Mul, Max and Min for each element written; computed ones: a one-hot " +
    "for each, and 1 for each element that it can name",
  error: "exact, but what is multiplied is rounded as a factor of Mul is",
};

/** Each update replaces (or joins) the element of the data that is at its own place but for one coordinate. */
export const scatterElements: Op = {
  doc: DOC,
  build(view, graph) {
    const [data, indices, updates] = operandsOf(view);
    const axis = normalizeAxis(view.number("axis", 0), data.shape.length);
    assertWithin(indices.shape, data.shape, axis);
    if (indices.shape.join() !== updates.shape.join())
      throw new NodeProblem("SHAPE_MISMATCH", "indices and updates have different shapes");
    const [size, stride] = [data.shape[axis] ?? 1, stridesOf(data.shape)[axis] ?? 1];
    const lines = linesOf(indices.shape, data.shape, axis);
    if (indices.known !== undefined) {
      const known = knownIndices(indices.known, size);
      const targets = lines.map((start, at) => start + (known[at] ?? 0) * stride);
      return scatterKnown(graph, data, updates, targets, view.text("reduction", "none"));
    }
    const places = Array.from(lines, (start) => Array.from({ length: size }, (_, at) => start + at * stride));
    return scatterComputed(
      graph,
      data,
      updates,
      hotIndices(graph, indices, size),
      places,
      view.text("reduction", "none"),
    );
  },
};

/** The last axis of the indices holds coordinates of blocks of the data, which the updates replace or join. */
export const scatterNd: Op = {
  doc: DOC,
  build(view, graph) {
    const [data, indices, updates] = operandsOf(view);
    const depth = indices.shape.at(-1) ?? 0;
    const [named, block] = [data.shape.slice(0, depth), sizeOf(data.shape.slice(depth))];
    const wanted = [...indices.shape.slice(0, -1), ...data.shape.slice(depth)];
    if (depth > data.shape.length || wanted.join() !== updates.shape.join())
      throw new NodeProblem(
        "SHAPE_MISMATCH",
        `updates [${updates.shape.join(", ")}] do not fit indices [${indices.shape.join(", ")}] into [${data.shape.join(", ")}]`,
      );
    const tuples = sizeOf(indices.shape.slice(0, -1));
    const reduction = view.text("reduction", "none");
    if (indices.known !== undefined) {
      const known = flatIndices(indices.known, named);
      const targets = Int32Array.from(
        { length: tuples * block },
        (_, at) => (known[Math.floor(at / block)] ?? 0) * block + (at % block),
      );
      return scatterKnown(graph, data, updates, targets, reduction);
    }
    const hot = jointOneHots(graph, reshaped(indices, [tuples, depth]), named);
    const count = sizeOf(named);
    const spread = graph.take(
      [hot],
      [tuples * block, count],
      Int32Array.from({ length: tuples * block * count }, (_, at) => {
        const tuple = Math.floor(at / (block * count));
        return tuple * count + (at % count);
      }),
    );
    const places = Array.from({ length: tuples * block }, (_, at) =>
      Array.from({ length: count }, (_, position) => position * block + (at % block)),
    );
    return scatterComputed(graph, data, updates, spread, places, reduction);
  },
};

/** A gate of experts writes its chosen scores over minus infinity before a softmax. */
function operandsOf(view: NodeView): [Tensor, Tensor, Tensor] {
  return [boundMask(view.operand(0)), view.operand(1, "the indices"), boundMask(view.operand(2, "the updates"))];
}

/** For each tuple of coordinates, a one-hot over all of them: products of the one-hots of each. */
function jointOneHots(graph: GraphBuilder, indices: Tensor, sizes: readonly number[]): Tensor {
  const [tuples = 0, depth = 0] = indices.shape;
  return sizes
    .map((size, axis) => {
      const from = Int32Array.from({ length: tuples }, (_, tuple) => tuple * depth + axis);
      return hotIndices(graph, graph.take([indices], [tuples], from), size);
    })
    .reduce((joint, hot) => {
      const [before, size] = [joint.shape.at(-1) ?? 1, hot.shape.at(-1) ?? 1];
      const product = multiply(graph, reshaped(joint, [tuples, before, 1]), reshaped(hot, [tuples, 1, size]));
      return reshaped(product, [tuples, before * size]);
    });
}
