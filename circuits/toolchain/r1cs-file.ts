import { FIELD_ORDER } from "../format/interface-words.ts";
import type { Constraint, ConstraintSystem, Terms } from "../format/r1cs.ts";
import { concatBytes } from "../format/tensor.ts";
import { ToolchainError } from "./error.ts";
import { decodeElement, ELEMENT_BYTES, encodeElements } from "./field.ts";
import { readSections, u32, u64, viewOf, writeSections } from "./sections.ts";

const HEADER = 1;
const CONSTRAINTS = 2;
const LABELS = 3;
const HEADER_BYTES = 4 + ELEMENT_BYTES + 4 * 4 + 8 + 4;
const CUSTOM_GATES = 4;

/**
 * Reads iden3's binary .r1cs (version 1) over the BN254 scalar field. circom orders the wires as we do: one, outputs,
 * public inputs, private. Throws `R1CS_CORRUPT`.
 */
export function readR1cs(bytes: Uint8Array): ConstraintSystem {
  const { version, sections } = readSections(bytes, "r1cs", corrupt);
  if (version !== 1) throw corrupt(`its version is ${version}, not 1`);
  if ((sections.get(CUSTOM_GATES)?.length ?? 4) > 4) throw corrupt("it uses custom gates");
  const header = sections.get(HEADER);
  const rows = sections.get(CONSTRAINTS);
  if (header === undefined || rows === undefined) throw corrupt("its header or its constraints are missing");
  if (header.length !== HEADER_BYTES) throw corrupt(`its header has ${header.length} bytes, not ${HEADER_BYTES}`);
  const view = viewOf(header);
  if (view.getUint32(0, true) !== ELEMENT_BYTES || decodeElement(view, 4) !== FIELD_ORDER)
    throw corrupt("its field is not the scalar field of BN254");
  const counts = 4 + ELEMENT_BYTES;
  const wireCount = view.getUint32(counts, true);
  const publicCount = view.getUint32(counts + 4, true) + view.getUint32(counts + 8, true);
  if (publicCount >= wireCount) throw corrupt(`${publicCount} public signals do not fit in ${wireCount} wires`);
  return { wireCount, publicCount, constraints: readRows(rows, view.getUint32(counts + 24, true), wireCount) };
}

/** The inverse of `readR1cs`; public signals are written as public inputs, every wire as its own label. */
export function writeR1cs({ wireCount, publicCount, constraints }: ConstraintSystem): Uint8Array {
  const header = concatBytes([
    u32(ELEMENT_BYTES),
    encodeElements([FIELD_ORDER]),
    u32(wireCount, 0, publicCount, wireCount - publicCount - 1),
    u64(wireCount),
    u32(constraints.length),
  ]);
  const rows = constraints.flatMap(({ a, b, c }) => [termBytes(a), termBytes(b), termBytes(c)]);
  const labels = new Uint8Array(8 * wireCount);
  for (let wire = 0; wire < wireCount; wire++) viewOf(labels).setBigUint64(8 * wire, BigInt(wire), true);
  return writeSections("r1cs", 1, [
    [HEADER, header],
    [CONSTRAINTS, concatBytes(rows)],
    [LABELS, labels],
  ]);
}

function readRows(rows: Uint8Array, count: number, wireCount: number): Constraint[] {
  const view = viewOf(rows);
  let at = 0;
  const readTerms = (): Terms => {
    if (at + 4 > rows.length) throw corrupt("its constraints end too early");
    const length = view.getUint32(at, true);
    at += 4;
    if (length * (4 + ELEMENT_BYTES) > rows.length - at) throw corrupt("its constraints end too early");
    const terms: [number, bigint][] = [];
    for (let index = 0; index < length; index++, at += 4 + ELEMENT_BYTES) {
      const wire = view.getUint32(at, true);
      const coefficient = decodeElement(view, at + 4);
      if (wire >= wireCount) throw corrupt(`a constraint names wire ${wire} of ${wireCount}`);
      if (coefficient >= FIELD_ORDER) throw corrupt("a coefficient is not below the field order");
      if (coefficient !== 0n) terms.push([wire, coefficient]);
    }
    terms.sort(([left], [right]) => left - right);
    if (terms.some(([wire], index) => wire === terms[index + 1]?.[0])) throw corrupt("a row names a wire twice");
    return terms;
  };
  const constraints: Constraint[] = [];
  for (let index = 0; index < count; index++) constraints.push({ a: readTerms(), b: readTerms(), c: readTerms() });
  if (at !== rows.length) throw corrupt(`${rows.length - at} bytes follow its last constraint`);
  return constraints;
}

function termBytes(terms: Terms): Uint8Array {
  const bytes = new Uint8Array(4 + terms.length * (4 + ELEMENT_BYTES));
  viewOf(bytes).setUint32(0, terms.length, true);
  terms.forEach(([wire, coefficient], index) => {
    const at = 4 + index * (4 + ELEMENT_BYTES);
    viewOf(bytes).setUint32(at, wire, true);
    bytes.set(encodeElements([coefficient]), at + 4);
  });
  return bytes;
}

function corrupt(problem: string): ToolchainError {
  return new ToolchainError("R1CS_CORRUPT", `the constraint file is damaged or of another kind: ${problem}`);
}
