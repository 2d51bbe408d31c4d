import { computeLayer } from "../layers/table.ts";
import type { FloatLayer } from "./layer.ts";

/**
 * Every value of a graph in float64, first the inputs, then the layers. Exact for an integer graph whose intervals
 * lie below 2^52, which is what makes it the fast twin of the reference when scales are chosen.
 */
export function computeValues(layers: readonly FloatLayer[], inputs: readonly Float64Array[]): Float64Array[] {
  const values = [...inputs];
  for (const layer of layers)
    values.push(
      computeLayer(
        layer,
        layer.inputs.map((id) => values[id] ?? new Float64Array()),
      ),
    );
  return values;
}
