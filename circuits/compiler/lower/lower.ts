import type { ConstraintSystem } from "../../format/r1cs.ts";
import type { IntegerGraph } from "../graph/graph.ts";
import { buildProgram } from "./build-program.ts";
import { computeWitness, type WitnessResult } from "./compute-witness.ts";
import type { Program } from "./program.ts";
import { writeConstraints } from "./write-constraints.ts";

export interface LoweredCircuit {
  readonly graph: IntegerGraph;
  readonly program: Program;
  readonly system: ConstraintSystem;
  /** Throws as `computeWitness` does. */
  witness(inputs: readonly (readonly bigint[])[], binding: bigint, salt?: bigint): WitnessResult;
}

/** The constraints and the witness program of a compiled model. */
export function lower(graph: IntegerGraph): LoweredCircuit {
  const program = buildProgram(graph);
  return Object.freeze({
    graph,
    program,
    system: writeConstraints(program),
    witness: (inputs: readonly (readonly bigint[])[], binding: bigint, salt?: bigint) =>
      computeWitness(graph, program, inputs, binding, salt),
  });
}
