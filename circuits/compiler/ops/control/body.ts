import type { GraphBuilder } from "../../build/graph-builder.ts";
import type { NodeView } from "../../build/node-view.ts";
import { knownTensor, reshaped, type Tensor } from "../../build/tensor.ts";
import { NodeProblem } from "../../compile-error.ts";
import type { OnnxGraph } from "../../onnx/model.ts";
import { concatenate } from "../shape/concat.ts";

/** A circuit with more steps than this is not one that anybody proves. */
export const MOST_STEPS = 4096;

/** The graph that an attribute holds. */
export function innerGraph(view: NodeView, name: string): OnnxGraph {
  const graph = view.node.attributes.get(name);
  if (typeof graph === "object" && "captures" in graph) return graph;
  throw new NodeProblem("ATTRIBUTE_UNSUPPORTED", `${name} is missing; export the model again`);
}

/** What each step gave, side by side along a new axis. */
export function stack(graph: GraphBuilder, steps: readonly Tensor[], axis: number): Tensor {
  const [first] = steps;
  if (first === undefined) return knownTensor([0], []);
  const place = axis < 0 ? axis + first.shape.length + 1 : axis;
  return concatenate(
    graph,
    steps.map((step) => reshaped(step, [...step.shape.slice(0, place), 1, ...step.shape.slice(place)])),
    place,
  );
}

/** All of them, or undefined if one could not be computed: which has been said then. */
export function complete(outputs: readonly (Tensor | undefined)[]): readonly Tensor[] | undefined {
  const found = outputs.filter((output) => output !== undefined);
  return found.length === outputs.length ? found : undefined;
}
