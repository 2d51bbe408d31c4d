import type { NumberArray } from "../../../../workers/publish/sample-data/arrays.ts";

interface Layout {
  readonly fortran?: boolean;
  readonly big?: boolean;
  /** In place of the right one. */
  readonly header?: string;
}

/** A .npy file of float64 in format 1.0. */
export function writeNpy(
  { shape, values }: NumberArray,
  { fortran = false, big = false, header }: Layout = {},
): Uint8Array {
  const sizes = shape.length === 1 ? `${shape[0] ?? 0},` : shape.join(", ");
  const text =
    header ??
    `{'descr': '${big ? ">" : "<"}f8', 'fortran_order': ${fortran ? "True" : "False"}, 'shape': (${sizes}), }\n`;
  const bytes = new Uint8Array(10 + text.length + 8 * values.length);
  bytes.set([0x93, ...Buffer.from("NUMPY"), 1, 0, text.length & 0xff, text.length >> 8]);
  bytes.set(Buffer.from(text), 10);
  const view = new DataView(bytes.buffer, 10 + text.length);
  const order = fortran ? fortranOrder(shape) : Array.from(values, (_, at) => at);
  order.forEach((from, at) => view.setFloat64(8 * at, values[from] ?? 0, !big));
  return bytes;
}

/** Row-major positions in the order in which the first index runs fastest. */
function fortranOrder(shape: readonly number[]): number[] {
  return shape.reduceRight<number[]>(
    (rest, size, axis) => {
      const stride = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
      return rest.flatMap((base) => Array.from({ length: size }, (_, index) => base + index * stride));
    },
    [0],
  );
}
