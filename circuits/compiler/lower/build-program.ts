import { wordCount } from "../../format/interface-words.ts";
import { elementCount } from "../../format/tensor.ts";
import { type Sum, wireAlone } from "../gadgets/gadget.ts";
import type { IntegerGraph } from "../graph/graph.ts";
import { lowerLayer } from "../layers/table.ts";
import { expandSum } from "./expand-sum.ts";
import { forEachElement, type Placement, placeTensors, straddles, streamBytes, WordSums } from "./place-words.ts";
import { FIRST_WORD_WIRE, type Program } from "./program.ts";
import { ProgramBuilder } from "./program-builder.ts";
import { plus } from "./sums.ts";

/** Turns a graph into gadgets on wires. Pure: the same graph gives the same program. */
export function buildProgram(graph: IntegerGraph): Program {
  const specs = [...graph.inputs, ...graph.outputs];
  const words = wordCount(streamBytes(specs));
  const placements = placeTensors(specs);
  const wordSums = new WordSums(words);

  /** The binding's square is the first private wire. */
  const builder = new ProgramBuilder(FIRST_WORD_WIRE + words + 1);
  const inputWires = graph.inputs.map((spec) => builder.reserve(elementCount(spec) * spec.bits));
  const values: (readonly Sum[])[] = graph.inputs.map((spec, tensor) =>
    builder.input(spec, tensor, inputWires[tensor] ?? 0),
  );
  graph.inputs.forEach((spec, tensor) => {
    const placement = placements[tensor];
    if (placement === undefined) return;
    forEachElement(placement, (element) => {
      for (let bit = 0; bit < spec.bits; bit++)
        wordSums.add(placement, element, bit, wireAlone((inputWires[tensor] ?? 0) + element * spec.bits + bit));
    });
  });

  graph.layers.forEach((layer, index) => {
    builder.openBlock(`layer${index}`, index);
    values.push(
      lowerLayer(
        layer,
        layer.inputs.map((id) => values[id] ?? []),
        builder,
      ),
    );
    builder.closeBlock();
  });

  const results = graph.results.map((id) => values[id] ?? []);
  builder.openBlock("outputs", null);
  results.forEach((sums, output) => {
    const placement = placements[graph.inputs.length + output];
    if (placement !== undefined) placeOutput(placement, sums, builder, wordSums);
  });
  builder.closeBlock();

  return Object.freeze({
    inputs: graph.inputs,
    outputs: graph.outputs,
    inputWires,
    scalars: builder.scalars,
    blocks: builder.blocks,
    words: wordSums.values.map((value, index) => ({ wire: FIRST_WORD_WIRE + index, value })),
    wireCount: builder.wireCount,
    results,
  });
}

/**
 * An unsigned element whose interval fits its width goes into its word as it is. A signed one, or one that lies in two
 * words, is cut into bits first: of value + 2^(width - 1), the top bit inverted is two's complement.
 */
function placeOutput(placement: Placement, sums: readonly Sum[], builder: ProgramBuilder, words: WordSums): void {
  const { kind, bits } = placement.spec;
  forEachElement(placement, (element) => {
    const sum = sums[element];
    if (sum === undefined) throw new RangeError(`output element ${element} is not computed`);
    if (kind !== "int" && !straddles(placement, element)) {
      words.add(placement, element, 0, expandSum(sum, builder.scalars));
      return;
    }
    const first = builder.cut(kind === "int" ? plus(sum, 1n << BigInt(bits - 1)) : sum, bits);
    for (let bit = 0; bit < bits; bit++) {
      const inverted = kind === "int" && bit === bits - 1;
      const wire = first + bit;
      words.add(placement, element, bit, inverted ? { terms: [[wire, -1n]], constant: 1n } : wireAlone(wire));
    }
  });
}
