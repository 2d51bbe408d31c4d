import type { SoftmaxLayer } from "../graph/layer.ts";
import { argmaxGroups } from "./argmax.ts";

/** Only for the float yardstick; an integer graph has no softmax. */
export function computeSoftmax(layer: SoftmaxLayer, input: Float64Array): Float64Array {
  const output = new Float64Array(input.length);
  for (const group of argmaxGroups(layer)) {
    const largest = Math.max(...group.map((at) => input[at] ?? 0));
    let sum = 0;
    for (const at of group) sum += output[at] = Math.exp((input[at] ?? 0) - largest);
    for (const at of group) output[at] = (output[at] ?? 0) / sum;
  }
  return output;
}
