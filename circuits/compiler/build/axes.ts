import type { Groups } from "../graph/layer.ts";
import { sizeOf } from "./tensor.ts";

/** A shape seen from one axis: what is before it, along it, and after it. */
export function groupsAlong(shape: readonly number[], axis: number): Groups {
  return {
    outer: sizeOf(shape.slice(0, axis)),
    classes: shape[axis] ?? 1,
    inner: sizeOf(shape.slice(axis + 1)),
  };
}

/** A shape without an axis, or with size 1 there. */
export function withoutAxis(shape: readonly number[], axis: number, keep: boolean): readonly number[] {
  return shape.flatMap((size, position) => (position !== axis ? [size] : keep ? [1] : []));
}
