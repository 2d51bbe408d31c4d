import { sumOfProducts } from "../../build/sum-of-products.ts";
import type { GraphBuilder } from "../../build/graph-builder.ts";
import { forEachIndex, sizeOf, stridesOf, type Tensor } from "../../build/tensor.ts";
import { NodeProblem } from "../../compile-error.ts";
import { type Op, WEIGHTS_ROUNDED } from "../op.ts";
import { parseEinsum } from "./einsum-equation.ts";

/** A tensor whose axes have names. */
interface Labelled {
  readonly tensor: Tensor;
  readonly labels: readonly string[];
}

/** Operands are contracted from left to right, two at a time; what only one of them has is added up first. */
export const einsum: Op = {
  doc: {
    takes: "any number of operands, known or computed; diagonals, ellipses, outputs left out",
    cost: "0 with one computed operand; else 1 for each multiplication, and n + 1 for each factor that is rounded first",
    error: WEIGHTS_ROUNDED,
  },
  build(view, graph) {
    const tensors = view.operands();
    const { operands, output } = parseEinsum(
      view.text("equation", ""),
      tensors.map(({ shape }) => shape.length),
    );
    const rest = tensors.map((tensor, at) => ({ tensor, labels: operands[at] ?? [] }));
    let product = rest.shift();
    if (product === undefined) throw new NodeProblem("SHAPE_MISMATCH", "an Einsum needs an operand");
    for (let next = rest.shift(); next !== undefined; next = rest.shift()) {
      const later = new Set([...output, ...rest.flatMap(({ labels }) => labels)]);
      const left = sumOut(graph, product, new Set([...later, ...next.labels]));
      const right = sumOut(graph, next, new Set([...later, ...product.labels]));
      product = contract(graph, left, right, later);
    }
    return arrange(graph, product, output);
  },
};

/** Only the labels to keep, each of them once. */
function sumOut(graph: GraphBuilder, given: Labelled, keep: ReadonlySet<string>): Labelled {
  const labels = [...new Set(given.labels)].filter((label) => keep.has(label));
  return { tensor: arrange(graph, given, labels), labels };
}

/** Repeated labels take a diagonal, those that are not wanted are summed over. */
function arrange(graph: GraphBuilder, { tensor, labels }: Labelled, wanted: readonly string[]): Tensor {
  const sizes = sizesOf([{ tensor, labels }]);
  const summed = [...sizes.keys()].filter((label) => !wanted.includes(label));
  const places = placesOf({ tensor, labels });
  const shape = wanted.map((label) => sizes.get(label) ?? 1);
  const outer = flatPlaces(wanted, places, sizes);
  if (summed.length === 0) return graph.take([tensor], shape, outer);
  const inner = flatPlaces(summed, places, sizes);
  return graph.linear(
    [tensor],
    shape,
    (row, add) => {
      for (const at of inner) add((outer[row] ?? 0) + at, 1);
    },
    { type: tensor.type === "real" ? "real" : "int" },
  );
}

function contract(graph: GraphBuilder, one: Labelled, other: Labelled, keep: ReadonlySet<string>): Labelled {
  const sizes = sizesOf([one, other]);
  const labels = [...sizes.keys()].filter((label) => keep.has(label));
  const summed = [...sizes.keys()].filter((label) => !keep.has(label));
  const [left, right] = [placesOf(one), placesOf(other)];
  const [leftOuter, rightOuter] = [flatPlaces(labels, left, sizes), flatPlaces(labels, right, sizes)];
  const [leftInner, rightInner] = [flatPlaces(summed, left, sizes), flatPlaces(summed, right, sizes)];
  const shape = labels.map((label) => sizes.get(label) ?? 1);
  const tensor = sumOfProducts(graph, one.tensor, other.tensor, shape, (row, add) => {
    const [from, by] = [leftOuter[row] ?? 0, rightOuter[row] ?? 0];
    for (let k = 0; k < leftInner.length; k++) add(from + (leftInner[k] ?? 0), by + (rightInner[k] ?? 0));
  });
  return { tensor, labels };
}

/** The size of each label; a size of 1 is broadcast. */
function sizesOf(parts: readonly Labelled[]): ReadonlyMap<string, number> {
  const sizes = new Map<string, number>();
  for (const { tensor, labels } of parts)
    labels.forEach((label, axis) => {
      const [before, size] = [sizes.get(label) ?? 1, tensor.shape[axis] ?? 1];
      if (before !== 1 && size !== 1 && before !== size)
        throw new NodeProblem("SHAPE_MISMATCH", `the axes "${label}" have ${before} and ${size} elements`);
      sizes.set(label, Math.max(before, size));
    });
  return sizes;
}

/** How far a step along each label moves in the tensor. */
function placesOf({ tensor, labels }: Labelled): ReadonlyMap<string, number> {
  const strides = stridesOf(tensor.shape);
  const places = new Map<string, number>();
  labels.forEach((label, axis) => {
    const stride = (tensor.shape[axis] ?? 1) === 1 ? 0 : (strides[axis] ?? 0);
    places.set(label, (places.get(label) ?? 0) + stride);
  });
  return places;
}

/** Where the elements are over all values of some labels, in row-major order. */
function flatPlaces(
  labels: readonly string[],
  places: ReadonlyMap<string, number>,
  sizes: ReadonlyMap<string, number>,
): Int32Array {
  const shape = labels.map((label) => sizes.get(label) ?? 1);
  const steps = labels.map((label) => places.get(label) ?? 0);
  const flat = new Int32Array(sizeOf(shape));
  forEachIndex(shape, (at, index) => {
    flat[index] = at.reduce((sum, position, axis) => sum + position * (steps[axis] ?? 0), 0);
  });
  return flat;
}
