import { Diagnostics } from "../compile-error.ts";
import type { Layer, Origin } from "../graph/layer.ts";

/** The largest shift that a rounding can have: more bits than that are not in any value. */
export const LARGEST_SHIFT = 250;

/** Whether all numbers of a layer are exact integers, which float64 holds up to 2^53. */
export function isExact(layer: Layer): boolean {
  switch (layer.kind) {
    case "linear":
      return layer.matrix.weight.every(Number.isSafeInteger) && layer.bias.every(Number.isSafeInteger);
    case "clip":
      return [layer.min ?? 0, layer.max ?? 0].every(Number.isSafeInteger) && layer.shift <= LARGEST_SHIFT;
    case "relu":
    case "rescale":
      return layer.shift <= LARGEST_SHIFT;
    case "argmax":
      return true;
  }
}

/** Throws `PRECISION_LOST` for every layer whose integers do not fit 53 bits at the scales chosen. */
export function checkExact(layers: readonly Layer[], origins: readonly Origin[]): void {
  const problems = new Diagnostics();
  layers.forEach((layer, index) => {
    if (isExact(layer)) return;
    const { nodes = [], ops = [] } = origins[index] ?? {};
    problems.add(
      "PRECISION_LOST",
      { name: nodes.join("+"), op: ops.join("+") },
      "its weights, biases or bounds exceed 2^53 as integers and would not be exact; use fewer decimals or weight bits, " +
        "leave out a bound that nothing reaches, or scale the layer down when training",
    );
  });
  problems.throwIfAny();
}
