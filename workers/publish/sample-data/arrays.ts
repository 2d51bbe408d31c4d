/** Numbers in row-major order. */
export interface NumberArray {
  readonly shape: readonly number[];
  readonly values: ArrayLike<number>;
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/**
 * Whether one array can stand for the other without a doubt about the order of elements: dimensions of 1 do not count,
 * and a flat one holds any shape of as many elements. [28, 28, 1] fits [1, 1, 28, 28] and [784]; [28, 28, 3] does not fit
 * [1, 3, 28, 28].
 */
export function fits(found: readonly number[], expected: readonly number[]): boolean {
  if (sizeOf(found) !== sizeOf(expected)) return false;
  const [one, other] = [found, expected].map((shape) => shape.filter((size) => size !== 1));
  if (one === undefined || other === undefined) return false;
  return one.length <= 1 || other.length <= 1 || (one.length === other.length && one.every((n, at) => n === other[at]));
}

export function shapeText(shape: readonly (number | string)[]): string {
  return `[${shape.join(", ")}]`;
}

/** Where in an array its element `at` stands, such as "[3, 0, 17]". */
export function positionText(at: number, shape: readonly number[]): string {
  const position: number[] = [];
  let rest = at;
  for (const size of [...shape].reverse()) {
    position.unshift(rest % size);
    rest = Math.floor(rest / size);
  }
  return shapeText(position);
}
