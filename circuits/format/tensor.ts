import { AssayError } from "./error.ts";

/** `label` is an unsigned index into a list of labels; `text` is UTF-8 of at most `shape[0]` bytes. */
export type ElementKind = "uint" | "int" | "label" | "text";

export const ELEMENT_KINDS: readonly ElementKind[] = ["uint", "int", "label", "text"];
export const ELEMENT_BITS: readonly number[] = [1, 2, 4, 8, 16, 32, 64];

/**
 * What a tensor looks like on chain: packed at `bits` per element without gaps, big-endian two's complement,
 * row-major, zero-padded at the end to a whole byte. A real value is `integer / 10 ** decimals`.
 */
export interface TensorSpec {
  readonly kind: ElementKind;
  readonly bits: number;
  readonly decimals: number;
  readonly shape: readonly number[];
}

export type TensorErrorCode = "TENSOR_SPEC" | "TENSOR_LENGTH" | "TENSOR_RANGE" | "TENSOR_PADDING";

export class TensorError extends AssayError {
  declare readonly code: TensorErrorCode;
  constructor(code: TensorErrorCode, message: string, details: Record<string, unknown>) {
    super(code, message, { details });
  }
}

/** Number of elements; for `text`, the longest length in bytes. */
export function elementCount(spec: TensorSpec): number {
  return spec.shape.reduce((product, size) => product * size, 1);
}

/** Exact length in bytes of a packed tensor; for `text`, the longest. */
export function byteLength(spec: TensorSpec): number {
  return Math.ceil((elementCount(spec) * spec.bits) / 8);
}

/** Smallest and largest integer that an element can hold. */
export function elementRange(spec: TensorSpec): { readonly min: bigint; readonly max: bigint } {
  const bits = BigInt(spec.bits);
  return spec.kind === "int"
    ? { min: -(1n << (bits - 1n)), max: (1n << (bits - 1n)) - 1n }
    : { min: 0n, max: (1n << bits) - 1n };
}

/** Throws `TENSOR_SPEC` unless the spec can be stored on chain. */
export function assertTensorSpec(spec: TensorSpec): void {
  const problem = specProblem(spec);
  if (problem !== undefined) throw new TensorError("TENSOR_SPEC", problem, { spec });
}

function specProblem(spec: TensorSpec): string | undefined {
  if (!ELEMENT_KINDS.includes(spec.kind)) return `element kind ${spec.kind} is none of ${ELEMENT_KINDS.join(", ")}`;
  if (!ELEMENT_BITS.includes(spec.bits)) return `${spec.bits} bits per element is none of ${ELEMENT_BITS.join(", ")}`;
  if (spec.kind === "text" && (spec.bits !== 8 || spec.shape.length !== 1))
    return "text is 8 bits per element with the longest length as its only dimension";
  if (!Number.isInteger(spec.decimals) || spec.decimals < 0 || spec.decimals > 18)
    return `decimals must be 0 to 18, not ${spec.decimals}`;
  if (spec.shape.some((size) => !Number.isInteger(size) || size < 1 || size > 0xffff_ffff))
    return `every dimension must be a positive 32-bit integer, not [${spec.shape.join(", ")}]`;
  return undefined;
}

/** Packs integers (row-major) for the chain. Throws `TENSOR_LENGTH` or `TENSOR_RANGE`, naming the first bad element. */
export function packTensor(spec: TensorSpec, values: readonly bigint[]): Uint8Array {
  if (spec.kind === "text") return packText(spec, values);
  const expected = elementCount(spec);
  if (values.length !== expected)
    throw new TensorError("TENSOR_LENGTH", `expected ${expected} elements, got ${values.length}`, {
      expected,
      got: values.length,
    });
  const packed = new Uint8Array(byteLength(spec));
  values.forEach((value, index) => {
    assertInRange(spec, value, index);
    writeBits(packed, index * spec.bits, spec.bits, BigInt.asUintN(spec.bits, value));
  });
  return packed;
}

/** The inverse of `packTensor`. Throws `TENSOR_LENGTH`, or `TENSOR_PADDING` if a padding bit is set. */
export function unpackTensor(spec: TensorSpec, packed: Uint8Array): bigint[] {
  if (spec.kind === "text") return unpackText(spec, packed);
  const expected = byteLength(spec);
  if (packed.length !== expected)
    throw new TensorError("TENSOR_LENGTH", `expected ${expected} bytes, got ${packed.length}`, {
      expected,
      got: packed.length,
    });
  const used = elementCount(spec) * spec.bits;
  if (readBits(packed, used, expected * 8 - used) !== 0n)
    throw new TensorError("TENSOR_PADDING", "the padding bits after the last element must be zero", { used });
  return Array.from({ length: elementCount(spec) }, (_, index) => {
    const raw = readBits(packed, index * spec.bits, spec.bits);
    return spec.kind === "int" ? BigInt.asIntN(spec.bits, raw) : raw;
  });
}

/** Several tensors one after the other, each starting on a byte. */
export function packTensors(specs: readonly TensorSpec[], tensors: readonly (readonly bigint[])[]): Uint8Array {
  if (tensors.length !== specs.length)
    throw new TensorError("TENSOR_LENGTH", `expected ${specs.length} tensors, got ${tensors.length}`, {
      expected: specs.length,
      got: tensors.length,
    });
  return concatBytes(specs.map((spec, index) => packTensor(spec, tensors[index] ?? [])));
}

export function unpackTensors(specs: readonly TensorSpec[], packed: Uint8Array): bigint[][] {
  const lengths = specs.map((spec) => (spec.kind === "text" && specs.length === 1 ? packed.length : byteLength(spec)));
  const expected = lengths.reduce((sum, length) => sum + length, 0);
  if (packed.length !== expected)
    throw new TensorError("TENSOR_LENGTH", `expected ${expected} bytes, got ${packed.length}`, {
      expected,
      got: packed.length,
    });
  let offset = 0;
  return specs.map((spec, index) => {
    const end = offset + (lengths[index] ?? 0);
    const values = unpackTensor(spec, packed.subarray(offset, end));
    offset = end;
    return values;
  });
}

export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

function assertInRange(spec: TensorSpec, value: bigint, index: number): void {
  const { min, max } = elementRange(spec);
  if (value >= min && value <= max) return;
  throw new TensorError("TENSOR_RANGE", `element ${index} is ${value}, outside [${min}, ${max}]`, {
    index,
    value: value.toString(),
    min: min.toString(),
    max: max.toString(),
  });
}

function packText(spec: TensorSpec, values: readonly bigint[]): Uint8Array {
  const longest = elementCount(spec);
  if (values.length > longest)
    throw new TensorError("TENSOR_LENGTH", `expected at most ${longest} bytes of text, got ${values.length}`, {
      expected: longest,
      got: values.length,
    });
  values.forEach((value, index) => assertInRange(spec, value, index));
  return Uint8Array.from(values, Number);
}

function unpackText(spec: TensorSpec, packed: Uint8Array): bigint[] {
  const longest = elementCount(spec);
  if (packed.length > longest)
    throw new TensorError("TENSOR_LENGTH", `expected at most ${longest} bytes of text, got ${packed.length}`, {
      expected: longest,
      got: packed.length,
    });
  return Array.from(packed, BigInt);
}

function writeBits(target: Uint8Array, start: number, count: number, value: bigint): void {
  for (let bit = 0; bit < count; bit++) {
    if (((value >> BigInt(count - 1 - bit)) & 1n) === 0n) continue;
    const position = start + bit;
    target[position >> 3] = (target[position >> 3] ?? 0) | (0x80 >> (position & 7));
  }
}

function readBits(source: Uint8Array, start: number, count: number): bigint {
  let value = 0n;
  for (let position = start; position < start + count; position++)
    value = (value << 1n) | BigInt(((source[position >> 3] ?? 0) >> (7 - (position & 7))) & 1);
  return value;
}
