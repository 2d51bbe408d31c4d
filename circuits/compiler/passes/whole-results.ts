import type { OnnxNode } from "../onnx/model.ts";
import { castTarget } from "../ops/cast.ts";

/**
 * Whether a node gives integers, by the type rules of ONNX: a Cast and an ArgMax name their type, anything else keeps
 * that of its first operand.
 */
export function isWholeResult({ op, attributes }: OnnxNode, isWhole: (operand: number) => boolean): boolean {
  if (op === "ArgMax") return true;
  const to = attributes.get("to");
  if (op === "Cast") return typeof to === "number" && castTarget(to) === "whole";
  return isWhole(0);
}
