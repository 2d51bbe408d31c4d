import type { GraphBuilder } from "../../build/graph-builder.ts";
import type { NodeView } from "../../build/node-view.ts";
import { forEachIndex, reshaped, sizeOf, stridesOf, type Tensor } from "../../build/tensor.ts";
import { NodeProblem } from "../../compile-error.ts";
import { EXACT, type Op } from "../op.ts";
import { poolWindows } from "./pool-axis.ts";

type Windows = readonly (readonly number[])[];

export const maxPool: Op = {
  doc: {
    takes: "any number of spatial axes, every attribute, both outputs",
    cost: "n + 2 for each comparison, axis by axis, so that windows that overlap share them; Indices: n + 3 an element",
    error: EXACT,
  },
  build(view, graph) {
    const given = view.operand(0);
    const spatial = given.shape.slice(2);
    if (spatial.length === 0) throw new NodeProblem("SHAPE_MISMATCH", "pooling needs a batch, channels and a space");
    const windows = poolWindows(view, spatial);
    const pooled = windows.reduceRight<Tensor>(
      (tensor, along, axis) => poolAxis(graph, tensor, axis + 2, along),
      given,
    );
    const indices = view.node.outputs[1];
    return indices === undefined || indices === "" ? pooled : [pooled, positionsOf(view, graph, given, windows)];
  },
};

export const globalMaxPool: Op = {
  doc: { takes: "any number of spatial axes", cost: "n + 2 for each element but one of a channel", error: EXACT },
  build(view, graph) {
    const given = view.operand(0);
    const [batch = 1, channels = 1] = given.shape;
    const classes = sizeOf(given.shape.slice(2));
    const shape = given.shape.map((size, axis) => (axis < 2 ? size : 1));
    return graph.max(given, { outer: batch * channels, classes, inner: 1 }, shape);
  },
};

/** A window that padding cuts is filled with one of its own elements: that changes no maximum and costs nothing. */
function poolAxis(graph: GraphBuilder, tensor: Tensor, axis: number, windows: Windows): Tensor {
  const { shape } = tensor;
  const [outer, size, inner] = [sizeOf(shape.slice(0, axis)), shape[axis] ?? 1, sizeOf(shape.slice(axis + 1))];
  const longest = Math.max(...windows.map((window) => window.length));
  const from = new Int32Array(outer * windows.length * longest * inner);
  forEachIndex([outer, windows.length, longest, inner], ([before = 0, at = 0, step = 0, after = 0], flat) => {
    const window = windows[at] ?? [];
    from[flat] = (before * size + (window[step] ?? window[0] ?? 0)) * inner + after;
  });
  const spread = graph.take([tensor], [outer, windows.length, longest, inner], from);
  const pooled = shape.map((length, position) => (position === axis ? windows.length : length));
  return graph.max(spread, { outer: outer * windows.length, classes: longest, inner }, pooled);
}

/** Where in the whole input each window's first largest element is. Repeated elements come last, so none of them wins. */
function positionsOf(view: NodeView, graph: GraphBuilder, given: Tensor, windows: readonly Windows[]): Tensor {
  const spatial = given.shape.slice(2);
  const images = sizeOf(given.shape.slice(0, 2));
  const strides = stridesOf(spatial);
  const columnMajor = stridesOf([...spatial].reverse()).reverse();
  const counts = windows.map((along) => along.length);
  const places: { readonly read: number; readonly named: number }[][] = [];
  forEachIndex(counts, (at) => {
    let covered = [{ read: 0, named: 0 }];
    windows.forEach((along, axis) => {
      const named = (view.flag("storage_order") ? columnMajor : strides)[axis] ?? 1;
      covered = covered.flatMap((before) =>
        (along[at[axis] ?? 0] ?? []).map((position) => ({
          read: before.read + position * (strides[axis] ?? 1),
          named: before.named + position * named,
        })),
      );
    });
    places.push(covered);
  });
  const classes = Math.max(...places.map((covered) => covered.length));
  const [image, outer] = [sizeOf(spatial), images * places.length];
  const placeAt = (row: number, step: number, of: "read" | "named"): number => {
    const covered = places[row % places.length] ?? [];
    return Math.floor(row / places.length) * image + ((covered[step] ?? covered[0])?.[of] ?? 0);
  };
  const from = Int32Array.from({ length: outer * classes }, (_, flat) =>
    placeAt(Math.floor(flat / classes), flat % classes, "read"),
  );
  const winners = graph.winners(graph.take([given], [outer, classes], from), { outer, classes, inner: 1 });
  const found = graph.linear(
    [winners],
    [outer],
    (row, add) => {
      for (let step = 0; step < classes; step++) add(row * classes + step, placeAt(row, step, "named"));
    },
    { type: "int" },
  );
  return reshaped(found, [...given.shape.slice(0, 2), ...counts]);
}
