import type { Op } from "./op.ts";

export const relu: Op = {
  shape: (view) => view.shape(0),
  translate: () => ({ kind: "relu", operand: 0 }),
};
