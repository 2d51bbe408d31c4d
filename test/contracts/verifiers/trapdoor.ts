import { bn254 } from "@noble/curves/bn254.js";

import { encodeProof, encodeVerificationKey, type G1, type G2 } from "../../../circuits/format/groth16.ts";

const { Fr, Fp2 } = bn254.fields;
const G1_BASE = bn254.G1.Point.BASE;
const G2_BASE = bn254.G2.Point.BASE;

/** The secrets of a setup. Whoever knows them proves anything, for any number of signals, without a circuit. */
const SECRETS = { alpha: 11n, beta: 13n, gamma: 17n, delta: 19n } as const;
const icSecret = (index: number) => BigInt(index * index + 23);

/** A safe key for so many public signals, the binding included. */
export function trapdoorKey(signals: number): Uint8Array {
  return encodeVerificationKey({
    alpha: g1(SECRETS.alpha),
    beta: g2(SECRETS.beta),
    gamma: g2(SECRETS.gamma),
    delta: g2(SECRETS.delta),
    ic: Array.from({ length: signals + 1 }, (_, index) => g1(icSecret(index))),
  });
}

/** A proof of the signals under `trapdoorKey`; the seed makes it one of many. */
export function trapdoorProof(signals: readonly bigint[], seed: bigint): Uint8Array {
  const [a, b] = [seed + 2n, seed + 3n];
  const x = signals.reduce((sum, signal, index) => Fr.add(sum, Fr.mul(signal, icSecret(index + 1))), icSecret(0));
  const rest = Fr.sub(Fr.mul(a, b), Fr.add(SECRETS.alpha * SECRETS.beta, Fr.mul(x, SECRETS.gamma)));
  return encodeProof({ a: g1(a), b: g2(b), c: g1(Fr.div(rest, SECRETS.delta)) });
}

/** Another valid form of a proof: A times a factor, B divided by it. */
export function malleated(proof: Uint8Array, factor: bigint): Uint8Array {
  const { a, b, c } = decode(proof);
  return encodeProof({ a: affine1(a.multiply(factor)), b: affine2(b.multiply(Fr.inv(factor))), c: affine1(c) });
}

/** The proof with C moved by a multiple of the base point, so that every point of it stays a point. */
export function shifted(proof: Uint8Array, by: bigint): Uint8Array {
  const { a, b, c } = decode(proof);
  return encodeProof({ a: affine1(a), b: affine2(b), c: affine1(c.add(G1_BASE.multiply(Fr.create(by)))) });
}

/** 128 bytes of a point that is on the twist and outside the subgroup: nearly all points of the twist are. */
export function outsideSubgroup(): Uint8Array {
  for (let real = 1n; ; real++) {
    const x = Fp2.fromBigTuple([real, 0n]);
    const ySquared = Fp2.add(Fp2.mul(Fp2.sqr(x), x), bn254.G2.Point.CURVE().b);
    if (!Fp2.eql(Fp2.pow(ySquared, (Fp2.ORDER - 1n) / 2n), Fp2.ONE)) continue;
    const point = bn254.G2.Point.fromAffine({ x, y: Fp2.sqrt(ySquared) });
    if (!point.isTorsionFree()) return words(affine2(point));
  }
}

/** 128 bytes of minus a point of G2. */
export function opposite(encoded: Uint8Array): Uint8Array {
  return words(affine2(g2Point(encoded).negate()));
}

function decode(proof: Uint8Array) {
  return {
    a: g1Point(proof.slice(0, 64)),
    b: g2Point(proof.slice(64, 192)),
    c: g1Point(proof.slice(192)),
  };
}

function g1Point(bytes: Uint8Array) {
  const [x, y] = [wordAt(bytes, 0), wordAt(bytes, 1)];
  return bn254.G1.Point.fromAffine({ x, y });
}

function g2Point(bytes: Uint8Array) {
  const [x1, x0, y1, y0] = [wordAt(bytes, 0), wordAt(bytes, 1), wordAt(bytes, 2), wordAt(bytes, 3)];
  return bn254.G2.Point.fromAffine({ x: Fp2.fromBigTuple([x0, x1]), y: Fp2.fromBigTuple([y0, y1]) });
}

function wordAt(bytes: Uint8Array, index: number): bigint {
  return bytes.slice(32 * index, 32 * index + 32).reduce((word, byte) => (word << 8n) | BigInt(byte), 0n);
}

function words(point: G2): Uint8Array {
  // A proof's B stands after the two words of A.
  return encodeProof({ a: [0n, 0n], b: point, c: [0n, 0n] }).slice(64, 192);
}

function g1(secret: bigint): G1 {
  return affine1(secret === 0n ? bn254.G1.Point.ZERO : G1_BASE.multiply(secret));
}

function g2(secret: bigint): G2 {
  return affine2(G2_BASE.multiply(secret));
}

function affine1(point: typeof G1_BASE): G1 {
  const { x, y } = point.toAffine();
  return [x, y];
}

function affine2(point: typeof G2_BASE): G2 {
  const { x, y } = point.toAffine();
  return [
    [x.c0, x.c1],
    [y.c0, y.c1],
  ];
}
