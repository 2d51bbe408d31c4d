import { knownTensor, sizeOf } from "../../build/tensor.ts";
import { NodeProblem } from "../../compile-error.ts";
import { EXACT, FREE, type Op } from "../op.ts";

/** Outside of training nothing is dropped; the mask says so. */
export const dropout: Op = {
  doc: { takes: "inference, or a ratio of 0; both outputs", cost: FREE, error: EXACT },
  build(view) {
    const given = view.operand(0);
    const training = view.optional(2) !== undefined && view.known(2, "training_mode").known[0] !== 0;
    const ratio = view.optional(1) === undefined ? view.number("ratio", 0.5) : view.known(1, "the ratio").known[0];
    if (training && ratio !== 0)
      throw new NodeProblem("ATTRIBUTE_UNSUPPORTED", "dropping at random has no circuit; export in eval mode");
    const ones = new Float64Array(sizeOf(given.shape)).fill(1);
    return [given, knownTensor(given.shape, ones, view.opset < 10 ? given.type : "bool")];
  },
};
