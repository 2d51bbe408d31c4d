import type { OpDoc } from "../op.ts";

export const TREE_DOC: OpDoc = {
  takes:
    "all node modes, thresholds as float32; missing values do not occur, so what they track is ignored; labels that are " +
    "texts become their positions",
  cost:
    "for each element, its thresholds + 2n + 4, or n + 1 for each of a few; for each tree and output, its nodes that do " +
    "not only choose between two leaves, or its nodes",
  error: "paths exact; leaves have 28 bits",
};
