import type { NumberArray } from "./arrays.ts";
import { invalidSamples } from "./error.ts";
import { npyElement } from "./npy-element.ts";
import { parseNpyHeader } from "./npy-header.ts";

/** `\x93NUMPY`, and bytes for the major and the minor version. */
const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

/**
 * An array that `numpy.save` wrote, in row-major order: format 1.0 to 3.0, either byte order, C and Fortran order, real
 * numbers, integers and booleans. Source of the format: numpy/lib/format.py. Throws `SAMPLES_INVALID`, which names
 * `file`.
 */
export function parseNpy(bytes: Uint8Array, file: string): NumberArray {
  const refuse = (message: string): never => {
    throw invalidSamples(file, message);
  };
  if (!MAGIC.every((byte, at) => bytes[at] === byte))
    return refuse("this is not a .npy file (its first bytes are wrong)");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const major = bytes[6] ?? 0;
  if (major < 1 || major > 3) return refuse(`.npy format ${major} is not known; save it as format 1.0, 2.0 or 3.0`);
  const start = major === 1 ? 10 : 12;
  if (bytes.length < start) return refuse("the file ends inside its header");
  const length = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (bytes.length < start + length) return refuse("the file ends inside its header");
  const text = new TextDecoder(major === 3 ? "utf-8" : "latin1").decode(bytes.subarray(start, start + length));
  const header = parseNpyHeader(text) ?? refuse("the header is none that NumPy writes");
  const element =
    npyElement(header.descr) ??
    refuse(
      `elements of type "${header.descr}" are not read; save float16, float32, float64, an integer type of 1 to 8 bytes ` +
        "or bool",
    );

  const count = header.shape.reduce((product, size) => product * size, 1);
  const body = bytes.length - start - length;
  if (body !== count * element.bytes)
    return refuse(
      `an array of shape [${header.shape.join(", ")}] and type ${header.descr} takes ${count * element.bytes} bytes, ` +
        `the file holds ${body}`,
    );
  const stored = new Float64Array(count);
  for (let at = 0; at < count; at++) stored[at] = element.read(view, start + length + at * element.bytes);
  return { shape: header.shape, values: header.fortran ? toRowMajor(stored, header.shape) : stored };
}

/** From the order in which the first index runs fastest. */
function toRowMajor(stored: Float64Array, shape: readonly number[]): Float64Array {
  const values = new Float64Array(stored.length);
  const index = new Array<number>(shape.length).fill(0);
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1));
  for (const value of stored) {
    values[index.reduce((at, position, axis) => at + position * (strides[axis] ?? 0), 0)] = value;
    for (let axis = 0; axis < shape.length; axis++) {
      index[axis] = ((index[axis] ?? 0) + 1) % (shape[axis] ?? 1);
      if (index[axis] !== 0) break;
    }
  }
  return values;
}
