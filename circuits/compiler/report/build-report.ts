import type { NamedTensorSpec } from "../../format/manifest.ts";
import type { ConstraintSystem } from "../../format/r1cs.ts";
import { gadgetWidths, writeRows } from "../gadgets/table.ts";
import { type Gadget, NOTHING } from "../gadgets/gadget.ts";
import type { IntegerGraph } from "../graph/graph.ts";
import { layerSize } from "../layers/table.ts";
import { lower } from "../lower/lower.ts";
import type { Block } from "../lower/program.ts";
import type { Accuracy, ScaleChoice } from "../passes/choose-scales.ts";
import type { Samples } from "../passes/sample-inputs.ts";

export interface NodeReport {
  /** ONNX nodes that were merged into it. */
  readonly node: string;
  readonly op: string;
  readonly shape: readonly number[];
  readonly constraints: number;
  /** Of weights for a linear layer, of its decompositions for any other: least and most. */
  readonly bits: { readonly least: number; readonly most: number } | null;
}

/** What is known before any proving. Its JSON is an interface: `docs/circuits.md` lists the fields. */
export interface CompileReport {
  readonly name: string;
  readonly inputs: readonly NamedTensorSpec[];
  readonly outputs: readonly NamedTensorSpec[];
  /** In the order of computation, framed by inputs, outputs and words; their constraints add up to the whole. */
  readonly nodes: readonly NodeReport[];
  readonly constraints: number;
  /** With the constant one and the public signals. */
  readonly wires: number;
  /** The binding and the interface words. */
  readonly publicSignals: number;
  /** Size of the Fourier domain of the proof, a power of two. */
  readonly domain: number;
  /** Constraints that could be added before the domain doubles. */
  readonly headroom: number;
  /** Estimate of the proving key's size. */
  readonly zkeyBytes: number;
  /** Estimate of what checking one proof costs on the EVM, calldata included. */
  readonly verifyGas: number;
  /** How close the integers come to the float model, which the compiler evaluates in float64. */
  readonly quantization: {
    /** Whether the samples were given or drawn from the declared ranges. */
    readonly source: Samples["source"];
    readonly samples: number;
    /** Share of equal labels; 1 without any. */
    readonly agreement: number;
    /** Largest error of a numeric output beyond its own rounding, as a share of its range over the samples. */
    readonly maxError: number;
    /** Whether the accuracy asked for was reached. */
    readonly reached: boolean;
  };
  readonly warnings: readonly string[];
}

interface Facts {
  readonly choice: ScaleChoice;
  readonly samples: Samples;
  readonly warnings: readonly string[];
}

/** Everything a person wants to know before any proving. */
export function buildReport(graph: IntegerGraph, { choice, samples, warnings }: Facts): CompileReport {
  const { system, program } = lower(graph);
  const rows = system.constraints.length;
  const domain = domainSize(system);
  const inputBits = program.inputWires.length === 0 ? 0 : inputRows(graph.inputs);
  return Object.freeze({
    name: graph.name,
    inputs: graph.inputs,
    outputs: graph.outputs,
    nodes: [
      edgeReport("inputs", inputBits),
      ...graph.layers.map((_, index) => layerReport(graph, index, program.blocks)),
      edgeReport("outputs", blockRows(program.blocks.filter(({ layer }) => layer === null))),
      edgeReport("words and binding", 1 + program.words.length),
    ],
    constraints: rows,
    wires: system.wireCount,
    publicSignals: system.publicCount,
    domain,
    headroom: domain - rows - system.publicCount - 1,
    zkeyBytes: zkeyBytes(system, domain),
    verifyGas: verifyGas(system.publicCount),
    quantization: {
      source: samples.source,
      samples: samples.inputs.length,
      ...choice.accuracy,
      reached: choice.reached,
    },
    warnings: [...warnings, ...accuracyWarnings(choice, samples, choice.accuracy)],
  });
}

/** snarkjs adds one row for each public signal and the constant. */
function domainSize(system: ConstraintSystem): number {
  const rows = system.constraints.length + system.publicCount + 1;
  let size = 1;
  while (size < rows) size *= 2;
  return size;
}

/** Measured on snarkjs keys: 320 bytes a wire, 64 a point of the domain, 44 a coefficient of A and B. */
function zkeyBytes(system: ConstraintSystem, domain: number): number {
  const coefficients = system.constraints.reduce((sum, { a, b }) => sum + a.length + b.length, system.publicCount + 1);
  return 320 * system.wireCount + 64 * domain + 44 * coefficients;
}

/** Measured: a generic Groth16 verifier on the EVM, calldata included. */
function verifyGas(publicSignals: number): number {
  return 207_700 + 7_160 * publicSignals;
}

function inputRows(specs: readonly NamedTensorSpec[]): number {
  return specs.reduce((sum, { bits, shape }) => sum + bits * shape.reduce((product, size) => product * size, 1), 0);
}

function edgeReport(node: string, constraints: number): NodeReport {
  return { node, op: "", shape: [], constraints, bits: null };
}

function layerReport(graph: IntegerGraph, index: number, blocks: readonly Block[]): NodeReport {
  const layer = graph.layers[index];
  const origin = graph.origins[index];
  const own = blocks.filter((candidate) => candidate.layer === index);
  const widths =
    own.length > 0
      ? own.flatMap(({ gadgets }) => gadgets.flatMap((gadget) => gadgetWidths(gadget)))
      : weightBits(graph, index);
  return {
    node: origin?.nodes.join(" + ") ?? "",
    op: origin?.ops.join(" + ") ?? "",
    shape: [layer === undefined ? 0 : layerSize(layer)],
    constraints: blockRows(own),
    bits: widths.length === 0 ? null : { least: Math.min(...widths), most: Math.max(...widths) },
  };
}

/** Signed bits of the largest weight; zero weights are not stored. */
function weightBits(graph: IntegerGraph, index: number): readonly number[] {
  const layer = graph.layers[index];
  if (layer?.kind !== "linear") return [];
  const largest = layer.matrix.weight.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0);
  return [1 + largest.toString(2).length];
}

function blockRows(blocks: readonly Block[]): number {
  return blocks.flatMap(({ gadgets }) => gadgets).reduce((sum, gadget) => sum + gadgetRows(gadget), 0);
}

function gadgetRows(gadget: Gadget): number {
  let rows = 0;
  writeRows(gadget, { expand: () => NOTHING, product: () => rows++, zero: () => rows++ });
  return rows;
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
      `the accuracy asked for was not reached: agreement ${(agreement * 100).toFixed(2)} %, largest error ` +
        `${(maxError * 100).toFixed(2)} % of the range; allow more bits, or train with weights of a smaller spread`,
    );
  return warnings;
}
