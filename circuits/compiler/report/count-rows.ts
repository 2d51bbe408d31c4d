import { wordCount } from "../../format/interface-words.ts";
import { elementCount } from "../../format/tensor.ts";
import { ALL_PUBLIC, chainInputs, chainOutputs, hasSalt } from "../../format/visibility.ts";
import { NOTHING, type RowWriter } from "../gadgets/gadget.ts";
import { gadgetWidths, writeRows } from "../gadgets/table.ts";
import type { IntegerGraph } from "../graph/graph.ts";
import { layerCost } from "../layers/table.ts";
import { streamBytes } from "../lower/place-words.ts";
import type { Block, Program } from "../lower/program.ts";
import { inferRanges } from "../passes/infer-ranges.ts";

/** Constraints by the part of the circuit that they come from. */
export interface RowCounts {
  readonly inputs: number;
  /** One for each layer of the graph. */
  readonly layers: readonly number[];
  readonly outputs: number;
  /** To inputs and outputs that stay hidden. */
  readonly commitments: number;
  readonly words: number;
}

/** More than a hash takes of each word that goes into it, and its decomposition at the end. */
const [HASH_ROWS, DIGEST_ROWS] = [300, 1000];

/** Counts what every gadget of the program really writes. */
export function countRows(graph: IntegerGraph, program: Program): RowCounts {
  const blocks = blocksByLayer(program);
  const edges = blocks.get(null) ?? [];
  return {
    inputs: inputRows(program),
    layers: graph.layers.map((_, index) => blockRows(blocks.get(index))),
    outputs: blockRows(edges.filter(isOutput)),
    commitments: blockRows(edges.filter((block) => !isOutput(block))),
    words: 1 + program.words.length,
  };
}

/** The most that each layer can take, from intervals alone, for a circuit that is too big to build. */
export function estimateRows(graph: IntegerGraph): RowCounts {
  const { visibility = ALL_PUBLIC } = graph;
  const ranges = inferRanges(graph);
  const first = graph.inputs.length;
  const hashed = wordCount(streamBytes([...graph.inputs, ...graph.outputs]));
  return {
    inputs: inputRows(graph),
    layers: graph.layers.map((layer, index) =>
      layerCost(
        layer,
        layer.inputs.map((id) => ranges[id] ?? []),
        ranges[first + index] ?? [],
      ),
    ),
    outputs: graph.outputs.reduce((sum, spec) => sum + elementCount(spec) * (spec.bits + 1), 0),
    commitments: hasSalt(visibility) ? HASH_ROWS * hashed + DIGEST_ROWS : 0,
    words: 1 + publicWords(graph),
  };
}

/** Interface words of a graph. */
export function publicWords({ visibility = ALL_PUBLIC, inputs, outputs }: IntegerGraph): number {
  return wordCount(streamBytes([...chainInputs(visibility, inputs), ...chainOutputs(visibility, outputs)]));
}

export function totalRows({ inputs, layers, outputs, commitments, words }: RowCounts): number {
  return layers.reduce((sum, rows) => sum + rows, inputs + outputs + commitments + words);
}

/** Blocks of each layer; those of the outputs are under null. */
export function blocksByLayer({ blocks }: Program): ReadonlyMap<number | null, readonly Block[]> {
  const byLayer = new Map<number | null, Block[]>();
  for (const block of blocks) {
    const own = byLayer.get(block.layer);
    if (own === undefined) byLayer.set(block.layer, [block]);
    else own.push(block);
  }
  return byLayer;
}

/** Bits of the narrowest and of the widest decomposition; null if there is none. */
export function widthsOf(blocks: readonly Block[]): { readonly least: number; readonly most: number } | null {
  let [least, most] = [Infinity, 0];
  for (const { gadgets } of blocks)
    for (const gadget of gadgets)
      for (const width of gadgetWidths(gadget)) [least, most] = [Math.min(least, width), Math.max(most, width)];
  return most === 0 ? null : { least, most };
}

/** Of the blocks that belong to no layer, those that cut outputs into bits; the others commit. */
function isOutput({ name }: Block): boolean {
  return name.startsWith("outputs");
}

function blockRows(blocks: readonly Block[] = []): number {
  let rows = 0;
  const counter: RowWriter = { expand: () => NOTHING, product: () => rows++, zero: () => rows++ };
  for (const { gadgets } of blocks) for (const gadget of gadgets) writeRows(gadget, counter);
  return rows;
}

/** Every bit of an input, and of a weight that is a witness, is shown to be one. */
function inputRows({ inputs }: Pick<IntegerGraph, "inputs">): number {
  return inputs.reduce((sum, spec) => sum + elementCount(spec) * spec.bits, 0);
}
