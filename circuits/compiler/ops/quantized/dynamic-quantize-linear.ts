import { knownTensor, retyped } from "../../build/tensor.ts";
import type { Op } from "../op.ts";

/**
 * What follows only ever uses (y - zero) * scale, which is the operand less its rounding to 255 steps. So the operand
 * itself goes on, with scale 1 and zero point 0: nearer to the float model that was quantized, and free.
 */
export const dynamicQuantizeLinear: Op = {
  doc: {
    takes: "anything; its outputs must be used together, as ONNX Runtime's quantizer does",
    cost: "0",
    error: "the rounding to 255 steps is left out: up to half a step of ONNX Runtime's scale",
  },
  build(view) {
    const given = view.operand(0);
    return [given, knownTensor([], [1]), retyped(knownTensor([], [0], "int"), "int", "uint8")];
  },
};
