import { elementCount } from "../../format/tensor.ts";
import { NOTHING, type RowWriter } from "../gadgets/gadget.ts";
import { gadgetWidths, writeRows } from "../gadgets/table.ts";
import type { IntegerGraph } from "../graph/graph.ts";
import { layerCost } from "../layers/table.ts";
import type { Block, Program } from "../lower/program.ts";
import { inferRanges } from "../passes/infer-ranges.ts";

/** Constraints by the part of the circuit that they come from. */
export interface RowCounts {
  readonly inputs: number;
  /** One for each layer of the graph. */
  readonly layers: readonly number[];
  readonly outputs: number;
  readonly interface: number;
}

/** Counts what every gadget of the program really writes. */
export function countRows(graph: IntegerGraph, program: Program): RowCounts {
  const blocks = blocksByLayer(program);
  return {
    inputs: inputRows(graph),
    layers: graph.layers.map((_, index) => blockRows(blocks.get(index))),
    outputs: blockRows(blocks.get(null)),
    interface: 1 + program.words.length,
  };
}

/** The most that each layer can take, from intervals alone, for a circuit that is too big to build. */
export function estimateRows(graph: IntegerGraph, words: number): RowCounts {
  const ranges = inferRanges(graph);
  const first = graph.inputs.length;
  const elements = graph.outputs.reduce((sum, spec) => sum + elementCount(spec) * (spec.bits + 1), 0);
  return {
    inputs: inputRows(graph),
    layers: graph.layers.map((layer, index) =>
      layerCost(
        layer,
        layer.inputs.map((id) => ranges[id] ?? []),
        ranges[first + index] ?? [],
      ),
    ),
    outputs: elements,
    interface: 1 + words,
  };
}

export function totalRows({ inputs, layers, outputs, interface: edge }: RowCounts): number {
  return layers.reduce((sum, rows) => sum + rows, inputs + outputs + edge);
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

function blockRows(blocks: readonly Block[] = []): number {
  let rows = 0;
  const counter: RowWriter = { expand: () => NOTHING, product: () => rows++, zero: () => rows++ };
  for (const { gadgets } of blocks) for (const gadget of gadgets) writeRows(gadget, counter);
  return rows;
}

/** Every bit of an input is shown to be one. */
function inputRows({ inputs }: IntegerGraph): number {
  return inputs.reduce((sum, spec) => sum + elementCount(spec) * spec.bits, 0);
}
