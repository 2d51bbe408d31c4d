import { NodeProblem } from "../compile-error.ts";
import { sizeOf } from "./tensor.ts";

/** The common shape of operands, by the rules of NumPy and ONNX. Throws a `NodeProblem` if there is none. */
export function broadcastShape(...shapes: readonly (readonly number[])[]): readonly number[] {
  return shapes.reduce((one, other) => {
    const rank = Math.max(one.length, other.length);
    return Array.from({ length: rank }, (_, axis) => {
      const left = one[axis - rank + one.length] ?? 1;
      const right = other[axis - rank + other.length] ?? 1;
      if (left !== right && left !== 1 && right !== 1)
        throw new NodeProblem("SHAPE_MISMATCH", `[${one.join(", ")}] and [${other.join(", ")}] cannot be combined`);
      return left === 1 ? right : left;
    });
  }, []);
}

/** For each element of `target`, which element of `source` is broadcast there. */
export function broadcastPositions(source: readonly number[], target: readonly number[]): Int32Array {
  if (broadcastShape(source, target).join() !== target.join())
    throw new NodeProblem("SHAPE_MISMATCH", `[${source.join(", ")}] cannot be spread over [${target.join(", ")}]`);
  const strides = new Array<number>(target.length).fill(0);
  let stride = 1;
  for (let axis = target.length - 1, from = source.length - 1; from >= 0; axis--, from--) {
    const size = source[from] ?? 1;
    if (size !== 1) strides[axis] = stride;
    stride *= size;
  }
  return Int32Array.from({ length: sizeOf(target) }, (_, index) => {
    let rest = index;
    let position = 0;
    for (let axis = target.length - 1; axis >= 0; axis--) {
      const size = target[axis] ?? 1;
      position += (rest % size) * (strides[axis] ?? 0);
      rest = Math.floor(rest / size);
    }
    return position;
  });
}
