import { NodeProblem } from "../compile-error.ts";

/** The common shape of two operands, by the rules of NumPy and ONNX. Throws a `NodeProblem` if there is none. */
export function broadcastShape(a: readonly number[], b: readonly number[]): readonly number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const left = a[axis - rank + a.length] ?? 1;
    const right = b[axis - rank + b.length] ?? 1;
    if (left !== right && left !== 1 && right !== 1)
      throw new NodeProblem("SHAPE_MISMATCH", `[${a.join(", ")}] and [${b.join(", ")}] cannot be combined`);
    return left === 1 ? right : left;
  });
}

/** Maps a flat index of `target` to the flat index of `source` that is broadcast there. */
export function broadcastIndex(source: readonly number[], target: readonly number[]): (index: number) => number {
  if (broadcastShape(source, target).join() !== target.join())
    throw new NodeProblem("SHAPE_MISMATCH", `[${source.join(", ")}] cannot be spread over [${target.join(", ")}]`);
  const strides: number[] = new Array<number>(target.length).fill(0);
  let stride = 1;
  for (let axis = target.length - 1, from = source.length - 1; from >= 0; axis--, from--) {
    const size = source[from] ?? 1;
    if (size !== 1) strides[axis] = stride;
    stride *= size;
  }
  return (index) => {
    let rest = index;
    let position = 0;
    for (let axis = target.length - 1; axis >= 0; axis--) {
      const size = target[axis] ?? 1;
      position += (rest % size) * (strides[axis] ?? 0);
      rest = Math.floor(rest / size);
    }
    return position;
  };
}
