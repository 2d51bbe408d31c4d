import { Diagnostics, NodeProblem } from "../compile-error.ts";
import type { Constant, OnnxInput, OnnxModel, OnnxNode } from "../onnx/model.ts";
import type { NodeView } from "../ops/op.ts";
import { isOpName, opNamed } from "../ops/table.ts";

/** A model whose every value has a shape. */
export interface ShapedModel extends OnnxModel {
  readonly shapes: ReadonlyMap<string, readonly number[]>;
}

/**
 * Gives every value its shape. A first dimension that is not fixed is the batch and taken as 1; any other dynamic
 * dimension is a `SHAPE_DYNAMIC` that names it. What cannot follow from a faulty node is left out, so that each
 * diagnostic is a cause and none a consequence.
 */
export function inferShapes(model: OnnxModel): ShapedModel {
  const problems = new Diagnostics();
  const shapes = new Map<string, readonly number[]>();
  for (const [name, constant] of model.constants) shapes.set(name, constant.shape);
  for (const input of model.inputs) shapes.set(input.name, fixDimensions(input, problems));
  problems.throwIfAny();
  const constants = new Map(model.constants);
  for (const node of model.nodes) {
    if (!isOpName(node.op) || node.inputs.some((name) => name !== "" && !shapes.has(name))) continue;
    const view = viewNode(node, { opset: model.opset, shapes, constants });
    try {
      const shape = Object.freeze([...opNamed(node.op).shape(view)]);
      for (const output of node.outputs) shapes.set(output, shape);
      if (node.inputs.length === 0) noteConstant(node, view, constants);
    } catch (error) {
      if (!(error instanceof NodeProblem)) throw error;
      problems.add(error.code, node, error.message);
    }
  }
  problems.throwIfAny();
  for (const output of model.outputs)
    if (!shapes.has(output))
      problems.add("SHAPE_MISMATCH", { name: output, op: "" }, `no node computes the graph output "${output}"`);
  problems.throwIfAny();
  return Object.freeze({ ...model, shapes });
}

/** What is known about the values of a model. */
export interface Knowledge {
  readonly opset: number;
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  readonly constants: ReadonlyMap<string, Constant>;
  /** Computed values of an integer type; empty until it is known. */
  readonly wholes?: ReadonlySet<string>;
}

/** The node with what is known about its operands. */
export function viewNode(node: OnnxNode, { opset, shapes, constants, wholes }: Knowledge): NodeView {
  return {
    node,
    opset,
    shape(operand) {
      const shape = shapes.get(node.inputs[operand] ?? "");
      if (shape === undefined) throw new NodeProblem("SHAPE_MISMATCH", `operand ${operand} is missing`);
      return shape;
    },
    constant: (operand) => constants.get(node.inputs[operand] ?? ""),
    isWhole: (operand) => {
      const name = node.inputs[operand] ?? "";
      return constants.get(name)?.whole ?? wholes?.has(name) ?? false;
    },
  };
}

/** Shapes may be given by Constant nodes, which are folded only later. */
function noteConstant(node: OnnxNode, view: NodeView, constants: Map<string, Constant>): void {
  if (!isOpName(node.op)) return;
  const operation = opNamed(node.op).translate(view);
  if (operation.kind === "constant") for (const output of node.outputs) constants.set(output, operation.value);
}

function fixDimensions(input: OnnxInput, problems: Diagnostics): readonly number[] {
  return Object.freeze(
    input.shape.map((dimension, axis) => {
      if (typeof dimension === "number") return dimension;
      if (axis > 0)
        problems.add(
          "SHAPE_DYNAMIC",
          { name: input.name, op: "" },
          `dimension ${axis}${dimension === "" ? "" : ` ("${dimension}")`} of input "${input.name}" is not fixed; ` +
            "a circuit has one size, so export with a fixed size (only the first dimension, the batch, may be open)",
        );
      return 1;
    }),
  );
}
