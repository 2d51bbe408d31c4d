import { toField } from "../../format/field.ts";
import { FIELD_ORDER } from "../../format/interface-words.ts";
import type { ConstraintSystem, Terms } from "../../format/r1cs.ts";
import { ToolchainError } from "../error.ts";
import { inverse, inverses, power, rootOfUnity } from "../field.ts";

/** snarkjs's prover evaluates on a coset inside the domain of twice the size, so one power of two-adicity is spent. */
const LARGEST_LOG_SIZE = 27;

/** The QAP's polynomials evaluated at tau: one value per wire, and one per point of the odd coset. */
export interface PolynomialValues {
  readonly a: readonly bigint[];
  readonly b: readonly bigint[];
  readonly c: readonly bigint[];
  readonly h: readonly bigint[];
}

/** The smallest power of two with room for every constraint and the row that each public wire and wire 0 gets. */
export function domainLogSize(system: ConstraintSystem): number {
  const rows = system.constraints.length + system.publicCount + 1;
  const logSize = Math.max(1, Math.ceil(Math.log2(rows)));
  if (logSize > LARGEST_LOG_SIZE)
    throw new ToolchainError("CIRCUIT_SIZE", `${rows} rows are more than the largest domain, 2^${LARGEST_LOG_SIZE}`, {
      details: { rows },
    });
  return logSize;
}

/**
 * Evaluates at tau, which must lie outside the domain of twice the size. Row j of the system is the Lagrange basis
 * polynomial L_j over the 2^k roots of unity; after the constraints come rows with a = wire i for i = 0 ... publicCount,
 * which keep the public polynomials linearly independent (and so a public signal from being changed unseen).
 *
 * h: the prover knows A B - C at the odd 2^(k+1)-th roots of unity. It vanishes at the even ones, so its value at tau
 * is the sum over the odd points of (value there) x (Lagrange basis of the larger domain at tau).
 */
export function evaluatePolynomials(system: ConstraintSystem, tau: bigint): PolynomialValues {
  const logSize = domainLogSize(system);
  const { rows, h } = lagrangeValues(logSize, tau);
  const values = { a: zeros(system.wireCount), b: zeros(system.wireCount), c: zeros(system.wireCount), h };
  system.constraints.forEach((constraint, index) => {
    const basis = rows[index] ?? 0n;
    addRow(values.a, constraint.a, basis);
    addRow(values.b, constraint.b, basis);
    addRow(values.c, constraint.c, basis);
  });
  for (let wire = 0; wire <= system.publicCount; wire++)
    addRow(values.a, [[wire, 1n]], rows[system.constraints.length + wire] ?? 0n);
  return { a: values.a.map(toField), b: values.b.map(toField), c: values.c.map(toField), h };
}

/** L_j(tau) = (tau^n - 1) w^j / (n (tau - w^j)), for both domains from one batch of inverses. */
function lagrangeValues(logSize: number, tau: bigint): { rows: bigint[]; h: bigint[] } {
  const size = 1 << logSize;
  const root = rootOfUnity(logSize + 1);
  const points: bigint[] = [];
  for (let index = 0, point = 1n; index < 2 * size; index++, point = (point * root) % FIELD_ORDER) points.push(point);
  const gaps = inverses(points.map((point) => toField(tau - point)));
  const scale = (order: number): bigint =>
    (toField(power(tau, BigInt(order)) - 1n) * inverse(BigInt(order))) % FIELD_ORDER;
  const [small, large] = [scale(size), scale(2 * size)];
  const rows: bigint[] = [];
  const h: bigint[] = [];
  points.forEach((point, index) => {
    const quotient = (point * (gaps[index] ?? 0n)) % FIELD_ORDER;
    if (index % 2 === 0) rows.push((small * quotient) % FIELD_ORDER);
    else h.push((large * quotient) % FIELD_ORDER);
  });
  return { rows, h };
}

/** Sums stay unreduced: a product is below 2^508, and one reduction per wire at the end costs less than one per term. */
function addRow(values: bigint[], terms: Terms, basis: bigint): void {
  for (const [wire, coefficient] of terms) values[wire] = (values[wire] ?? 0n) + coefficient * basis;
}

function zeros(length: number): bigint[] {
  return new Array<bigint>(length).fill(0n);
}
