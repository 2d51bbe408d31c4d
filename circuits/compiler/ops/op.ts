import { NodeProblem } from "../compile-error.ts";
import type { Matrix } from "../graph/matrix.ts";
import type { Constant, OnnxNode } from "../onnx/model.ts";

/** What an op may ask about the node it stands for. Operands are counted as in the ONNX node. */
export interface NodeView {
  readonly node: OnnxNode;
  readonly opset: number;
  /** Throws a `NodeProblem` when the operand is missing. */
  shape(operand: number): readonly number[];
  /** The value of an operand that is known at compile time. */
  constant(operand: number): Constant | undefined;
  /** Whether the operand has an integer type in ONNX. */
  readonly isWhole: (operand: number) => boolean;
}

/**
 * What a node does to flat row-major vectors. `operands` name the node's inputs that are not constants; for `linear`
 * the matrix has one column for each element of them, laid end to end.
 */
export type Operation =
  | { readonly kind: "same"; readonly operand: number }
  | {
      readonly kind: "linear";
      readonly operands: readonly number[];
      readonly matrix: Matrix;
      readonly bias: Float64Array;
    }
  | { readonly kind: "relu"; readonly operand: number }
  | { readonly kind: "clip"; readonly operand: number; readonly min: number | null; readonly max: number | null }
  | { readonly kind: "softmax" | "argmax"; readonly operand: number; readonly axis: number }
  | { readonly kind: "constant"; readonly value: Constant };

/**
 * One ONNX operator. `shape` and `translate` throw a `NodeProblem` that says what is wrong with the node and what to
 * do; they are only called for nodes whose operands are known.
 */
export interface Op {
  shape(view: NodeView): readonly number[];
  translate(view: NodeView): Operation;
}

export function numberAttribute(node: OnnxNode, name: string, fallback: number): number {
  const value = node.attributes.get(name);
  return typeof value === "number" ? value : fallback;
}

export function integersAttribute(node: OnnxNode, name: string): readonly number[] | undefined {
  const value = node.attributes.get(name);
  return Array.isArray(value) && value.every((item) => typeof item === "number") ? value : undefined;
}

/** An axis counted from the front. */
export function normalizeAxis(axis: number, rank: number): number {
  const position = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(position) || position < 0 || position >= rank)
    throw new NodeProblem("SHAPE_MISMATCH", `axis ${axis} does not exist in a tensor of rank ${rank}`);
  return position;
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** An operand that must be known at compile time, such as a weight. */
export function requireConstant(view: NodeView, operand: number, role: string): Constant {
  const constant = view.constant(operand);
  if (constant === undefined)
    throw new NodeProblem(
      "OPERAND_UNSUPPORTED",
      `${role} must be a constant of the model, but "${view.node.inputs[operand] ?? ""}" is computed; ` +
        "export with constant folding, or freeze it",
    );
  return constant;
}
