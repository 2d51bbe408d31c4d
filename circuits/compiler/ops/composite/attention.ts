import { addTensors, affine } from "../../build/arithmetic.ts";
import { groupsAlong } from "../../build/axes.ts";
import { broadcastShape } from "../../build/broadcast.ts";
import type { GraphBuilder } from "../../build/graph-builder.ts";
import type { NodeView } from "../../build/node-view.ts";
import { forEachIndex, knownTensor, sizeOf, type Tensor } from "../../build/tensor.ts";
import { NodeProblem } from "../../compile-error.ts";
import { boundAddedMask, HIDDEN } from "../elementwise/mask.ts";
import { multiplyMatrices } from "../linear/matrix-product.ts";
import type { Op } from "../op.ts";
import { inHeads, moved, sideBySide } from "./heads.ts";

/** Scaled dot-product attention; all tensors are [batch, heads, sequence, size] on the way. */
export const attention: Op = {
  doc: {
    takes:
      "queries, keys and values of 3 or 4 dimensions, grouped heads, a mask of truth values or numbers, past keys and " +
      "values, and every output; each query must see a key: one that sees none would get the mean of all; not the lengths " +
      "of keys that opset 24 adds",
    cost: "a product for each term of both products of matrices, what Softmax costs for each score, a table for softcap",
    error: "that of Softmax, and the rounding of scores and values",
  },
  build(view, graph) {
    if (view.optional(6) !== undefined)
      throw new NodeProblem(
        "OPERAND_UNSUPPORTED",
        "nonpad_kv_seqlen is not supported; hide the padding with attn_mask",
      );
    const given = view.operand(0, "Q");
    const queries = inHeads(graph, given, view.number("q_num_heads", 0), "q_num_heads");
    const keys = withPast(view, graph, 4, inHeads(graph, view.operand(1, "K"), headsOf(view), "kv_num_heads"));
    const values = withPast(view, graph, 5, inHeads(graph, view.operand(2, "V"), headsOf(view), "kv_num_heads"));
    const [, heads = 0, length = 0, size = 1] = queries.shape;
    const total = keys.shape[2] ?? 0;
    const scale = view.number("scale", 0) || 1 / Math.sqrt(size);
    const raw = affine(graph, multiplyMatrices(graph, queries, shared(graph, keys, heads, true)), scale);
    const softcap = view.number("softcap", 0);
    const capped =
      softcap === 0
        ? raw
        : graph.curve(raw, { name: `SoftCap(${softcap})`, of: (x) => softcap * Math.tanh(x / softcap) });
    const mask = view.optional(3);
    const biased = mask === undefined ? capped : addTensors(graph, capped, biasOf(graph, mask, capped.shape));
    const masked = view.flag("is_causal")
      ? addTensors(graph, biased, causal(length, total, total - lengthOf(view)))
      : biased;
    const weights = graph.softmax(masked, groupsAlong(masked.shape, 3), false);
    const result = multiplyMatrices(graph, weights, shared(graph, values, heads, false));
    const scores = [raw, capped, masked, weights][view.number("qk_matmul_output_mode", 0)];
    return [given.shape.length === 3 ? sideBySide(graph, result) : result, keys, values, scores];
  },
};

function headsOf(view: NodeView): number {
  return view.number("kv_num_heads", 0);
}

/** Of the keys that the node is given, without the past. */
function lengthOf(view: NodeView): number {
  const { shape } = view.operand(1);
  return shape[shape.length - 2] ?? 0;
}

/** Past elements come first in the sequence. */
function withPast(view: NodeView, graph: GraphBuilder, position: number, tensor: Tensor): Tensor {
  const past = view.optional(position);
  if (past === undefined) return tensor;
  const [batch = 0, heads = 0, length = 0, size = 0] = tensor.shape;
  const before = past.shape[2] ?? 0;
  if (past.shape.join() !== [batch, heads, before, size].join())
    throw new NodeProblem(
      "SHAPE_MISMATCH",
      `[${past.shape.join(", ")}] of the past does not continue in [${tensor.shape.join(", ")}]`,
    );
  const shape = [batch, heads, before + length, size];
  const from: number[] = [];
  forEachIndex(shape, ([b = 0, h = 0, s = 0, d = 0]) => {
    const head = b * heads + h;
    from.push(
      s < before ? (head * before + s) * size + d : sizeOf(past.shape) + (head * length + s - before) * size + d,
    );
  });
  return graph.take([past, tensor], shape, from);
}

/** For each query head the keys or values of its group, keys with their last two dimensions exchanged. */
function shared(graph: GraphBuilder, tensor: Tensor, heads: number, isTurned: boolean): Tensor {
  const [batch = 0, own = 0, length = 0, size = 0] = tensor.shape;
  if (own === 0 || heads % own !== 0)
    throw new NodeProblem("SHAPE_MISMATCH", `${heads} query heads cannot share ${own} heads of keys and values`);
  const shape = isTurned ? [batch, heads, size, length] : [batch, heads, length, size];
  return moved(graph, tensor, shape, ([b = 0, h = 0, i = 0, j = 0]) => {
    const [s, d] = isTurned ? [j, i] : [i, j];
    return ((b * own + Math.floor((h * own) / heads)) * length + s) * size + d;
  });
}

/** Truth values say what is seen; numbers are added. */
function biasOf(graph: GraphBuilder, mask: Tensor, shape: readonly number[]): Tensor {
  if (broadcastShape(mask.shape, shape).join() !== shape.join())
    throw new NodeProblem(
      "SHAPE_MISMATCH",
      `the mask [${mask.shape.join(", ")}] does not fit scores of [${shape.join(", ")}]`,
    );
  return mask.type === "bool" ? affine(graph, mask, HIDDEN, -HIDDEN, "real") : boundAddedMask(mask);
}

/** Nothing sees what comes after it. */
function causal(length: number, total: number, past: number): Tensor {
  const bias: number[] = [];
  forEachIndex([length, total], ([query = 0, key = 0]) => bias.push(key > query + past ? -HIDDEN : 0));
  return knownTensor([length, total], bias);
}
