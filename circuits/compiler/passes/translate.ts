import { GraphBuilder } from "../build/graph-builder.ts";
import { NodeView } from "../build/node-view.ts";
import { integerWidth, tensorOf, tensorType } from "../build/read-constant.ts";
import { sizeOf, type Tensor } from "../build/tensor.ts";
import { Diagnostics, NodeProblem } from "../compile-error.ts";
import type { FloatGraph } from "../graph/graph.ts";
import type { OnnxModel, OnnxNode } from "../onnx/model.ts";
import { opNamed } from "../ops/table.ts";
import { checkNode } from "./check-supported.ts";
import { fixInputs } from "./fix-inputs.ts";

/**
 * Reads the model once from top to bottom: every node says with layers on flat vectors what it computes. Shapes follow
 * on the way, what hangs on no input is known at once, and whatever only renames values vanishes. What cannot follow
 * from a faulty node is left out, so that each diagnostic is a cause and none a consequence.
 */
export function translate(model: OnnxModel, sizes: Readonly<Record<string, number>> = {}): FloatGraph {
  const problems = new Diagnostics();
  const shapes = fixInputs(model, sizes);
  const graph = new GraphBuilder(model.inputs.length);
  const tensors = new Map<string, Tensor>();
  for (const [name, constant] of model.constants) tensors.set(name, tensorOf(constant));
  model.inputs.forEach(({ name, type }, value) => {
    const width = integerWidth(type);
    const shape = shapes[value] ?? [];
    tensors.set(name, Object.freeze({ shape, type: tensorType(type), value, ...(width !== undefined && { width }) }));
  });
  walk(model.nodes, tensors, { model, graph, problems });
  problems.throwIfAny();
  const isComputed = model.outputs.some((name) => tensors.get(name)?.value !== undefined);
  const outputs = model.outputs.map((name) => {
    const found = tensors.get(name);
    const tensor = isComputed && found?.known !== undefined ? asComputed(found, model, tensors, graph) : found;
    if (tensor?.value === undefined)
      problems.add(
        "OPERAND_UNSUPPORTED",
        { name, op: "" },
        tensor === undefined
          ? `no node computes the graph output "${name}"`
          : `the graph output "${name}" does not depend on any input; remove it`,
      );
    const { shape = [], type = "real", value = 0, labels } = tensor ?? {};
    return Object.freeze({ name, shape, type, value, ...(labels !== undefined && { labels }) });
  });
  outputs.forEach(({ name, shape }) => {
    if (sizeOf(shape) === 0) problems.add("SHAPE_MISMATCH", { name, op: "" }, `output "${name}" has no elements`);
  });
  problems.throwIfAny();
  return Object.freeze({
    inputs: Object.freeze(model.inputs.map(({ name }, index) => Object.freeze({ name, shape: shapes[index] ?? [] }))),
    layers: Object.freeze([...graph.layers]),
    origins: Object.freeze([...graph.origins]),
    outputs: Object.freeze(outputs),
  });
}

/** A known output beside computed ones: a layer without weights, whose bias it is. */
function asComputed(
  tensor: Tensor,
  model: OnnxModel,
  tensors: ReadonlyMap<string, Tensor>,
  graph: GraphBuilder,
): Tensor {
  const input = tensors.get(model.inputs[0]?.name ?? "");
  if (input === undefined || tensor.known === undefined || tensor.type === "text") return tensor;
  graph.enter({ name: "", op: "Constant" });
  return graph.linear([input], tensor.shape, () => undefined, { bias: tensor.known, type: tensor.type });
}

interface Translation {
  readonly model: OnnxModel;
  readonly graph: GraphBuilder;
  readonly problems: Diagnostics;
}

/** Adds what the nodes compute to the tensors in scope. */
function walk(nodes: readonly OnnxNode[], tensors: Map<string, Tensor>, translation: Translation): void {
  for (const node of nodes) {
    if (node.inputs.some((name) => name !== "" && !tensors.has(name))) continue;
    try {
      const outputs = buildNode(node, tensors, translation);
      node.outputs.forEach((name, position) => {
        const tensor = outputs[position];
        if (name !== "" && tensor !== undefined) tensors.set(name, tensor);
      });
    } catch (error) {
      if (!(error instanceof NodeProblem)) throw error;
      translation.problems.add(error.code, node, error.message);
    }
  }
}

function buildNode(
  node: OnnxNode,
  tensors: ReadonlyMap<string, Tensor>,
  translation: Translation,
): readonly (Tensor | undefined)[] {
  const { model, graph, problems } = translation;
  const op = opNamed(node.domain, node.op);
  if (op === undefined) {
    checkNode(node, problems);
    return [];
  }
  const operands = node.inputs.map((name) => (name === "" ? undefined : tensors.get(name)));
  graph.enter(node);
  const view = new NodeView(node, node.domain === "" ? model.opset : model.mlOpset, operands);
  const built = op.build(view, graph, (inner, given = []) => {
    const scope = new Map(tensors);
    for (const [name, constant] of inner.constants) scope.set(name, tensorOf(constant));
    given.forEach((tensor, at) => scope.set(inner.inputs[at] ?? "", tensor));
    walk(inner.nodes, scope, translation);
    graph.enter(node);
    return inner.outputs.map((name) => scope.get(name));
  });
  return "shape" in built ? [built] : built;
}
