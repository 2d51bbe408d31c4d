import { knownTensor, sizeOf, type Tensor } from "../../build/tensor.ts";
import { EXACT, FREE, type Op } from "../op.ts";

/** Whatever a circuit computes is a finite number. */
const never = (tensor: Tensor, is: (x: number) => boolean): Tensor =>
  knownTensor(
    tensor.shape,
    tensor.known?.map((x) => (is(x) ? 1 : 0)) ?? new Float64Array(sizeOf(tensor.shape)),
    "bool",
  );

export const isNan: Op = {
  doc: { takes: "anything", cost: FREE, error: EXACT },
  build: (view) => never(view.operand(0), Number.isNaN),
};

export const isInf: Op = {
  doc: { takes: "anything", cost: FREE, error: EXACT },
  build(view) {
    const [above, below] = [view.flag("detect_positive", true), view.flag("detect_negative", true)];
    return never(view.operand(0), (x) => (above && x === Infinity) || (below && x === -Infinity));
  },
};
