import { Diagnostics, NodeProblem } from "../compile-error.ts";
import { computeLayer } from "../layers/table.ts";
import type { Constant, OnnxNode } from "../onnx/model.ts";
import type { NodeView } from "../ops/op.ts";
import { isOpName, opNamed } from "../ops/table.ts";
import { type ShapedModel, viewNode } from "./infer-shapes.ts";
import { isWholeResult } from "./whole-results.ts";
import { operationLayer } from "./operation-layer.ts";

/** Replaces every node whose operands are all known by its value. */
export function foldConstants(model: ShapedModel): ShapedModel {
  const problems = new Diagnostics();
  const constants = new Map(model.constants);
  const nodes: OnnxNode[] = [];
  for (const node of model.nodes) {
    if (!node.inputs.every((name) => name === "" || constants.has(name))) {
      nodes.push(node);
      continue;
    }
    try {
      const value = valueOf(node, viewNode(node, { opset: model.opset, shapes: model.shapes, constants }));
      for (const output of node.outputs) constants.set(output, value);
    } catch (error) {
      if (!(error instanceof NodeProblem)) throw error;
      problems.add(error.code, node, error.message);
    }
  }
  problems.throwIfAny();
  return Object.freeze({ ...model, constants, nodes: Object.freeze(nodes) });
}

/**
 * Casting a constant to an integer cuts its fraction off, as ONNX says; of a computed value that is refused.
 */
function castConstant({ shape, values }: Constant): Constant {
  return { shape, values: values.map((value) => Math.trunc(value) + 0), whole: true };
}

/** The first operand plays the variable, so that one translation serves both kinds of node. */
function valueOf(node: OnnxNode, view: NodeView): Constant {
  if (!isOpName(node.op)) throw new NodeProblem("OP_UNSUPPORTED", "no circuit for this operator");
  const op = opNamed(node.op);
  const first = view.constant(0);
  if (node.op === "Cast" && first !== undefined && isWholeResult(node, view.isWhole)) return castConstant(first);
  const operation = op.translate({
    ...view,
    constant: (operand) => (operand === 0 ? undefined : view.constant(operand)),
  });
  if (operation.kind === "constant") return operation.value;
  const input = view.constant(0)?.values ?? new Float64Array();
  const [shape, whole] = [op.shape(view), isWholeResult(node, view.isWhole)];
  if (operation.kind === "same") return { shape, values: input, whole };
  const layer = operationLayer(
    operation,
    () => 0,
    (operand) => view.shape(operand),
  );
  return { shape, values: computeLayer(layer, [input]), whole };
}
