import { NodeProblem } from "../compile-error.ts";

/** Half a gigabyte of float64: far above what can be proven, far below what would exhaust the machine. */
const MOST_ELEMENTS = 2 ** 26;

/** Number of elements of a shape that a file claims, before anything of that size is allocated. */
export function countElements(shape: readonly number[]): number {
  const dimension = shape.findIndex((size) => !Number.isInteger(size) || size < 0);
  if (dimension !== -1)
    throw new NodeProblem("SIZE_INVALID", `dimension ${dimension} of shape [${shape.join(", ")}] is negative`);
  const count = shape.reduce((product, size) => product * size, 1);
  if (count > MOST_ELEMENTS)
    throw new NodeProblem(
      "SIZE_INVALID",
      `shape [${shape.join(", ")}] has ${count} elements, more than the ${MOST_ELEMENTS} that a tensor may have`,
    );
  return count;
}
