/** The next larger float32. */
function floatAbove(value: number): number {
  if (value === 0) return 2 ** -149;
  return stepped(value, value > 0 ? 1 : -1);
}

/** The next smaller float32. */
export function floatBelow(value: number): number {
  if (value === 0) return -(2 ** -149);
  return stepped(value, value > 0 ? -1 : 1);
}

/** The least float64 whose float32 is above `value`, itself a float32; Infinity if there is none. */
export function leastAbove(value: number): number {
  const next = floatAbove(value);
  if (!Number.isFinite(next)) return Number.isFinite(value) || value > 0 ? Infinity : -Infinity;
  // Halfway between neighbours rounds to the even one.
  const middle = value / 2 + next / 2;
  return Math.fround(middle) > value ? middle : nextDouble(middle);
}

/** Neighbours of the same sign have neighbouring bits. */
function stepped(value: number, by: 1 | -1): number {
  if (!Number.isFinite(value)) return value;
  const bits = new DataView(new ArrayBuffer(4));
  bits.setFloat32(0, value);
  bits.setUint32(0, bits.getUint32(0) + by);
  return bits.getFloat32(0);
}

function nextDouble(value: number): number {
  if (value === 0) return Number.MIN_VALUE;
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, value);
  bits.setBigUint64(0, bits.getBigUint64(0) + (value > 0 ? 1n : -1n));
  return bits.getFloat64(0);
}
