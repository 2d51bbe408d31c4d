import { AssayError } from "./error.ts";
import { FIELD_ORDER } from "./interface-words.ts";
import type { ConstraintSystem, Terms, Witness } from "./r1cs.ts";

export class WitnessError extends AssayError {
  declare readonly code: "WITNESS_LENGTH" | "WITNESS_VALUE" | "WITNESS_UNSATISFIED";
}

const SHOWN = 10;

/**
 * Indices, ascending, of the constraints that the witness violates. Throws `WITNESS_LENGTH` or `WITNESS_VALUE` if it
 * is no witness of this system at all: a value that is not canonical, or a wire 0 that is not one.
 */
export function violatedConstraints(system: ConstraintSystem, witness: Witness): number[] {
  assertWitnessShape(witness, system.wireCount);
  const violated: number[] = [];
  system.constraints.forEach(({ a, b, c }, index) => {
    const gap = evaluate(a, witness) * evaluate(b, witness) - evaluate(c, witness);
    if (gap % FIELD_ORDER !== 0n) violated.push(index);
  });
  return violated;
}

/** Throws `WITNESS_UNSATISFIED`, naming the first violated constraints, or as `violatedConstraints` does. */
export function assertSatisfied(system: ConstraintSystem, witness: Witness): void {
  const violated = violatedConstraints(system, witness);
  if (violated.length === 0) return;
  const shown = violated.slice(0, SHOWN).join(", ");
  const rest = violated.length > SHOWN ? " and more" : "";
  throw new WitnessError(
    "WITNESS_UNSATISFIED",
    `the witness violates ${violated.length} of ${system.constraints.length} constraints: ${shown}${rest}`,
    { details: { violated } },
  );
}

/** Throws `WITNESS_LENGTH` or `WITNESS_VALUE` unless there is one canonical field element per wire and wire 0 is one. */
export function assertWitnessShape(witness: Witness, wireCount: number): void {
  if (witness.length !== wireCount)
    throw new WitnessError(
      "WITNESS_LENGTH",
      `the circuit has ${wireCount} wires, the witness ${witness.length} values`,
      {
        details: { expected: wireCount, got: witness.length },
      },
    );
  const wire = witness.findIndex((value, index) => value < 0n || value >= FIELD_ORDER || (index === 0 && value !== 1n));
  if (wire === -1) return;
  const rule = wire === 0 ? "one" : "in [0, field order)";
  throw new WitnessError("WITNESS_VALUE", `wire ${wire} must be ${rule}, not ${witness[wire]}`, { details: { wire } });
}

/** <terms, witness>, not reduced. A wire that the witness lacks is a fault of the system: throws `WITNESS_LENGTH`. */
function evaluate(terms: Terms, witness: Witness): bigint {
  let sum = 0n;
  for (const [wire, coefficient] of terms) {
    const value = witness[wire];
    if (value === undefined)
      throw new WitnessError("WITNESS_LENGTH", `a constraint names wire ${wire} of ${witness.length}`, {
        details: { wire },
      });
    sum += coefficient * value;
  }
  return sum;
}
