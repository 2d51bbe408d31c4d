import type { NodeView } from "../../build/node-view.ts";
import { normalizeAxis } from "../../build/node-view.ts";
import { type IntegerWidth, sizeOf, stridesOf, type Tensor } from "../../build/tensor.ts";
import { NodeProblem } from "../../compile-error.ts";

/** The range of an 8 or 16 bit type; quantized tensors have no other. */
const RANGES: Partial<Record<IntegerWidth, { readonly min: number; readonly max: number }>> = {
  uint8: { min: 0, max: 255 },
  int8: { min: -128, max: 127 },
  uint16: { min: 0, max: 65_535 },
  int16: { min: -32_768, max: 32_767 },
};

export interface QuantizedType {
  readonly width: IntegerWidth;
  readonly min: number;
  readonly max: number;
}

/** The type that a zero point has; uint8 if it is left out. */
export function quantizedType(zero: Tensor | undefined, fallback: IntegerWidth = "uint8"): QuantizedType {
  const width = zero?.width ?? fallback;
  const range = RANGES[width];
  if (range === undefined)
    throw new NodeProblem("TYPE_UNSUPPORTED", `quantizing to ${width} is not supported; take 8 or 16 bits`);
  return { width, ...range };
}

/** A scale or zero point for each element of a shape: one for all, or one for each place along an axis. */
export interface PerElement {
  readonly scale: Float64Array;
  readonly zero: Float64Array;
}

/** Operands `scale` and `zero` of a node that quantizes `shape` along `axis`. Blocked quantization is refused. */
export function perElement(
  view: NodeView,
  operands: { readonly scale: number; readonly zero: number },
  shape: readonly number[],
  axis: number,
): PerElement {
  const scale = view.known(operands.scale, "the scale");
  const zero = view.optional(operands.zero) === undefined ? undefined : view.known(operands.zero, "the zero point");
  scale.known.forEach((value, index) => {
    if (!(value > 0) || !Number.isFinite(value))
      throw new NodeProblem("OPERAND_UNSUPPORTED", `scale ${index} is ${value}; scales must be positive and finite`);
  });
  const block = view.number("block_size", 0);
  const spread = ({ known, shape: own }: { readonly known: Float64Array; readonly shape: readonly number[] }) =>
    block === 0
      ? spreadAlong(known, shape, axis)
      : spreadBlocks(known, own, shape, normalizeAxis(axis, shape.length), block);
  return { scale: spread(scale), zero: zero === undefined ? new Float64Array(sizeOf(shape)) : spread(zero) };
}

function spreadAlong(values: Float64Array, shape: readonly number[], axis: number): Float64Array {
  const size = sizeOf(shape);
  if (values.length === 1) return new Float64Array(size).fill(values[0] ?? 0);
  const at = normalizeAxis(axis, shape.length);
  if (values.length !== shape[at])
    throw new NodeProblem("SHAPE_MISMATCH", `${values.length} scales for axis ${axis} of [${shape.join(", ")}]`);
  const inner = sizeOf(shape.slice(at + 1));
  return Float64Array.from({ length: size }, (_, index) => values[Math.floor(index / inner) % values.length] ?? 0);
}

/** Blocks of `block` elements along the axis share a number. */
function spreadBlocks(
  values: Float64Array,
  own: readonly number[],
  shape: readonly number[],
  axis: number,
  block: number,
): Float64Array {
  const wanted = shape.map((size, at) => (at === axis ? Math.ceil(size / block) : size));
  if (own.join() !== wanted.join())
    throw new NodeProblem(
      "SHAPE_MISMATCH",
      `scales [${own.join(", ")}] do not fit [${shape.join(", ")}] in blocks of ${block} along axis ${axis}`,
    );
  const [to, from] = [stridesOf(shape), stridesOf(own)];
  return Float64Array.from({ length: sizeOf(shape) }, (_, index) => {
    const place = shape.reduce((sum, size, at) => {
      const position = Math.floor(index / (to[at] ?? 1)) % size;
      return sum + (at === axis ? Math.floor(position / block) : position) * (from[at] ?? 0);
    }, 0);
    return values[place] ?? 0;
  });
}
