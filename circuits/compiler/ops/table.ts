import { cast } from "./elementwise/cast.ts";
import { clip } from "./elementwise/clip.ts";
import { div } from "./elementwise/div.ts";
import { add, mul, sub } from "./elementwise/arithmetic.ts";
import { relu } from "./elementwise/relu.ts";
import { gemm } from "./linear/gemm.ts";
import { matmul } from "./linear/matmul.ts";
import type { Op } from "./op.ts";
import { argmax, argmin } from "./order/argmax.ts";
import { globalMaxPool, maxPool } from "./order/max-pool.ts";
import {
  reduceL1,
  reduceL2,
  reduceLogSum,
  reduceLogSumExp,
  reduceMax,
  reduceMin,
  reduceProd,
  reduceSumSquare,
} from "./order/reduce.ts";
import { logSoftmax, softmax } from "./order/softmax.ts";
import { constant } from "./shape/constant.ts";
import { flatten, identity, reshape, squeeze, unsqueeze } from "./shape/reshape.ts";

/**
 * Every ONNX operator that compiles, by domain. A new one is a file in the room of its family and a line here.
 */
export const OPS: Readonly<Record<string, Readonly<Record<string, Op>>>> = {
  "": {
    Add: add,
    ArgMax: argmax,
    ArgMin: argmin,
    Cast: cast,
    Clip: clip,
    Constant: constant,
    Div: div,
    Dropout: identity,
    Flatten: flatten,
    Gemm: gemm,
    GlobalMaxPool: globalMaxPool,
    Identity: identity,
    LogSoftmax: logSoftmax,
    MatMul: matmul,
    MaxPool: maxPool,
    Mul: mul,
    ReduceL1: reduceL1,
    ReduceL2: reduceL2,
    ReduceLogSum: reduceLogSum,
    ReduceLogSumExp: reduceLogSumExp,
    ReduceMax: reduceMax,
    ReduceMin: reduceMin,
    ReduceProd: reduceProd,
    ReduceSumSquare: reduceSumSquare,
    Relu: relu,
    Reshape: reshape,
    Softmax: softmax,
    Squeeze: squeeze,
    Sub: sub,
    Unsqueeze: unsqueeze,
  },
  "ai.onnx.ml": {},
};

export function opNamed(domain: string, name: string): Op | undefined {
  const ops = OPS[domain];
  return ops !== undefined && Object.hasOwn(ops, name) ? ops[name] : undefined;
}

export function opNames(domain: string): readonly string[] {
  return Object.keys(OPS[domain] ?? {});
}
