import type { Tensor } from "../../build/tensor.ts";

/** No activation comes near it. */
const NEVER = 1e9;
/** What a softmax cannot tell from minus infinity beside any score, and what needs few bits. */
const FAR = 2 ** 15;

/**
 * Exporters hide positions from attention with minus infinity or the lowest float: constants that are added or chosen,
 * never multiplied. They become -32768, which needs few bits and which a softmax cannot tell from them.
 */
export function boundMask(tensor: Tensor): Tensor {
  if (tensor.type !== "real" || tensor.known?.some((x) => Math.abs(x) >= NEVER) !== true) return tensor;
  return Object.freeze({ ...tensor, known: tensor.known.map((x) => (Math.abs(x) >= NEVER ? Math.sign(x) * FAR : x)) });
}
