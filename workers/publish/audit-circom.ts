import { compareSystems, emitCircom, symbolNames, type LoweredCircuit } from "../../circuits/compiler/index.ts";
import { AssayError } from "../../circuits/format/error.ts";
import { compileCircom, type CompiledCircuit, ToolchainError } from "../../circuits/toolchain/index.ts";

export class AuditError extends AssayError {
  declare readonly code: "CIRCOM_MISMATCH";
}

/**
 * Circom is the auditable source of a circuit; keys are made from the constraints that the compiler writes itself.
 * This compiles the source and demands that both are the same, row by row. Says whether they could be compared: the Circom
 * compiler holds some hundred thousand constraints and no more. Throws `CIRCOM_MISMATCH` with the first differences.
 */
export async function auditCircom(name: string, circuit: LoweredCircuit): Promise<boolean> {
  const compiled = await compileUnlessTooLarge(name, circuit);
  if (compiled === undefined) return false;
  const { system, symbols } = compiled;
  const wireMap = symbolNames(circuit).map((symbol) => symbols.get(symbol) ?? -1);
  const differences = compareSystems(circuit.system, system, wireMap);
  if (differences.length === 0) return true;
  throw new AuditError(
    "CIRCOM_MISMATCH",
    `the Circom source of ${name} has other constraints than the circuit:\n${differences.slice(0, 5).join("\n")}`,
    { details: { differences: differences.length } },
  );
}

async function compileUnlessTooLarge(name: string, circuit: LoweredCircuit): Promise<CompiledCircuit | undefined> {
  try {
    return await compileCircom(emitCircom(circuit), { name });
  } catch (error) {
    if (error instanceof ToolchainError && error.code === "CIRCOM_EXHAUSTED") return undefined;
    throw error;
  }
}
