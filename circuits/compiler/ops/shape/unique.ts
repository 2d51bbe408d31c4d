import { normalizeAxis } from "../../build/node-view.ts";
import { groupsAlong } from "../../build/axes.ts";
import { knownTensor, reshaped, sizeOf, type Tensor } from "../../build/tensor.ts";
import { NodeProblem } from "../../compile-error.ts";
import { EXACT, FREE, type Op } from "../op.ts";
import { everyIndex, pick } from "./move.ts";

/** The different slices along an axis (or elements), where each is first, which one each is, and how often it occurs. */
export const unique: Op = {
  doc: { takes: "constants", cost: FREE, error: EXACT },
  build(view, graph) {
    const given = view.operand(0);
    const { known } = given;
    if (known === undefined)
      throw new NodeProblem(
        "OPERAND_UNSUPPORTED",
        "the size of the result of Unique depends on computed values, and a circuit has one size; remove it",
      );
    const flat: Tensor = view.node.attributes.has("axis") ? given : reshaped(given, [sizeOf(given.shape)]);
    const axis = normalizeAxis(view.number("axis", 0), flat.shape.length);
    const { outer, classes, inner } = groupsAlong(flat.shape, axis);
    const slices = everyIndex(classes).map((at) =>
      everyIndex(outer * inner).map(
        (part) => known[(Math.floor(part / inner) * classes + at) * inner + (part % inner)] ?? 0,
      ),
    );
    const firsts = everyIndex(classes).filter(
      (at) => slices.findIndex((slice) => equal(slice, slices[at] ?? [])) === at,
    );
    if (view.flag("sorted", true)) firsts.sort((a, b) => compare(slices[a] ?? [], slices[b] ?? []));
    const inverse = slices.map((slice) => firsts.findIndex((first) => equal(slices[first] ?? [], slice)));
    const counts = firsts.map((_, at) => inverse.filter((one) => one === at).length);
    const lists = flat.shape.map((size, at) => (at === axis ? firsts : everyIndex(size)));
    return [
      pick(graph, flat, lists),
      ...[firsts, inverse, counts].map((list) => knownTensor([list.length], list, "int")),
    ];
  },
};

function compare(one: readonly number[], other: readonly number[]): number {
  const at = one.findIndex((value, index) => value !== other[index]);
  return at === -1 ? 0 : (one[at] ?? 0) - (other[at] ?? 0);
}

function equal(one: readonly number[], other: readonly number[]): boolean {
  return compare(one, other) === 0;
}
