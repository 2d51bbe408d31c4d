import { wordCount } from "../../format/interface-words.ts";
import { elementCount } from "../../format/tensor.ts";
import { ALL_PUBLIC, chainInputs, chainOutputs, hasSalt } from "../../format/visibility.ts";
import { type Sum, wireAlone, type WireSum } from "../gadgets/gadget.ts";
import type { IntegerGraph } from "../graph/graph.ts";
import { lowerLayer } from "../layers/table.ts";
import { hashWords, placeCommitment } from "./commit-words.ts";
import { expandSum } from "./expand-sum.ts";
import { forEachElement, type Placement, placeTensors, straddles, streamBytes, WordSums } from "./place-words.ts";
import { FIRST_WORD_WIRE, type Program } from "./program.ts";
import { ProgramBuilder } from "./program-builder.ts";
import { plus } from "./sums.ts";
import { lowerWitnessLayer, weightTensors } from "./witness-weights.ts";

/** Turns a graph into gadgets on wires. Pure: the same graph gives the same program. */
export function buildProgram(graph: IntegerGraph): Program {
  const { visibility = ALL_PUBLIC } = graph;
  const onChain = { inputs: chainInputs(visibility, graph.inputs), outputs: chainOutputs(visibility, graph.outputs) };
  const specs = [...onChain.inputs, ...onChain.outputs];
  const words = wordCount(streamBytes(specs));
  const signals = words + (graph.committedWeights === undefined ? 0 : 1);
  const placements = placeTensors(specs);
  const wordSums = new WordSums(words);

  /** The binding's square is the first private wire. */
  const builder = new ProgramBuilder(FIRST_WORD_WIRE + signals + 1);
  const saltWire = hasSalt(visibility) ? builder.reserve(1) : null;
  const weights = weightTensors(graph);
  const given = [...graph.inputs, ...weights.map(({ spec }) => spec)];
  const inputWires = given.map((spec) => builder.reserve(elementCount(spec) * spec.bits));
  const givenSums: readonly (readonly Sum[])[] = given.map((spec, tensor) =>
    builder.input(spec, tensor, inputWires[tensor] ?? 0),
  );
  const values = givenSums.slice(0, graph.inputs.length);
  const weightSums = givenSums.slice(graph.inputs.length);

  const hidesInput = visibility.input === "committed";
  const hidden = placeTensors(hidesInput ? graph.inputs : []);
  const hiddenBytes = streamBytes(hidden.map(({ spec }) => spec));
  const inputSums = hidesInput ? new WordSums(wordCount(hiddenBytes)) : wordSums;
  graph.inputs.forEach((_, tensor) => {
    const placement = (hidesInput ? hidden : placements)[tensor];
    if (placement !== undefined) placeInput(placement, inputWires[tensor] ?? 0, inputSums);
  });
  if (saltWire !== null) {
    builder.openBlock("input_commitment", null);
    const secret = hidesInput ? inputSums.values.map((value) => builder.word(value)) : [];
    const hash = hashWords(builder, "input", builder.secret(saltWire), secret, hiddenBytes);
    placeCommitment(builder, hash, placementAt(placements, onChain.inputs.length - 1), wordSums);
    builder.closeBlock();
  }

  graph.layers.forEach((layer, index) => {
    builder.openBlock(`layer${index}`, index);
    const taken = layer.inputs.map((id) => values[id] ?? []);
    const witness = graph.committedWeights?.findIndex((each) => each.layer === index) ?? -1;
    values.push(
      witness >= 0 && layer.kind === "linear"
        ? lowerWitnessLayer(layer, taken, weightSums[2 * witness] ?? [], weightSums[2 * witness + 1] ?? [], builder)
        : lowerLayer(layer, taken, builder),
    );
    builder.closeBlock();
  });

  const results = graph.results.map((id) => values[id] ?? []);
  const hidesOutput = visibility.output === "committed";
  const outputBytes = streamBytes(graph.outputs);
  const outputSums = hidesOutput ? new WordSums(wordCount(outputBytes)) : wordSums;
  const outputPlacements = hidesOutput ? placeTensors(graph.outputs) : placements.slice(onChain.inputs.length);
  builder.openBlock("outputs", null);
  results.forEach((sums, output) => {
    const placement = outputPlacements[output];
    if (placement !== undefined)
      placeOutput(placement, sums, { builder, words: outputSums, isWitness: weights.length > 0 });
  });
  builder.closeBlock();
  if (saltWire !== null && hidesOutput) {
    builder.openBlock("output_commitment", null);
    const salt = hashWords(builder, "output salt", builder.secret(saltWire), [], 0);
    const secret = outputSums.values.map((value) => builder.word(value));
    const hash = hashWords(builder, "output", salt, secret, outputBytes);
    placeCommitment(builder, hash, placementAt(placements, placements.length - 1), wordSums);
    builder.closeBlock();
  }

  const root = (): WireSum => {
    const hidden = placeTensors(weights.map(({ spec }) => spec));
    const bytes = streamBytes(hidden.map(({ spec }) => spec));
    const sums = new WordSums(wordCount(bytes));
    hidden.forEach((placement, at) => placeInput(placement, inputWires[graph.inputs.length + at] ?? 0, sums));
    builder.openBlock("weights_root", null);
    const [first, ...rest] = sums.values.map((value) => builder.word(value));
    if (first === undefined) throw new RangeError("there are no weights");
    const hash = expandSum(hashWords(builder, "weights", first, rest, bytes), builder.scalars);
    builder.closeBlock();
    // Circom would merge two names of one wire.
    return { ...hash, constant: hash.constant + 1n };
  };
  const chainWords = wordSums.values.map((value, index) => ({ wire: FIRST_WORD_WIRE + index, value }));
  const allWords =
    weights.length === 0 ? chainWords : [...chainWords, { wire: FIRST_WORD_WIRE + words, value: root() }];
  return Object.freeze({
    inputs: given,
    outputs: graph.outputs,
    placedInputs: hidesInput ? null : placements.slice(0, graph.inputs.length),
    saltWire,
    inputWires,
    scalars: builder.scalars,
    blocks: builder.blocks,
    words: allWords,
    wireCount: builder.wireCount,
    results,
  });
}

function placementAt(placements: readonly Placement[], index: number): Placement {
  const placement = placements[index];
  if (placement === undefined) throw new RangeError(`tensor ${index} has no place in the words`);
  return placement;
}

function placeInput(placement: Placement, first: number, words: WordSums): void {
  const { bits } = placement.spec;
  forEachElement(placement, (element) => {
    for (let bit = 0; bit < bits; bit++) words.add(placement, element, bit, wireAlone(first + element * bits + bit));
  });
}

/**
 * An unsigned element whose interval fits its width goes into its word as it is. A signed one, or one that lies in two
 * words, is cut into bits first: of value + 2^(width - 1), the top bit inverted is two's complement.
 */
function placeOutput(
  placement: Placement,
  sums: readonly Sum[],
  {
    builder,
    words,
    isWitness,
  }: { readonly builder: ProgramBuilder; readonly words: WordSums; readonly isWitness: boolean },
): void {
  const { kind, bits } = placement.spec;
  forEachElement(placement, (element) => {
    const sum = sums[element];
    if (sum === undefined) throw new RangeError(`output element ${element} is not computed`);
    const range = builder.range(sum);
    // Intervals from the widths of weights that are a witness may be wider than those of the graph.
    const fits = !isWitness || (range.lo >= 0n && range.hi >> BigInt(bits) === 0n);
    if (kind !== "int" && fits && !straddles(placement, element)) {
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
