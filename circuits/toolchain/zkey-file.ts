import type { G1, G2, VerificationKey } from "../format/groth16.ts";
import { FIELD_ORDER } from "../format/interface-words.ts";
import type { ConstraintSystem, Terms } from "../format/r1cs.ts";
import { concatBytes } from "../format/tensor.ts";
import { ToolchainError } from "./error.ts";
import { BASE_FIELD_ORDER, decodeElement, ELEMENT_BYTES, encodeElements } from "./field.ts";
import { readSections, u32, viewOf, writeSections } from "./sections.ts";

/** Points are affine, little-endian Montgomery: 64 bytes each for G1, 128 (real, imaginary) for G2. */
export interface ZkeyPoints {
  readonly alpha1: Uint8Array;
  readonly beta1: Uint8Array;
  readonly beta2: Uint8Array;
  readonly gamma2: Uint8Array;
  readonly delta1: Uint8Array;
  readonly delta2: Uint8Array;
  /** One per public wire and wire 0. */
  readonly ic: Uint8Array;
  /** One per wire. */
  readonly a: Uint8Array;
  readonly b1: Uint8Array;
  readonly b2: Uint8Array;
  /** One per private wire. */
  readonly c: Uint8Array;
  /** One per row of the domain. */
  readonly h: Uint8Array;
}

export interface ZkeyHeader {
  readonly wireCount: number;
  readonly publicCount: number;
  readonly domainSize: number;
}

const GROTH16 = 1;
const G1_BYTES = 2 * ELEMENT_BYTES;
const G2_BYTES = 2 * G1_BYTES;
const POINTS_AT = 2 * (4 + ELEMENT_BYTES) + 3 * 4;
const HEADER_BYTES = POINTS_AT + 3 * G1_BYTES + 3 * G2_BYTES;
const COEFFICIENT_BYTES = 12 + ELEMENT_BYTES;
const TRANSCRIPT_HASH_BYTES = 64;

/** Montgomery's R modulo either prime is 2^256. */
const MONTGOMERY = 1n << 256n;

/** Writes snarkjs's Groth16 .zkey (version 1). It has no ceremony behind it: its transcript is empty, its hash zero. */
export function writeZkey(system: ConstraintSystem, domainSize: number, points: ZkeyPoints): Uint8Array {
  const header = concatBytes([
    u32(ELEMENT_BYTES),
    encodeElements([BASE_FIELD_ORDER]),
    u32(ELEMENT_BYTES),
    encodeElements([FIELD_ORDER]),
    u32(system.wireCount, system.publicCount, domainSize),
    points.alpha1,
    points.beta1,
    points.beta2,
    points.gamma2,
    points.delta1,
    points.delta2,
  ]);
  return writeSections("zkey", 1, [
    [1, u32(GROTH16)],
    [2, header],
    [4, coefficientBytes(system)],
    [3, points.ic],
    [9, points.h],
    [8, points.c],
    [5, points.a],
    [6, points.b1],
    [7, points.b2],
    [10, new Uint8Array(TRANSCRIPT_HASH_BYTES + 4)],
  ]);
}

/** Throws `ZKEY_CORRUPT` unless every section is there with exactly the length that the header implies. */
export function readZkeyHeader(zkey: Uint8Array): ZkeyHeader {
  return parseZkey(zkey).header;
}

/** The verification key inside a proving key. Throws `ZKEY_CORRUPT`. */
export function verificationKeyOfZkey(zkey: Uint8Array): VerificationKey {
  const { points, ic } = parseZkey(zkey);
  const view = viewOf(points);
  const beta = POINTS_AT + 2 * G1_BYTES;
  return {
    alpha: readG1(view, POINTS_AT),
    beta: readG2(view, beta),
    gamma: readG2(view, beta + G2_BYTES),
    delta: readG2(view, beta + 2 * G2_BYTES + G1_BYTES),
    ic: Array.from({ length: ic.length / G1_BYTES }, (_, index) => readG1(viewOf(ic), index * G1_BYTES)),
  };
}

function parseZkey(zkey: Uint8Array): { header: ZkeyHeader; points: Uint8Array; ic: Uint8Array } {
  const { version, sections } = readSections(zkey, "zkey", corrupt);
  if (version !== 1) throw corrupt(`its version is ${version}, not 1`);
  const section = (id: number, length?: number): Uint8Array => {
    const bytes = sections.get(id);
    if (bytes === undefined) throw corrupt(`section ${id} is missing`);
    if (length !== undefined && bytes.length !== length)
      throw corrupt(`section ${id} has ${bytes.length} bytes instead of ${length}`);
    return bytes;
  };
  if (viewOf(section(1, 4)).getUint32(0, true) !== GROTH16) throw corrupt("it is not a Groth16 key");
  const points = section(2, HEADER_BYTES);
  const view = viewOf(points);
  const second = 4 + ELEMENT_BYTES;
  if (view.getUint32(0, true) !== ELEMENT_BYTES || view.getUint32(second, true) !== ELEMENT_BYTES)
    throw corrupt("its field elements are not 32 bytes");
  if (decodeElement(view, 4) !== BASE_FIELD_ORDER || decodeElement(view, second + 4) !== FIELD_ORDER)
    throw corrupt("its curve is not BN254");
  const counts = 2 * second;
  const wireCount = view.getUint32(counts, true);
  const publicCount = view.getUint32(counts + 4, true);
  const domainSize = view.getUint32(counts + 8, true);
  if (publicCount >= wireCount) throw corrupt(`${publicCount} public signals do not fit in ${wireCount} wires`);
  if (domainSize < 2 || !Number.isInteger(Math.log2(domainSize))) throw corrupt(`its domain is ${domainSize}`);
  const ic = section(3, (publicCount + 1) * G1_BYTES);
  section(5, wireCount * G1_BYTES);
  section(6, wireCount * G1_BYTES);
  section(7, wireCount * G2_BYTES);
  section(8, (wireCount - publicCount - 1) * G1_BYTES);
  section(9, domainSize * G1_BYTES);
  assertCoefficients(section(4), wireCount, domainSize);
  return { header: { wireCount, publicCount, domainSize }, points, ic };
}

/** A wire or row out of range would be read past its buffer by the prover, which does not look. */
function assertCoefficients(bytes: Uint8Array, wireCount: number, domainSize: number): void {
  const view = viewOf(bytes);
  const count = (bytes.length - 4) / COEFFICIENT_BYTES;
  if (bytes.length < 4 || view.getUint32(0, true) !== count) throw corrupt("its coefficients do not fill section 4");
  for (let at = 4; at < bytes.length; at += COEFFICIENT_BYTES) {
    if (view.getUint32(at, true) > 1) throw corrupt("a coefficient is in neither matrix");
    if (view.getUint32(at + 4, true) >= domainSize) throw corrupt("a coefficient is outside the domain");
    if (view.getUint32(at + 8, true) >= wireCount) throw corrupt("a coefficient names a wire that does not exist");
  }
}

/** Matrices A (0) and B (1) as matrix, row, wire (u32 each) and coefficient x R^2; C is never stored. */
function coefficientBytes({ constraints, publicCount }: ConstraintSystem): Uint8Array {
  const rows: [matrix: number, row: number, terms: Terms][] = [];
  constraints.forEach(({ a, b }, row) => rows.push([0, row, a], [1, row, b]));
  for (let wire = 0; wire <= publicCount; wire++) rows.push([0, constraints.length + wire, [[wire, 1n]]]);
  const count = rows.reduce((sum, [, , terms]) => sum + terms.length, 0);
  const bytes = new Uint8Array(4 + count * COEFFICIENT_BYTES);
  const view = viewOf(bytes);
  view.setUint32(0, count, true);
  const square = (MONTGOMERY * MONTGOMERY) % FIELD_ORDER;
  let at = 4;
  for (const [matrix, row, terms] of rows)
    for (const [wire, coefficient] of terms) {
      bytes.set(u32(matrix, row, wire), at);
      bytes.set(encodeElements([(coefficient * square) % FIELD_ORDER]), at + 12);
      at += COEFFICIENT_BYTES;
    }
  return bytes;
}

const MONTGOMERY_INVERSE = inverseInBaseField(MONTGOMERY);

function readCoordinate(view: DataView, at: number): bigint {
  return (decodeElement(view, at) * MONTGOMERY_INVERSE) % BASE_FIELD_ORDER;
}

function readG1(view: DataView, at: number): G1 {
  return [readCoordinate(view, at), readCoordinate(view, at + ELEMENT_BYTES)];
}

function readG2(view: DataView, at: number): G2 {
  return [readG1(view, at), readG1(view, at + G1_BYTES)];
}

function inverseInBaseField(value: bigint): bigint {
  let result = 1n;
  for (let factor = value % BASE_FIELD_ORDER, rest = BASE_FIELD_ORDER - 2n; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = (result * factor) % BASE_FIELD_ORDER;
    factor = (factor * factor) % BASE_FIELD_ORDER;
  }
  return result;
}

function corrupt(problem: string): ToolchainError {
  return new ToolchainError("ZKEY_CORRUPT", `the proving key is damaged or of another kind: ${problem}`);
}
