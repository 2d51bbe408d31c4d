import { Diagnostics, NodeProblem } from "../compile-error.ts";
import type { FloatGraph } from "../graph/graph.ts";
import type { FloatLayer, Origin, ValueId } from "../graph/layer.ts";
import { type Operation, sizeOf } from "../ops/op.ts";
import { isOpName, opNamed } from "../ops/table.ts";
import { type ShapedModel, viewNode } from "./infer-shapes.ts";
import { operationLayer } from "./operation-layer.ts";
import { isWholeResult } from "./whole-results.ts";

/** Nodes become layers on flat vectors; whatever only renames values vanishes. */
export function translate(model: ShapedModel): FloatGraph {
  const problems = new Diagnostics();
  const layers: FloatLayer[] = [];
  const origins: Origin[] = [];
  const values = new Map<string, ValueId>(model.inputs.map(({ name }, index) => [name, index]));
  const wholes = new Set<string>();
  for (const { name, type } of model.inputs) if (type !== "float" && type !== "double") wholes.add(name);
  const shapeOf = (name: string): readonly number[] => model.shapes.get(name) ?? [];
  for (const node of model.nodes) {
    if (!isOpName(node.op)) continue;
    const view = viewNode(node, { ...model, wholes });
    if (node.inputs.some((name) => name !== "" && !values.has(name) && !model.constants.has(name))) continue;
    if (isWholeResult(node, view.isWhole)) for (const output of node.outputs) wholes.add(output);
    try {
      const operation = opNamed(node.op).translate(view);
      const name = node.outputs[0] ?? "";
      values.set(name, record(operation, node.op, node.name, name));
    } catch (error) {
      if (!(error instanceof NodeProblem)) throw error;
      problems.add(error.code, node, error.message);
    }

    function record(operation: Operation, op: string, nodeName: string, output: string): ValueId {
      const valueOf = (operand: number): ValueId => {
        const id = values.get(node.inputs[operand] ?? "");
        if (id === undefined)
          throw new NodeProblem("OPERAND_UNSUPPORTED", `operand ${operand} must depend on the input of the model`);
        return id;
      };
      if (operation.kind === "same") return valueOf(operation.operand);
      if (operation.kind === "constant") throw new NodeProblem("OPERAND_UNSUPPORTED", "a constant was left unfolded");
      layers.push(Object.freeze(operationLayer(operation, valueOf, (operand) => view.shape(operand))));
      origins.push(Object.freeze({ nodes: [nodeName], ops: [op], shape: shapeOf(output) }));
      return model.inputs.length + layers.length - 1;
    }
  }
  problems.throwIfAny();
  const outputs = model.outputs.map((name) => {
    const value = values.get(name);
    if (value === undefined)
      problems.add(
        "OPERAND_UNSUPPORTED",
        { name, op: "" },
        `the graph output "${name}" does not depend on any input; remove it`,
      );
    return Object.freeze({ name, shape: shapeOf(name), value: value ?? 0 });
  });
  problems.throwIfAny();
  const inputs = model.inputs.map(({ name }) => Object.freeze({ name, shape: shapeOf(name) }));
  for (const { name, shape } of inputs)
    if (sizeOf(shape) === 0) problems.add("SHAPE_MISMATCH", { name, op: "" }, `input "${name}" has no elements`);
  problems.throwIfAny();
  return Object.freeze({
    inputs: Object.freeze(inputs),
    layers: Object.freeze(layers),
    origins: Object.freeze(origins),
    outputs: Object.freeze(outputs),
  });
}
