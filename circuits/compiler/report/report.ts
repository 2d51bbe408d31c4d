import type { NamedTensorSpec } from "../../format/manifest.ts";
import type { Samples } from "../passes/sample-inputs.ts";
import type { Comparison } from "./compare-outputs.ts";
import type { Levels } from "./levels.ts";

export interface NodeReport {
  /** ONNX nodes that were merged into it. */
  readonly node: string;
  readonly op: string;
  readonly shape: readonly number[];
  readonly constraints: number;
  /** Of weights for a linear layer, of its decompositions for any other: least and most. */
  readonly bits: { readonly least: number; readonly most: number } | null;
  /** Positions in `nodes` of what it takes. */
  readonly from: readonly number[];
}

/** What is known before any proving. Its JSON is an interface: `docs/circuits.md` lists the fields. */
export interface CompileReport {
  readonly name: string;
  readonly inputs: readonly NamedTensorSpec[];
  readonly outputs: readonly NamedTensorSpec[];
  /** In the order of computation, framed by inputs, outputs and words; their constraints add up to the whole. */
  readonly nodes: readonly NodeReport[];
  readonly constraints: number;
  /** Whether the circuit was not built because it is too big, so that sizes are the most that they can be. */
  readonly estimated: boolean;
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
  /** Estimate of the time of a proof once the key is loaded, on the two cores that `MACHINE` names. */
  readonly proveSeconds: number;
  /** Estimate of the most memory that the prover takes. */
  readonly proveMemoryBytes: number;
  /** Estimate of what checking one proof costs on the EVM, calldata included. */
  readonly verifyGas: number;
  /** At which levels the model can be served, and why not at the others. */
  readonly levels: Levels;
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
  /** One for each output: some of its elements on some of the samples. */
  readonly comparison: readonly Comparison[];
  readonly warnings: readonly string[];
}
