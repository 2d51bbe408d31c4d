import { elementCount, elementRange, TensorError } from "../../format/tensor.ts";
import { evaluateLayer } from "../layers/table.ts";
import type { IntegerGraph } from "./graph.ts";

/**
 * The reference: the right answer of a compiled model, exact. Takes and returns one array for each tensor. Throws
 * `TENSOR_LENGTH` or `TENSOR_RANGE` for inputs that the specs do not allow.
 */
export function evaluate(graph: IntegerGraph, inputs: readonly (readonly bigint[])[]): bigint[][] {
  const values = evaluateValues(graph, inputs);
  return graph.results.map((id) => [...(values[id] ?? [])]);
}

/** Every value of the graph, first the inputs, then the layers. Throws as `evaluate` does. */
export function evaluateValues(graph: IntegerGraph, inputs: readonly (readonly bigint[])[]): (readonly bigint[])[] {
  assertInputs(graph, inputs);
  const values: (readonly bigint[])[] = [...inputs];
  for (const layer of graph.layers)
    values.push(
      evaluateLayer(
        layer,
        layer.inputs.map((id) => values[id] ?? []),
      ),
    );
  return values;
}

export function assertInputs(graph: IntegerGraph, inputs: readonly (readonly bigint[])[]): void {
  if (inputs.length !== graph.inputs.length)
    throw new TensorError("TENSOR_LENGTH", `the model takes ${graph.inputs.length} tensors, got ${inputs.length}`, {
      expected: graph.inputs.length,
      got: inputs.length,
    });
  graph.inputs.forEach((spec, position) => {
    const values = inputs[position] ?? [];
    const expected = elementCount(spec);
    if (values.length !== expected)
      throw new TensorError("TENSOR_LENGTH", `"${spec.name}" takes ${expected} elements, got ${values.length}`, {
        tensor: spec.name,
        expected,
        got: values.length,
      });
    const { min, max } = elementRange(spec);
    const index = values.findIndex((value) => value < min || value > max);
    if (index !== -1)
      throw new TensorError(
        "TENSOR_RANGE",
        `element ${index} of "${spec.name}" is ${values[index]}, outside [${min}, ${max}]`,
        { tensor: spec.name, index, value: String(values[index]), min: String(min), max: String(max) },
      );
  });
}
