import type { Tensor } from "../../build/tensor.ts";

/** No activation comes near it. */
const NEVER = 1e9;
/** What a softmax cannot tell from minus infinity beside any score, and what needs few bits. */
export const HIDDEN = 2 ** 15;

const isNever = (x: number): boolean => Math.abs(x) >= NEVER;

/**
 * Exporters hide positions from attention with minus infinity, the lowest float or -1e9: such constants become -32768,
 * which needs few bits and which a softmax cannot tell from them.
 */
export function boundMask(tensor: Tensor): Tensor {
  if (tensor.type !== "real" || tensor.known?.some(isNever) !== true) return tensor;
  return Object.freeze({ ...tensor, known: tensor.known.map((x) => (isNever(x) ? Math.sign(x) * HIDDEN : x)) });
}

/** The same for what is added: a mask also leaves something visible, unlike an offset that is large everywhere. */
export function boundAddedMask(tensor: Tensor): Tensor {
  return tensor.known?.every(isNever) === true ? tensor : boundMask(tensor);
}

/** The same for a factor, which hides with the lowest float: infinity would make NaN of what it does not hide. */
export function boundMaskFactor(tensor: Tensor): Tensor {
  return tensor.known?.every(Number.isFinite) === false ? tensor : boundMask(tensor);
}

/** Whether a tensor is a lowest bound that no value reaches, as attention takes the largest of its scores and it. */
export function isBottom(tensor: Tensor): boolean {
  return tensor.type === "real" && tensor.known?.every((x) => x <= -NEVER) === true;
}
