import type { NodeView } from "../../build/node-view.ts";
import { normalizeAxis } from "../../build/node-view.ts";
import { forEachIndex, sizeOf, stridesOf, type Tensor } from "../../build/tensor.ts";
import type { GraphBuilder } from "../../build/graph-builder.ts";
import { NodeProblem } from "../../compile-error.ts";
import { FREE, type Op, WEIGHTS_ROUNDED } from "../op.ts";
import { coordinateMap, type ResizedAxis } from "./resize-coordinates.ts";
import { type Share, shareMap } from "./resize-weights.ts";

export const resize: Op = {
  doc: {
    takes:
      "nearest, linear and cubic with every coordinate and rounding mode; known scales, sizes and roi; no antialias",
    cost: FREE,
    error: WEIGHTS_ROUNDED,
  },
  build(view, graph) {
    view.require("antialias", 0, "export without it");
    const roi = view.opset < 11 ? undefined : known(view, 1);
    const scales = known(view, view.opset < 11 ? 1 : 2);
    return resample(view, graph, axesOf(view, scales, known(view, 3), roi));
  },
};

/** What Resize was before opset 10; scales were an attribute before opset 9. */
export const upsample: Op = {
  doc: { takes: "nearest and linear, known scales", cost: FREE, error: WEIGHTS_ROUNDED },
  build(view, graph) {
    return resample(view, graph, axesOf(view, view.integers(1, "scales"), undefined, undefined));
  },
};

function known(view: NodeView, position: number): readonly number[] | undefined {
  const given = view.optional(position);
  if (given === undefined || sizeOf(given.shape) === 0) return undefined;
  return [...view.known(position, `operand ${position}`).known];
}

function axesOf(
  view: NodeView,
  scales: readonly number[] | undefined,
  sizes: readonly number[] | undefined,
  roi: readonly number[] | undefined,
): ResizedAxis[] {
  const { shape } = view.operand(0);
  const named = (view.integersAttribute("axes") ?? [...shape.keys()]).map((axis) => normalizeAxis(axis, shape.length));
  const given = sizes ?? scales;
  if (given?.length !== named.length)
    throw new NodeProblem("SHAPE_MISMATCH", `${named.length} axes need as many sizes or scales`);
  const common =
    sizes === undefined
      ? undefined
      : commonScale(
          view,
          named.map((axis, at) => (sizes[at] ?? 1) / (shape[axis] ?? 1)),
        );
  return shape.map((from, axis) => {
    const at = named.indexOf(axis);
    if (at === -1) return { from, to: from, scale: 1, start: 0, end: 1 };
    const [start, end] = [roi?.[at] ?? 0, roi?.[at + named.length] ?? 1];
    if (sizes === undefined) {
      const scale = Math.fround(scales?.[at] ?? 1);
      return { from, to: Math.floor(Math.fround(from * scale)), scale, start, end };
    }
    if (common !== undefined)
      return { from, to: Math.floor(from * common + 0.5), scale: Math.fround(common), start, end };
    const to = sizes[at] ?? 1;
    return { from, to, scale: Math.fround(to / from), start, end };
  });
}

/** One scale for all axes, if the aspect ratio is to be kept. */
function commonScale(view: NodeView, scales: readonly number[]): number | undefined {
  const policy = view.text("keep_aspect_ratio_policy", "stretch");
  if (policy === "stretch") return undefined;
  return policy === "not_larger" ? Math.min(...scales) : Math.max(...scales);
}

/** Along each axis an element of the result is a weighted sum of a few elements; over all axes weights multiply. */
function resample(view: NodeView, graph: GraphBuilder, axes: readonly ResizedAxis[]): Tensor {
  const given = view.operand(0);
  if (axes.some(({ to }) => to < 1)) throw new NodeProblem("SHAPE_MISMATCH", "a scale leaves no elements");
  const outside = view.number("extrapolation_value", 0);
  const along = axes.map((axis) => {
    const original = coordinateMap(view, axis);
    const shares = shareMap(view, axis);
    const crop = view.text("coordinate_transformation_mode", "half_pixel") === "tf_crop_and_resize";
    return Array.from({ length: axis.to }, (_, at) => {
      // ONNX Runtime leaves an axis that keeps its size as it is.
      const x = axis.scale === 1 && axis.from === axis.to && !crop ? at : original(at);
      return crop && (x < 0 || x > axis.from - 1) ? undefined : shares(x);
    });
  });
  const strides = stridesOf(given.shape);
  const shape = axes.map(({ to }) => to);
  const rows: (readonly Share[] | undefined)[] = [];
  forEachIndex(shape, (at) => {
    let row: Share[] | undefined = [{ at: 0, weight: 1 }];
    along.forEach((shares, axis) => {
      const own = shares[at[axis] ?? 0];
      row =
        own === undefined
          ? undefined
          : row?.flatMap((before) =>
              own.map(({ at: position, weight }) => ({
                at: before.at + position * (strides[axis] ?? 0),
                weight: before.weight * weight,
              })),
            );
    });
    rows.push(row);
  });
  if (rows.every((row) => row?.length === 1 && row[0]?.weight === 1))
    return graph.take(
      [given],
      shape,
      rows.map((row) => row?.[0]?.at ?? 0),
    );
  if (given.type !== "real")
    throw new NodeProblem("TYPE_UNSUPPORTED", "integers are not interpolated; cast to float before resizing");
  const bias = Float64Array.from(rows, (row) => (row === undefined ? outside : 0));
  return graph.linear(
    [given],
    shape,
    (row, add) => {
      for (const { at, weight } of rows[row] ?? []) add(at, weight);
    },
    { bias },
  );
}
