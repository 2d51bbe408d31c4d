import { argmax } from "./argmax.ts";
import { cast } from "./cast.ts";
import { clip } from "./clip.ts";
import { constant } from "./constant.ts";
import { add, div, mul, sub } from "./elementwise.ts";
import { gemm } from "./gemm.ts";
import { matmul } from "./matmul.ts";
import type { Op } from "./op.ts";
import { relu } from "./relu.ts";
import { flatten, identity, reshape, squeeze, unsqueeze } from "./reshape.ts";
import { softmax } from "./softmax.ts";

/** Every ONNX operator that compiles. A new one is a file beside this one and a line here. */
export const OPS = {
  Add: add,
  ArgMax: argmax,
  Cast: cast,
  Clip: clip,
  Constant: constant,
  Div: div,
  Dropout: identity,
  Flatten: flatten,
  Gemm: gemm,
  Identity: identity,
  LogSoftmax: softmax,
  MatMul: matmul,
  Mul: mul,
  Relu: relu,
  Reshape: reshape,
  Softmax: softmax,
  Squeeze: squeeze,
  Sub: sub,
  Unsqueeze: unsqueeze,
} as const satisfies Record<string, Op>;

export type OpName = keyof typeof OPS;

export const OP_NAMES: readonly string[] = Object.keys(OPS);

export function isOpName(name: string): name is OpName {
  return Object.hasOwn(OPS, name);
}

export function opNamed(name: OpName): Op {
  return OPS[name];
}
