import type { NodeView } from "../../build/node-view.ts";
import { normalizeAxis } from "../../build/node-view.ts";
import { type IntegerWidth, sizeOf, type Tensor } from "../../build/tensor.ts";
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
  if (view.number("block_size", 0) !== 0)
    throw new NodeProblem(
      "ATTRIBUTE_UNSUPPORTED",
      "blocked quantization is not supported; quantize per axis or tensor",
    );
  return {
    scale: spreadAlong(scale.known, shape, axis),
    zero: spreadAlong(zero?.known ?? Float64Array.of(0), shape, axis),
  };
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
