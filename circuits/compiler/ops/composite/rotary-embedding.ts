import { addTensors, multiply } from "../../build/arithmetic.ts";
import type { GraphBuilder } from "../../build/graph-builder.ts";
import type { NodeView } from "../../build/node-view.ts";
import { forEachIndex, sizeOf, type Tensor } from "../../build/tensor.ts";
import { NodeProblem } from "../../compile-error.ts";
import { type Op, WEIGHTS_ROUNDED } from "../op.ts";
import { choose, hotIndices } from "../shape/indices.ts";
import { inHeads, moved, sideBySide } from "./heads.ts";

/** Pairs of elements turn by an angle: x cos - y sin and x sin + y cos. What is beyond the rotated ones stays. */
export const rotaryEmbedding: Op = {
  doc: {
    takes: "3 or 4 dimensions, caches known or computed, positions known or computed, interleaved or in halves",
    cost: "0 with known caches and positions; else 2 for each element, and what Gather costs",
    error: WEIGHTS_ROUNDED,
  },
  build(view, graph) {
    const given = view.operand(0, "X");
    const x = inHeads(graph, given, view.number("num_heads", 0), "num_heads");
    const { shape } = x;
    const size = shape[3] ?? 0;
    const turned = view.number("rotary_embedding_dim", 0) || size;
    const half = turned / 2;
    const isInterleaved = view.flag("interleaved");
    const isFirst = (d: number): boolean => (isInterleaved ? d % 2 === 0 : d < half);
    const partnerOf = (d: number): number => {
      const step = isInterleaved ? 1 : half;
      return d >= turned ? d : isFirst(d) ? d + step : d - step;
    };
    const angleOf = (d: number): number => (isInterleaved ? Math.floor(d / 2) : d % half);
    const [cos, sin] = [1, 2].map((position) => cacheOf(view, graph, position, shape, half));
    if (cos === undefined || sin === undefined) throw new NodeProblem("SHAPE_MISMATCH", "a cache is missing");
    const partners = moved(graph, x, shape, ([b = 0, h = 0, s = 0, d = 0]) => {
      return ((b * (shape[1] ?? 0) + h) * (shape[2] ?? 0) + s) * size + partnerOf(d);
    });
    /** One factor for each element, and a constant for what does not turn. */
    const factors = (cache: Tensor, rest: number, signOf: (d: number) => number): Tensor => {
      const columns: number[] = [];
      const bias: number[] = [];
      forEachIndex(shape, ([b = 0, , s = 0, d = 0]) => {
        columns.push(d < turned ? (b * (shape[2] ?? 0) + s) * half + angleOf(d) : -1);
        bias.push(d < turned ? 0 : rest);
      });
      return graph.linear(
        [cache],
        shape,
        (row, add) => {
          const column = columns[row] ?? -1;
          if (column >= 0) add(column, signOf(row % size));
        },
        { bias: Float64Array.from(bias) },
      );
    };
    const kept = multiply(
      graph,
      x,
      factors(cos, 1, () => 1),
    );
    const crossed = multiply(
      graph,
      partners,
      factors(sin, 0, (d) => (isFirst(d) ? -1 : 1)),
    );
    const result = addTensors(graph, kept, crossed);
    return given.shape.length === 3 ? sideBySide(graph, result) : result;
  },
};

/** [batch, sequence, half]: the rows that the positions name, or the cache itself. */
function cacheOf(
  view: NodeView,
  graph: GraphBuilder,
  position: number,
  [batch = 0, , length = 0]: readonly number[],
  half: number,
): Tensor {
  const cache = view.operand(position, position === 1 ? "cos_cache" : "sin_cache");
  const shape = [batch, length, half];
  const positions = view.optional(3);
  const places = cache.shape[0] ?? 0;
  const expected = positions === undefined ? shape : [places, half];
  if (cache.shape.join() !== expected.join() || (positions !== undefined && sizeOf(positions.shape) !== batch * length))
    throw new NodeProblem(
      "SHAPE_MISMATCH",
      `a cache of [${cache.shape.join(", ")}] does not fit [${shape.join(", ")}]`,
    );
  if (positions === undefined) return cache;
  const { known } = positions;
  if (known !== undefined)
    return moved(graph, cache, shape, ([b = 0, s = 0, d = 0]) => (known[b * length + s] ?? 0) * half + d);
  return choose(graph, hotIndices(graph, positions, places), cache, shape, {
    which: (row) => Math.floor(row / half),
    at: (row, place) => place * half + (row % half),
  });
}
