import type { FloatLayer, ValueId } from "../graph/layer.ts";

/** The same layer on other values. */
export function rewire<Kind extends FloatLayer>(layer: Kind, move: (id: ValueId) => ValueId): Kind;
export function rewire(layer: FloatLayer, move: (id: ValueId) => ValueId): FloatLayer {
  switch (layer.kind) {
    case "linear":
      return Object.freeze({ ...layer, inputs: layer.inputs.map(move) });
    case "product":
    case "quotient":
    case "bitand":
      return Object.freeze({ ...layer, inputs: [move(layer.inputs[0]), move(layer.inputs[1])] as const });
    default:
      return Object.freeze({ ...layer, inputs: [move(layer.inputs[0])] as const });
  }
}
