import { AssayError } from "./error.ts";

/** Affine point of G1 on BN254, coordinates in [0, p); (0, 0) is the point at infinity. */
export type G1 = readonly [x: bigint, y: bigint];
/** Affine point of G2; each coordinate is (real, imaginary) as snarkjs writes it. The chain wants (imaginary, real). */
export type G2 = readonly [x: readonly [bigint, bigint], y: readonly [bigint, bigint]];

export interface Proof {
  readonly a: G1;
  readonly b: G2;
  readonly c: G1;
}

export interface VerificationKey {
  readonly alpha: G1;
  readonly beta: G2;
  readonly gamma: G2;
  readonly delta: G2;
  /** One point more than there are public signals. */
  readonly ic: readonly G1[];
}

export type ProofErrorCode =
  "PROOF_ENCODING" | "PROOF_INVALID" | "KEY_ENCODING" | "KEY_UNSAFE" | "SIGNAL_COUNT" | "SIGNAL_RANGE";

export class ProofError extends AssayError {
  declare readonly code: ProofErrorCode;
}

const COORDINATE_BYTES = 32;
const PROOF_WORDS = 8;
const KEY_FIXED_WORDS = 14;

/** 256 bytes: a, b, c, as the pairing precompile reads points. */
export function encodeProof(proof: Proof): Uint8Array {
  return encodeWords([...proof.a, ...g2Words(proof.b), ...proof.c]);
}

/** Throws `PROOF_ENCODING` unless there are exactly 256 bytes. */
export function decodeProof(bytes: Uint8Array): Proof {
  if (bytes.length !== PROOF_WORDS * COORDINATE_BYTES)
    throw new ProofError("PROOF_ENCODING", `a proof is 256 bytes, not ${bytes.length}`);
  const words = decodeWords(bytes);
  return { a: g1At(words, 0), b: g2At(words, 2), c: g1At(words, 6) };
}

/** alpha, beta, gamma, delta, then the ic points: 64 bytes for a point of G1, 128 for one of G2. */
export function encodeVerificationKey(key: VerificationKey): Uint8Array {
  return encodeWords([
    ...key.alpha,
    ...g2Words(key.beta),
    ...g2Words(key.gamma),
    ...g2Words(key.delta),
    ...key.ic.flat(),
  ]);
}

/** Throws `KEY_ENCODING` unless the length is that of a key with at least one public signal. */
export function decodeVerificationKey(bytes: Uint8Array): VerificationKey {
  const icBytes = bytes.length - KEY_FIXED_WORDS * COORDINATE_BYTES;
  if (icBytes < 4 * COORDINATE_BYTES || icBytes % (2 * COORDINATE_BYTES) !== 0)
    throw new ProofError("KEY_ENCODING", `a verification key of ${bytes.length} bytes cannot be`);
  const words = decodeWords(bytes);
  const ic: G1[] = [];
  for (let at = KEY_FIXED_WORDS; at < words.length; at += 2) ic.push(g1At(words, at));
  return { alpha: g1At(words, 0), beta: g2At(words, 2), gamma: g2At(words, 6), delta: g2At(words, 10), ic };
}

function g2Words([x, y]: G2): bigint[] {
  return [x[1], x[0], y[1], y[0]];
}

function g1At(words: readonly bigint[], at: number): G1 {
  return [wordAt(words, at), wordAt(words, at + 1)];
}

function g2At(words: readonly bigint[], at: number): G2 {
  return [
    [wordAt(words, at + 1), wordAt(words, at)],
    [wordAt(words, at + 3), wordAt(words, at + 2)],
  ];
}

function wordAt(words: readonly bigint[], at: number): bigint {
  const word = words[at];
  if (word === undefined) throw new ProofError("PROOF_ENCODING", `word ${at} is missing`);
  return word;
}

function encodeWords(words: readonly bigint[]): Uint8Array {
  const bytes = new Uint8Array(words.length * COORDINATE_BYTES);
  words.forEach((word, index) => {
    for (let byte = 0; byte < COORDINATE_BYTES; byte++)
      bytes[index * COORDINATE_BYTES + byte] = Number((word >> BigInt(8 * (COORDINATE_BYTES - 1 - byte))) & 0xffn);
  });
  return bytes;
}

function decodeWords(bytes: Uint8Array): bigint[] {
  return Array.from({ length: bytes.length / COORDINATE_BYTES }, (_, index) =>
    bytes
      .subarray(index * COORDINATE_BYTES, (index + 1) * COORDINATE_BYTES)
      .reduce((word, byte) => (word << 8n) | BigInt(byte), 0n),
  );
}
