import { hardmax, hardSigmoid } from "./activations/hard.ts";
import { leakyRelu, pRelu, shrink, thresholdedRelu } from "./activations/leaky.ts";
import { gru } from "./composite/gru.ts";
import { lstm } from "./composite/lstm.ts";
import { rnn } from "./composite/rnn.ts";
import {
  celu,
  elu,
  gelu,
  hardSwish,
  mish,
  selu,
  sigmoid,
  softplus,
  softsign,
  swish,
  tanh,
} from "./activations/smooth.ts";
import { add, mul, neg, sub } from "./elementwise/arithmetic.ts";
import { bitShift, bitwiseAnd, bitwiseNot, bitwiseOr, bitwiseXor } from "./elementwise/bits.ts";
import { cast, castLike } from "./elementwise/cast.ts";
import { isInf, isNan } from "./elementwise/classify.ts";
import { clip } from "./elementwise/clip.ts";
import { and, equal, greater, greaterOrEqual, less, lessOrEqual, negation, or, xor } from "./elementwise/compare.ts";
import { div } from "./elementwise/div.ts";
import { abs, max, min } from "./elementwise/extremes.ts";
import {
  acos,
  acosh,
  asin,
  asinh,
  atan,
  atanh,
  cos,
  cosh,
  erf,
  exp,
  log,
  reciprocal,
  sin,
  sinh,
  sqrt,
  tan,
} from "./elementwise/functions.ts";
import { mod } from "./elementwise/mod.ts";
import { pow } from "./elementwise/pow.ts";
import { relu } from "./elementwise/relu.ts";
import { ceil, floor, round } from "./elementwise/rounding.ts";
import { sign } from "./elementwise/sign.ts";
import { where } from "./elementwise/where.ts";
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
    Abs: abs,
    Acos: acos,
    Acosh: acosh,
    Add: add,
    And: and,
    ArgMax: argmax,
    ArgMin: argmin,
    Asin: asin,
    Asinh: asinh,
    Atan: atan,
    Atanh: atanh,
    BitShift: bitShift,
    BitwiseAnd: bitwiseAnd,
    BitwiseNot: bitwiseNot,
    BitwiseOr: bitwiseOr,
    BitwiseXor: bitwiseXor,
    Cast: cast,
    CastLike: castLike,
    Ceil: ceil,
    Celu: celu,
    Clip: clip,
    Constant: constant,
    Cos: cos,
    Cosh: cosh,
    Div: div,
    Dropout: identity,
    Elu: elu,
    Equal: equal,
    Erf: erf,
    Exp: exp,
    Flatten: flatten,
    Floor: floor,
    Gelu: gelu,
    Gemm: gemm,
    GlobalMaxPool: globalMaxPool,
    Greater: greater,
    GreaterOrEqual: greaterOrEqual,
    GRU: gru,
    Hardmax: hardmax,
    HardSigmoid: hardSigmoid,
    HardSwish: hardSwish,
    Identity: identity,
    IsInf: isInf,
    IsNaN: isNan,
    LeakyRelu: leakyRelu,
    Less: less,
    LessOrEqual: lessOrEqual,
    Log: log,
    LogSoftmax: logSoftmax,
    LSTM: lstm,
    MatMul: matmul,
    Max: max,
    MaxPool: maxPool,
    Min: min,
    Mish: mish,
    Mod: mod,
    Mul: mul,
    Neg: neg,
    Not: negation,
    Or: or,
    Pow: pow,
    PRelu: pRelu,
    Reciprocal: reciprocal,
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
    RNN: rnn,
    Round: round,
    Selu: selu,
    Shrink: shrink,
    Sigmoid: sigmoid,
    Sign: sign,
    Sin: sin,
    Sinh: sinh,
    Softmax: softmax,
    Softplus: softplus,
    Softsign: softsign,
    Sqrt: sqrt,
    Squeeze: squeeze,
    Sub: sub,
    Swish: swish,
    Tan: tan,
    Tanh: tanh,
    ThresholdedRelu: thresholdedRelu,
    Unsqueeze: unsqueeze,
    Where: where,
    Xor: xor,
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
