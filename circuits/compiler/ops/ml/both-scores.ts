import { affine } from "../../build/arithmetic.ts";
import type { GraphBuilder } from "../../build/graph-builder.ts";
import { knownTensor, type Tensor } from "../../build/tensor.ts";
import { rowOf } from "./class-labels.ts";
import { type PostTransform, transformScores } from "./post-transform.ts";

/**
 * The scores of two classes that one number tells, [1, 2], as ONNX Runtime writes them: the second class has the number
 * and the first what is missing to `whole`, which is 1 for probabilities and else 0.
 */
export function bothScores(graph: GraphBuilder, score: Tensor, transform: PostTransform, whole: 0 | 1): Tensor {
  if (transform === "PROBIT") return rowOf(graph, [transformScores(graph, score, transform), knownTensor([1, 1], [0])]);
  if (transform === "LOGISTIC")
    return transformScores(graph, rowOf(graph, [affine(graph, score, -1), score]), transform);
  return rowOf(graph, [affine(graph, score, -1, whole), score]);
}
