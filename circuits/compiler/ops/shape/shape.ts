import { knownTensor, sizeOf } from "../../build/tensor.ts";
import { EXACT, FREE, type Op } from "../op.ts";

/** Bounds that lie outside are cut off, as in a slice. */
export const shape: Op = {
  doc: { takes: "any operand, start and end", cost: FREE, error: EXACT },
  build(view) {
    const given = view.operand(0).shape;
    const sizes = given.slice(view.number("start", 0), view.number("end", given.length));
    return knownTensor([sizes.length], sizes, "int");
  },
};

export const size: Op = {
  doc: { takes: "any operand", cost: FREE, error: EXACT },
  build: (view) => knownTensor([], [sizeOf(view.operand(0).shape)], "int"),
};
