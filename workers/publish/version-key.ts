import { type IntegerGraph, rootOf } from "../../circuits/compiler/index.ts";
import { foldLastSignal } from "../../circuits/format/fold-signal.ts";
import type { VerificationKey } from "../../circuits/format/groth16.ts";

/** The key that the chain gets: with committed weights, the circuit's key with their root fixed in it. */
export function versionKey(graph: IntegerGraph, circuitKey: VerificationKey): VerificationKey {
  return graph.committedWeights === undefined ? circuitKey : foldLastSignal(circuitKey, rootOf(graph));
}

/** The public signals that the chain knows of those of a proof. */
export function chainSignals(graph: IntegerGraph, signals: readonly bigint[]): readonly bigint[] {
  return graph.committedWeights === undefined ? signals : signals.slice(0, -1);
}
