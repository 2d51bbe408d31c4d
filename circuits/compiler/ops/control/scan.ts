import type { GraphBuilder } from "../../build/graph-builder.ts";
import { type NodeView, normalizeAxis } from "../../build/node-view.ts";
import { reshaped, type Tensor } from "../../build/tensor.ts";
import { NodeProblem } from "../../compile-error.ts";
import { EXACT, type Op } from "../op.ts";
import { everyIndex, pick } from "../shape/move.ts";
import { complete, innerGraph, stack } from "./body.ts";

/** The body once for each slice of its last operands; it takes and gives the state first. */
export const scan: Op = {
  doc: {
    takes: "any axes and directions, the form since opset 9",
    cost: "that of the body, once for each step",
    error: EXACT,
  },
  build(view, graph, inner) {
    if (view.opset < 9) throw new NodeProblem("OPSET_UNSUPPORTED", "the Scan of opset 8; export with opset 9 or later");
    const body = innerGraph(view, "body");
    const operands = view.operands();
    const states = operands.length - view.number("num_scan_inputs", 1);
    let state = operands.slice(0, states);
    const scanned = operands.slice(states);
    const axes = scanned.map((tensor, at) => normalizeAxis(entry(view, "scan_input_axes", at), tensor.shape.length));
    const lengths = scanned.map((tensor, at) => tensor.shape[axes[at] ?? 0] ?? 1);
    const [steps = 0] = lengths;
    if (lengths.some((length) => length !== steps))
      throw new NodeProblem("SHAPE_MISMATCH", `what is scanned has [${lengths.join(", ")}] slices`);
    const collected: Tensor[][] = Array.from({ length: body.outputs.length - states }, () => []);
    for (let step = 0; step < steps; step++) {
      const slices = scanned.map((tensor, at) => {
        const backwards = entry(view, "scan_input_directions", at) === 1;
        return sliceAt(graph, tensor, axes[at] ?? 0, backwards ? steps - 1 - step : step);
      });
      const outputs = complete(inner(body, [...state, ...slices]));
      if (outputs === undefined) return [];
      state = outputs.slice(0, states);
      outputs.slice(states).forEach((value, at) => {
        if (entry(view, "scan_output_directions", at) === 1) collected[at]?.unshift(value);
        else collected[at]?.push(value);
      });
    }
    return [...state, ...collected.map((list, at) => stack(graph, list, entry(view, "scan_output_axes", at)))];
  },
};

/** An attribute with one number for each operand; 0 unless it says otherwise. */
function entry(view: NodeView, name: string, at: number): number {
  return view.integersAttribute(name)?.[at] ?? 0;
}

function sliceAt(graph: GraphBuilder, tensor: Tensor, axis: number, position: number): Tensor {
  const lists = tensor.shape.map((size, at) => (at === axis ? [position] : everyIndex(size)));
  return reshaped(
    pick(graph, tensor, lists),
    tensor.shape.filter((_, at) => at !== axis),
  );
}
