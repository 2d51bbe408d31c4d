import { Diagnostics } from "../compile-error.ts";
import type { Layer, Origin } from "../graph/layer.ts";
import { LARGEST_SHIFT } from "../layers/elementwise.ts";
import { layerNumbers } from "../layers/table.ts";

/** Whether all numbers of a layer are exact integers, which float64 holds up to 2^53. */
export function isExact(layer: Layer): boolean {
  if ("shift" in layer && layer.shift > LARGEST_SHIFT) return false;
  for (const number of layerNumbers(layer)) if (!Number.isSafeInteger(number)) return false;
  return true;
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
