import { FIELD_ORDER } from "../../../circuits/format/interface-words.ts";
import type { Constraint, ConstraintSystem, Witness } from "../../../circuits/format/r1cs.ts";

/**
 * `rounds` times x -> x^2 + 1: public are the start and the end. One row in four is written as a linear one with a
 * wire of its own, as circom's output has them.
 */
export function squaringChain(rounds: number): ConstraintSystem {
  const constraints: Constraint[] = [];
  let wireCount = 3;
  let current = 1;
  for (let round = 0; round < rounds; round++) {
    const next = round === rounds - 1 ? 2 : wireCount++;
    if (round % 4 === 0) {
      const square = wireCount++;
      constraints.push({ a: [[current, 1n]], b: [[current, 1n]], c: [[square, 1n]] });
      constraints.push({ a: [], b: [], c: sorted([0, 1n], [square, 1n], [next, FIELD_ORDER - 1n]) });
    } else constraints.push({ a: [[current, 1n]], b: [[current, 1n]], c: sorted([0, FIELD_ORDER - 1n], [next, 1n]) });
    current = next;
  }
  return { wireCount, publicCount: 2, constraints };
}

export function squaringWitness(rounds: number, start: bigint): Witness {
  const witness = [1n, start, 0n];
  let value = start;
  for (let round = 0; round < rounds; round++) {
    const square = (value * value) % FIELD_ORDER;
    value = (square + 1n) % FIELD_ORDER;
    if (round === rounds - 1) witness[2] = value;
    else witness.push(value);
    if (round % 4 === 0) witness.push(square);
  }
  return witness;
}

function sorted(...terms: [number, bigint][]): [number, bigint][] {
  return terms.sort(([left], [right]) => left - right);
}
