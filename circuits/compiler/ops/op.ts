import type { GraphBuilder } from "../build/graph-builder.ts";
import type { NodeView } from "../build/node-view.ts";
import type { Tensor } from "../build/tensor.ts";
import type { OnnxGraph } from "../onnx/model.ts";

/** What `docs/operators.md` says of an operator. */
export interface OpDoc {
  /** What it takes and what not, in a few words. */
  readonly takes: string;
  /** Constraints: n stands for the bits of an element's interval. */
  readonly cost: string;
  /** How far the integers can be from real arithmetic on the same integers. */
  readonly error: string;
}

/**
 * One ONNX operator: says with the builder's layers what the node computes, and gives its outputs in order. Throws a
 * `NodeProblem` that says what is wrong with the node and what to do. Shapes follow from the operands': every dimension
 * is fixed here.
 */
export interface Op {
  readonly doc: OpDoc;
  /** An output is undefined where an inner graph is at fault, which has been said then. */
  build(view: NodeView, graph: GraphBuilder, inner: InnerGraph): Tensor | readonly (Tensor | undefined)[];
}

/**
 * Computes a graph that an attribute holds, in the scope of the node and with these operands for its inputs: the outputs
 * that it could compute.
 */
export type InnerGraph = (graph: OnnxGraph, operands?: readonly Tensor[]) => readonly (Tensor | undefined)[];

export const FREE = "0";
export const EXACT = "exact";
/** Of an operator whose result is rounded where it is used next. */
export const WEIGHTS_ROUNDED = "weights rounded to the chosen scale";
