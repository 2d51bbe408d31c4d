import { affine } from "../../build/arithmetic.ts";
import { knownTensor, retyped, sizeOf, type Tensor } from "../../build/tensor.ts";
import { normalizeAxis } from "../../build/node-view.ts";
import { EXACT, type Op } from "../op.ts";
import { permute } from "./transpose.ts";

/** An index in [-depth, depth) is hot at its place; any other nowhere. */
export const oneHot: Op = {
  doc: {
    takes: "a known depth and known values; known or computed indices, also negative ones; any axis",
    cost: "about 1 for each place that an index can name, n + 2 for each bound that it can pass; n + 1 from a fraction",
    error: EXACT,
  },
  build(view, graph) {
    const given = view.operand(0);
    const indices = given.type === "real" ? retyped(graph.whole(given, "trunc"), "int") : given;
    const depth = view.known(1, "the depth").known[0] ?? 0;
    const values = view.known(2, "the values");
    const [off = 0, on = 1] = values.known;
    // Places are shifted by depth + 1, so that the first and the last one stand for all that lies outside.
    const places = 2 * depth + 2;
    const hot = graph.oneHot(clamped(affine(graph, indices, 1, depth + 1), places), places);
    const shape = [...indices.shape, depth];
    const bias = new Float64Array(sizeOf(shape)).fill(off);
    const chosen = graph.linear(
      [hot],
      shape,
      (row, add) => {
        const from = Math.floor(row / depth) * places + (row % depth) + 1;
        add(from, on - off);
        add(from + depth, on - off);
      },
      { bias, type: values.type },
    );
    const last = indices.shape.length;
    const axis = normalizeAxis(view.number("axis", -1), last + 1);
    const order = Array.from({ length: last + 1 }, (_, at) => (at === axis ? last : at < axis ? at : at - 1));
    return axis === last ? chosen : permute(graph, chosen, order);
  },
};

/** Known places are moved to the nearest that exists, as computed ones are later. */
function clamped(tensor: Tensor, places: number): Tensor {
  if (tensor.known === undefined) return tensor;
  return knownTensor(
    tensor.shape,
    tensor.known.map((place) => Math.min(places - 1, Math.max(0, place))),
    "int",
  );
}
