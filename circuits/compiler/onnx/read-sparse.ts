import type { onnx } from "onnx-proto";

import { NodeProblem } from "../compile-error.ts";
import type { Constant } from "./model.ts";
import { readConstant } from "./read-constant.ts";
import { countElements } from "./size.ts";

/** A sparse tensor with its zeros. Throws a `NodeProblem` when an index is outside the shape, or a part is missing. */
export function readSparse(sparse: onnx.ISparseTensorProto): Constant {
  if (!sparse.values || !sparse.indices)
    throw new NodeProblem("FILE_TRUNCATED", "a sparse tensor lacks its values or its indices");
  const stored = readConstant(sparse.values);
  const indices = readConstant(sparse.indices);
  const shape = Object.freeze((sparse.dims ?? []).map(Number));
  const dense = new Float64Array(countElements(shape));
  const count = stored.values.length;
  // Either the flat position of each value, or its coordinates.
  const width = indices.shape.length === 2 ? shape.length : 1;
  if (stored.strings !== undefined || indices.values.length !== count * width)
    throw new NodeProblem(
      "SHAPE_MISMATCH",
      `${count} numbers of a sparse tensor need ${count * width} indices, the file holds ${indices.values.length}`,
    );
  stored.values.forEach((value, index) => {
    const coordinates = indices.values.subarray(index * width, (index + 1) * width);
    dense[flatPosition(coordinates, width === 1 ? [dense.length] : shape, index)] = value;
  });
  return Object.freeze({ ...stored, shape, values: dense });
}

function flatPosition(coordinates: Float64Array, shape: readonly number[], index: number): number {
  return shape.reduce((position, size, axis) => {
    const coordinate = coordinates[axis] ?? 0;
    if (coordinate < 0 || coordinate >= size)
      throw new NodeProblem("SHAPE_MISMATCH", `index ${index} of a sparse tensor is outside its shape`);
    return position * size + coordinate;
  }, 0);
}
