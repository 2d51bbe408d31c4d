import { pippenger } from "@noble/curves/abstract/curve.js";
import { bn254 } from "@noble/curves/bn254.js";

import { type G1, type G2, type Proof, ProofError, type ProofErrorCode, type VerificationKey } from "./groth16.ts";
import { FIELD_ORDER } from "./interface-words.ts";

const { Fp } = bn254.fields;
const { Point: Point1 } = bn254.G1;
const { Point: Point2 } = bn254.G2;
type PointOfG1 = InstanceType<typeof Point1>;
type PointOfG2 = InstanceType<typeof Point2>;

export type Verifier = (publicSignals: readonly bigint[], proof: Proof) => boolean;

/**
 * Whether e(A, B) = e(alpha, beta) e(ic, gamma) e(C, delta), with ic = ic[0] + the sum of signal x ic point. What the
 * chain would refuse to read throws: a malformed proof (`PROOF_ENCODING`), too few or too many signals
 * (`SIGNAL_COUNT`), a signal at or above the field order (`SIGNAL_RANGE`: it would be a second name of a smaller one),
 * or a key as in `assertVerificationKey`.
 *
 * A proof is not an id: (-A, -B, C) verifies as well, and so do endless others that anyone can make from this one.
 */
export function verifyProof(key: VerificationKey, publicSignals: readonly bigint[], proof: Proof): boolean {
  return createVerifier(key)(publicSignals, proof);
}

/** `verifyProof` for many proofs: the key is checked once. Throws as `assertVerificationKey`. */
export function createVerifier(key: VerificationKey): Verifier {
  const { alpha, beta, gamma, delta, ic } = readKey(key);
  return (publicSignals, proof) => {
    assertSignals(publicSignals, ic.length - 1);
    const a = readG1(proof.a, "a of the proof", "PROOF_ENCODING");
    const b = readG2(proof.b, "b of the proof", "PROOF_ENCODING");
    const c = readG1(proof.c, "c of the proof", "PROOF_ENCODING");
    const pairs = [
      { g1: a.negate(), g2: b },
      { g1: alpha, g2: beta },
      { g1: pippenger(Point1, ic, [1n, ...publicSignals]), g2: gamma },
      { g1: c, g2: delta },
    ].filter(({ g1, g2 }) => !g1.is0() && !g2.is0());
    const { Fp12 } = bn254.fields;
    return Fp12.eql(bn254.pairingBatch(pairs), Fp12.ONE);
  };
}

/**
 * Throws `KEY_ENCODING` if a point is not on its curve or, in G2, not in the subgroup, and `KEY_UNSAFE` if proofs could
 * be forged: delta = gamma or -gamma (the second phase of the setup never happened), or a point at infinity (in ic, it
 * leaves a public signal unbound).
 */
export function assertVerificationKey(key: VerificationKey): void {
  readKey(key);
}

function readKey(key: VerificationKey): {
  alpha: PointOfG1;
  beta: PointOfG2;
  gamma: PointOfG2;
  delta: PointOfG2;
  ic: PointOfG1[];
} {
  if (key.ic.length < 2) throw new ProofError("KEY_ENCODING", "a verification key needs at least one public signal");
  const points = {
    alpha: readG1(key.alpha, "alpha of the verification key", "KEY_ENCODING"),
    beta: readG2(key.beta, "beta of the verification key", "KEY_ENCODING"),
    gamma: readG2(key.gamma, "gamma of the verification key", "KEY_ENCODING"),
    delta: readG2(key.delta, "delta of the verification key", "KEY_ENCODING"),
    ic: key.ic.map((point, index) => readG1(point, `ic[${index}] of the verification key`, "KEY_ENCODING")),
  };
  const { ic, ...named } = points;
  for (const [name, point] of [...Object.entries(named), ...ic.map((point, index) => [`ic[${index}]`, point] as const)])
    if (point.is0()) throw new ProofError("KEY_UNSAFE", `${name} of the verification key is the point at infinity`);
  if (points.gamma.equals(points.delta) || points.gamma.equals(points.delta.negate()))
    throw new ProofError("KEY_UNSAFE", "gamma and delta of the verification key are equal: anyone can forge proofs");
  return points;
}

function assertSignals(signals: readonly bigint[], expected: number): void {
  if (signals.length !== expected)
    throw new ProofError("SIGNAL_COUNT", `the key takes ${expected} public signals, not ${signals.length}`, {
      details: { expected, got: signals.length },
    });
  const index = signals.findIndex((signal) => signal < 0n || signal >= FIELD_ORDER);
  if (index !== -1)
    throw new ProofError("SIGNAL_RANGE", `public signal ${index} is outside [0, field order)`, {
      details: { index, signal: String(signals[index]) },
    });
}

/** (0, 0) is the point at infinity, as on the chain. */
function readG1([x, y]: G1, name: string, code: ProofErrorCode): PointOfG1 {
  assertCoordinates([x, y], name, code);
  if (x === 0n && y === 0n) return Point1.ZERO;
  const point = Point1.fromAffine({ x, y });
  assertPoint(point, name, "the curve", code);
  return point;
}

function readG2([x, y]: G2, name: string, code: ProofErrorCode): PointOfG2 {
  assertCoordinates([...x, ...y], name, code);
  if ([...x, ...y].every((coordinate) => coordinate === 0n)) return Point2.ZERO;
  const point = Point2.fromAffine({ x: { c0: x[0], c1: x[1] }, y: { c0: y[0], c1: y[1] } });
  assertPoint(point, name, "the curve or outside its subgroup", code);
  return point;
}

function assertCoordinates(coordinates: readonly bigint[], name: string, code: ProofErrorCode): void {
  if (coordinates.some((coordinate) => coordinate < 0n || coordinate >= Fp.ORDER))
    throw new ProofError(code, `a coordinate of ${name} is not below the base field's order`);
}

function assertPoint(point: PointOfG1 | PointOfG2, name: string, place: string, code: ProofErrorCode): void {
  try {
    point.assertValidity();
  } catch (cause) {
    throw new ProofError(code, `${name} is off ${place}`, { cause });
  }
}
