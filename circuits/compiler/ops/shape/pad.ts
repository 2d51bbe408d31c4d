import { type NodeView, normalizeAxis } from "../../build/node-view.ts";
import { forEachIndex, knownTensor, sizeOf, stridesOf, type Tensor } from "../../build/tensor.ts";
import { NodeProblem } from "../../compile-error.ts";
import { EXACT, FREE, type Op } from "../op.ts";

/** Pads and value are operands since opset 11 and were attributes before. */
export const pad: Op = {
  doc: {
    takes: "constant (any value), reflect, edge and wrap; negative pads cut off; known pads and axes",
    cost: FREE,
    error: EXACT,
  },
  build(view, graph) {
    const given = view.operand(0);
    const rank = given.shape.length;
    const pads = view.integers(1, "pads") ?? [];
    const axes = (view.integers(3, "axes") ?? [...given.shape.keys()]).map((axis) => normalizeAxis(axis, rank));
    if (pads.length !== 2 * axes.length)
      throw new NodeProblem("SHAPE_MISMATCH", `${axes.length} axes need ${2 * axes.length} pads, not ${pads.length}`);
    const mode = view.text("mode", "constant");
    const strides = stridesOf(given.shape);
    const lists = given.shape.map((size, axis) => {
      const at = axes.indexOf(axis);
      return at === -1
        ? sourcesOf(mode, size, 0, 0)
        : sourcesOf(mode, size, pads[at] ?? 0, pads[at + axes.length] ?? 0);
    });
    const shape = lists.map((list) => list.length);
    const outside = sizeOf(given.shape);
    const from = new Int32Array(sizeOf(shape));
    forEachIndex(shape, (at, flat) => {
      const sources = lists.map((list, axis) => list[at[axis] ?? 0] ?? -1);
      from[flat] = sources.includes(-1)
        ? outside
        : sources.reduce((sum, source, axis) => sum + source * (strides[axis] ?? 0), 0);
    });
    return graph.take([given, valueOf(view, given)], shape, from);
  },
};

/** What is padded with: one element, laid behind those of the operand. */
function valueOf(view: NodeView, given: Tensor): Tensor {
  const value = view.optional(2);
  if (value !== undefined && sizeOf(value.shape) === 1) return value;
  return knownTensor([1], [view.number("value", 0)], given.type);
}

/** Where each element along an axis comes from; -1 for the padding value. Negative pads are cut off first. */
function sourcesOf(mode: string, size: number, before: number, after: number): number[] {
  const first = Math.max(0, -before);
  const kept = Math.max(0, size - first - Math.max(0, -after));
  const [padBefore, padAfter] = [Math.max(0, before), Math.max(0, after)];
  const source = sourceBy(mode, kept);
  return Array.from({ length: padBefore + kept + padAfter }, (_, at) => {
    const position = source(at - padBefore);
    return position === -1 ? -1 : first + position;
  });
}

function sourceBy(mode: string, size: number): (at: number) => number {
  const turn = (at: number, period: number): number => ((at % period) + period) % period;
  if (mode === "constant") return (at) => (at >= 0 && at < size ? at : -1);
  if (size === 0) return () => -1;
  switch (mode) {
    case "edge":
      return (at) => Math.min(size - 1, Math.max(0, at));
    case "wrap":
      return (at) => turn(at, size);
    case "reflect":
      return (at) => {
        const period = Math.max(1, 2 * (size - 1));
        const position = turn(at, period);
        return position < size ? position : period - position;
      };
    default:
      throw new NodeProblem("ATTRIBUTE_UNSUPPORTED", `padding mode "${mode}" is not known`);
  }
}
