import { toField } from "../../format/field.ts";
import type { Constraint, ConstraintSystem, Terms } from "../../format/r1cs.ts";
import { booleanRows } from "../gadgets/bits.ts";
import { minus, NOTHING, type RowWriter, wireAlone, type WireSum } from "../gadgets/gadget.ts";
import { writeRows } from "../gadgets/table.ts";
import { expandSum } from "./expand-sum.ts";
import { BINDING_WIRE, FIRST_WORD_WIRE, type Program } from "./program.ts";

/** The rank-1 rows of a program. Dense sums stand only in matrix C, which proving keys do not store. */
export function writeConstraints(program: Program): ConstraintSystem {
  const constraints: Constraint[] = [];
  const writer: RowWriter = {
    expand: (sum) => expandSum(sum, program.scalars),
    product: (left, right, result) => {
      constraints.push({ a: fieldTerms(left), b: fieldTerms(right), c: fieldTerms(result) });
    },
    zero: (sum) => {
      constraints.push({ a: [], b: [], c: fieldTerms(sum) });
    },
  };
  const binding = wireAlone(BINDING_WIRE);
  writer.product(binding, binding, wireAlone(FIRST_WORD_WIRE + program.words.length));
  program.inputs.forEach((_, tensor) => {
    const end = program.inputWires[tensor + 1] ?? firstGadgetWire(program);
    const first = program.inputWires[tensor] ?? end;
    booleanRows(first, end - first, writer);
  });
  for (const block of program.blocks) for (const gadget of block.gadgets) writeRows(gadget, writer);
  for (const { wire, value } of program.words) writer.zero(minus(wireAlone(wire), value));
  return { wireCount: program.wireCount, publicCount: 1 + program.words.length, constraints };
}

function firstGadgetWire(program: Program): number {
  return program.blocks[0]?.gadgets[0]?.first ?? program.wireCount;
}

/** Canonical: wires ascending, each once, coefficients in the field and not zero; the constant is on wire 0. */
function fieldTerms(sum: WireSum): Terms {
  if (sum === NOTHING) return [];
  const sums = new Map<number, bigint>();
  if (sum.constant !== 0n) sums.set(0, sum.constant);
  for (const [wire, coefficient] of sum.terms) sums.set(wire, (sums.get(wire) ?? 0n) + coefficient);
  const terms: (readonly [number, bigint])[] = [];
  for (const [wire, coefficient] of sums) {
    const canonical = toField(coefficient);
    if (canonical !== 0n) terms.push([wire, canonical]);
  }
  return terms.sort(([a], [b]) => a - b);
}
