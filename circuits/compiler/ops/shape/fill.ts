import type { NodeView } from "../../build/node-view.ts";
import { tensorOf } from "../../build/read-constant.ts";
import { forEachIndex, knownTensor, sizeOf, type Tensor } from "../../build/tensor.ts";
import { NodeProblem } from "../../compile-error.ts";
import { dataTypeNamed, isWholeType } from "../../onnx/data-type.ts";
import { EXACT, FREE, type Op } from "../op.ts";

export const constantOfShape: Op = {
  doc: { takes: "a known shape", cost: FREE, error: EXACT },
  build(view) {
    const shape = [...view.known(0, "the shape").known];
    const value = view.node.attributes.get("value");
    const one = typeof value === "object" && "shape" in value ? tensorOf(value) : knownTensor([1], [0]);
    const filled = new Float64Array(sizeOf(shape)).fill(one.known?.[0] ?? 0);
    return { ...one, shape: Object.freeze(shape), known: filled };
  },
};

export const range: Op = {
  doc: { takes: "known operands", cost: FREE, error: EXACT },
  build(view) {
    const [start, limit, delta] = ["the start", "the limit", "the step"].map((role, at) => view.known(at, role));
    const [first = 0, last = 0, step = 1] = [start?.known[0], limit?.known[0], delta?.known[0]];
    if (step === 0) throw new NodeProblem("ATTRIBUTE_UNSUPPORTED", "a step of 0 goes nowhere");
    // ONNX Runtime subtracts in float32 and divides in float64: from 0 to 0.3 by 0.1 there are 4 numbers.
    const length = start?.type === "int" ? last - first : Math.fround(last - first);
    const count = Math.max(0, Math.ceil(length / step));
    return knownTensor(
      [count],
      Float64Array.from({ length: count }, (_, at) => first + at * step),
      start?.type ?? "real",
    );
  },
};

export const eyeLike: Op = {
  doc: { takes: "any matrix, of which only the shape counts", cost: FREE, error: EXACT },
  build(view) {
    const given = view.operand(0);
    if (given.shape.length !== 2)
      throw new NodeProblem("SHAPE_MISMATCH", `EyeLike takes a matrix, not rank ${given.shape.length}`);
    const offset = view.number("k", 0);
    const ones: number[] = [];
    forEachIndex(given.shape, ([row = 0, column = 0]) => ones.push(column - row === offset ? 1 : 0));
    return knownTensor(given.shape, ones, typeOf(view, given));
  },
};

function typeOf(view: NodeView, given: Tensor): Tensor["type"] {
  const type = dataTypeNamed(view.number("dtype", 0));
  if (type === undefined) return given.type;
  return type === "bool" ? "bool" : isWholeType(type) ? "int" : "real";
}
