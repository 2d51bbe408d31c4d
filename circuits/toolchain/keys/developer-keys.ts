import { buildBn128, type WasmCurve } from "ffjavascript";

import type { VerificationKey } from "../../format/groth16.ts";
import { FIELD_ORDER } from "../../format/interface-words.ts";
import type { ConstraintSystem } from "../../format/r1cs.ts";
import { decodeElement, inverse, power } from "../field.ts";
import { verificationKeyOfZkey, writeZkey, type ZkeyPoints } from "../zkey-file.ts";
import { FixedBase } from "./fixed-base.ts";
import { domainLogSize, evaluatePolynomials, type PolynomialValues } from "./polynomials.ts";

export interface ProvingKeys {
  /** snarkjs's Groth16 .zkey. */
  readonly zkey: Uint8Array;
  readonly verificationKey: VerificationKey;
}

export interface DeveloperKeyOptions {
  /** Called as points are made: how many there are, and how many there will be. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Fills an array with random bytes. For reproducible tests only: whoever can repeat it can forge proofs. */
  readonly fillRandom?: (bytes: Uint8Array) => void;
}

/** The toxic waste of a setup: whoever knows it proves anything. It lives for the length of one call. */
interface Secrets {
  readonly tau: bigint;
  readonly alpha: bigint;
  readonly beta: bigint;
  readonly gamma: bigint;
  readonly delta: bigint;
}

/**
 * Groth16 keys from a setup by a single party, for development: who runs it could have kept the secrets. The values at
 * tau are computed as scalars and multiplied into the curve by fixed-base tables, which takes seconds where the
 * powers-of-tau way takes minutes. Throws `CIRCUIT_SIZE`.
 */
export async function makeDeveloperKeys(
  system: ConstraintSystem,
  options: DeveloperKeyOptions = {},
): Promise<ProvingKeys> {
  const logSize = domainLogSize(system);
  const secrets = drawSecrets(logSize, options.fillRandom ?? ((bytes) => crypto.getRandomValues(bytes)));
  const curve = await buildBn128(true);
  const points = makePoints(system, evaluatePolynomials(system, secrets.tau), secrets, curve, options.onProgress);
  const zkey = writeZkey(system, 2 ** logSize, points);
  return { zkey, verificationKey: verificationKeyOfZkey(zkey) };
}

function makePoints(
  { wireCount, publicCount }: ConstraintSystem,
  { a, b, c, h }: PolynomialValues,
  { alpha, beta, gamma, delta }: Secrets,
  curve: WasmCurve,
  onProgress: DeveloperKeyOptions["onProgress"],
): ZkeyPoints {
  const statement = a.map((value, wire) => beta * value + alpha * (b[wire] ?? 0n) + (c[wire] ?? 0n));
  const divide = (values: readonly bigint[], divisor: bigint): bigint[] => {
    const factor = inverse(divisor);
    return values.map((value) => (value * factor) % FIELD_ORDER);
  };
  const total = 4 * wireCount + h.length + 6;
  let done = 0;
  const onBatch = (count: number): void => onProgress?.((done += count), total);
  const g1 = new FixedBase(curve, "G1");
  const points1 = (scalars: readonly bigint[]): Uint8Array => g1.multiply(scalars, onBatch);
  const g2 = new FixedBase(curve, "G2");
  const points2 = (scalars: readonly bigint[]): Uint8Array => g2.multiply(scalars, onBatch);
  return {
    alpha1: points1([alpha]),
    beta1: points1([beta]),
    beta2: points2([beta]),
    gamma2: points2([gamma]),
    delta1: points1([delta]),
    delta2: points2([delta]),
    ic: points1(divide(statement.slice(0, publicCount + 1), gamma)),
    a: points1(a),
    b1: points1(b),
    b2: points2(b),
    c: points1(divide(statement.slice(publicCount + 1), delta)),
    h: points1(divide(h, delta)),
  };
}

/** gamma = delta would let anyone forge (no second phase), and tau inside the domain would leave the keys at infinity. */
function drawSecrets(logSize: number, fillRandom: (bytes: Uint8Array) => void): Secrets {
  const draw = (): bigint => drawScalar(fillRandom);
  for (;;) {
    const secrets = { tau: draw(), alpha: draw(), beta: draw(), gamma: draw(), delta: draw() };
    const insideDomain = power(secrets.tau, 1n << BigInt(logSize + 1)) === 1n;
    if (!insideDomain && secrets.gamma !== secrets.delta) return secrets;
  }
}

/** Uniform in [1, FIELD_ORDER): 254 random bits, drawn again when they are out of range, so without bias. */
function drawScalar(fillRandom: (bytes: Uint8Array) => void): bigint {
  for (;;) {
    const bytes = new Uint8Array(32);
    fillRandom(bytes);
    const value = BigInt.asUintN(254, decodeElement(new DataView(bytes.buffer), 0));
    bytes.fill(0);
    if (value > 0n && value < FIELD_ORDER) return value;
  }
}
