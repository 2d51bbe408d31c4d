import type { FloatGraph, IntegerGraph } from "../graph/graph.ts";
import { layerSize } from "../layers/table.ts";
import { lower } from "../lower/lower.ts";
import type { Program } from "../lower/program.ts";
import type { Accuracy, ScaleChoice } from "../passes/choose-scales.ts";
import type { Samples } from "../passes/sample-inputs.ts";
import { compareOutputs } from "./compare-outputs.ts";
import {
  blocksByLayer,
  countRows,
  estimateRows,
  publicWords,
  type RowCounts,
  totalRows,
  widthsOf,
} from "./count-rows.ts";
import { dominantText, savingAdvice } from "./dominant.ts";
import { isHopeless, levelsOf } from "./levels.ts";
import { percent } from "./numbers.ts";
import * as cost from "./proving-cost.ts";
import type { CompileReport, NodeReport } from "./report.ts";

interface Facts {
  /** The real arithmetic that the graph was made from. */
  readonly float: FloatGraph;
  readonly choice: ScaleChoice;
  readonly samples: Samples;
  readonly warnings: readonly string[];
}

/** How big the circuit is. Without a program, sizes are the most that they can be. */
interface CircuitSize {
  readonly rows: RowCounts;
  readonly wires: number;
  readonly publicSignals: number;
  readonly coefficients: number;
  readonly program: Program | null;
}

/** Everything a person wants to know before any proving. */
export function buildReport(graph: IntegerGraph, facts: Facts): CompileReport {
  const { choice, samples } = facts;
  const size = measureCircuit(graph);
  const { wires, publicSignals, coefficients } = size;
  const constraints = totalRows(size.rows);
  const domain = cost.domainSize(constraints, publicSignals);
  const keyBytes = cost.zkeyBytes({ wires, domain, coefficients });
  const proof = {
    constraints,
    domain,
    proveSeconds: cost.proveSeconds(domain),
    proveMemoryBytes: cost.proveMemoryBytes(keyBytes),
    verifyGas: cost.verifyGas(publicSignals),
  };
  const nodes = nodeReports(graph, size);
  const levels = levelsOf(proof);
  return Object.freeze({
    name: graph.name,
    inputs: graph.inputs,
    outputs: graph.outputs,
    nodes,
    ...proof,
    estimated: size.program === null,
    wires,
    publicSignals,
    headroom: domain - constraints - publicSignals - 1,
    zkeyBytes: keyBytes,
    levels,
    quantization: {
      source: samples.source,
      samples: samples.inputs.length,
      ...choice.accuracy,
      reached: choice.reached,
    },
    comparison: compareOutputs(graph, facts.float, samples),
    warnings: [
      ...facts.warnings,
      ...accuracyWarnings(choice, samples, choice.accuracy),
      ...(levels.zkml ? [] : [tooBigWarning({ nodes, constraints })]),
    ],
  });
}

function measureCircuit(graph: IntegerGraph): CircuitSize {
  const most = estimateRows(graph);
  const rows = totalRows(most);
  if (isHopeless(rows))
    // Nearly every row has a wire of its own and two or three coefficients in A and B.
    return { rows: most, wires: rows, publicSignals: 1 + publicWords(graph), coefficients: 3 * rows, program: null };
  const { program, system } = lower(graph);
  return {
    rows: countRows(graph, program),
    wires: system.wireCount,
    publicSignals: system.publicCount,
    coefficients: cost.coefficientsOf(system),
    program,
  };
}

/** Inputs, then the layers, then outputs, commitments and words: values and layers keep their order, so positions follow. */
function nodeReports(graph: IntegerGraph, { rows, program }: CircuitSize): NodeReport[] {
  const blocks = program === null ? new Map<number | null, never>() : blocksByLayer(program);
  const inputs = graph.inputs.length;
  const positions = (ids: readonly number[]): number[] => [...new Set(ids.map((id) => Math.max(0, id - inputs + 1)))];
  return [
    edgeReport("inputs", rows.inputs, []),
    ...graph.layers.map((layer, index): NodeReport => {
      const origin = graph.origins[index];
      return {
        node: origin?.nodes.join(" + ") ?? "",
        op: origin?.ops.join(" + ") ?? "",
        shape: shapeOf(layerSize(layer), origin?.shape),
        constraints: rows.layers[index] ?? 0,
        bits: widthsOf(blocks.get(index) ?? []) ?? weightBits(graph, index),
        from: positions(layer.inputs),
      };
    }),
    edgeReport("outputs", rows.outputs, positions(graph.results)),
    ...(rows.commitments === 0 ? [] : [edgeReport("commitments", rows.commitments, [])]),
    edgeReport("words and binding", rows.words, []),
  ];
}

/** The ONNX shape, unless elements that nothing depends on are gone. */
function shapeOf(size: number, shape: readonly number[] | undefined): readonly number[] {
  return shape?.reduce((product, length) => product * length, 1) === size ? shape : [size];
}

function edgeReport(node: string, constraints: number, from: readonly number[]): NodeReport {
  return { node, op: "", shape: [], constraints, bits: null, from };
}

/** Signed bits of the largest weight; zero weights are not stored. */
function weightBits(graph: IntegerGraph, index: number): NodeReport["bits"] {
  const layer = graph.layers[index];
  if (layer?.kind !== "linear") return null;
  const largest = layer.matrix.weight.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0);
  const bits = 1 + largest.toString(2).length;
  return { least: bits, most: bits };
}

function tooBigWarning(report: Pick<CompileReport, "nodes" | "constraints">): string {
  return `too big to prove: most constraints are in ${dominantText(report)}; ${savingAdvice(report)}`;
}

function accuracyWarnings(choice: ScaleChoice, samples: Samples, { agreement, maxError }: Accuracy): string[] {
  const warnings: string[] = [];
  if (samples.source === "drawn")
    warnings.push(
      "no sample inputs were given: scales were chosen on inputs drawn from the declared ranges, which may look nothing " +
        "like yours; give some hundred real ones",
    );
  if (samples.clipped > 0)
    warnings.push(`${samples.clipped} sample values lay outside their element type and were moved to its nearer end`);
  if (!choice.reached)
    warnings.push(
      `the accuracy asked for was not reached: agreement ${percent(agreement, 2)}, largest error ` +
        `${percent(maxError, 2)} of the range; allow more bits, or train with weights of a smaller spread`,
    );
  return warnings;
}
