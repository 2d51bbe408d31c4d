import { bn254 } from "@noble/curves/bn254.js";
import { expect } from "chai";
import { groth16 } from "snarkjs";

import {
  decodeProof,
  decodeVerificationKey,
  encodeProof,
  encodeVerificationKey,
  type G2,
  type Proof,
  ProofError,
  type VerificationKey,
} from "../../../circuits/format/groth16.ts";
import { FIELD_ORDER } from "../../../circuits/format/interface-words.ts";
import { assertVerificationKey, verifyProof } from "../../../circuits/format/verify-groth16.ts";
import { createProver, makeDeveloperKeys, type ProvenStatement } from "../../../circuits/toolchain/index.ts";
import { squaringChain, squaringWitness } from "../toolchain/sample-circuit.ts";
import { snarkjsKey, snarkjsProof } from "../toolchain/snarkjs-points.ts";
import { stopSnarkjsThreads } from "../toolchain/snarkjs-threads.ts";

const ROUNDS = 10;
const BASE_FIELD = bn254.fields.Fp.ORDER;

describe("a Groth16 proof", function () {
  this.timeout(60_000);

  let key: VerificationKey;
  let otherKey: VerificationKey;
  let statement: ProvenStatement;
  before(async () => {
    const keys = await makeDeveloperKeys(squaringChain(ROUNDS));
    key = keys.verificationKey;
    otherKey = (await makeDeveloperKeys(squaringChain(ROUNDS + 1))).verificationKey;
    const prover = createProver(keys.zkey, { threads: 1 });
    statement = await prover.prove(squaringWitness(ROUNDS, 3n));
    await prover.close();
  });
  after(stopSnarkjsThreads);

  const verify = (proof: Proof, signals: readonly bigint[] = statement.publicSignals): boolean =>
    verifyProof(key, signals, proof);
  const refusal = (check: () => unknown, code: string): void => {
    expect(check).to.throw(ProofError).with.property("code", code);
  };

  it("verifies here and in snarkjs", async () => {
    const { proof, publicSignals } = statement;
    expect(verify(proof)).to.equal(true);
    expect(await groth16.verify(snarkjsKey(key), publicSignals.map(String), snarkjsProof(proof))).to.equal(true);
  });

  it("proves no other signal, here and in snarkjs", async () => {
    for (const index of [0, 1]) {
      const signals = statement.publicSignals.with(index, (statement.publicSignals[index] ?? 0n) + 1n);
      expect(verify(statement.proof, signals)).to.equal(false);
      const answer = await groth16.verify(snarkjsKey(key), signals.map(String), snarkjsProof(statement.proof));
      expect(answer).to.equal(false);
    }
  });

  it("proves nothing about another circuit", () => {
    expect(verifyProof(otherKey, statement.publicSignals, statement.proof)).to.equal(false);
  });

  it("refuses a signal that is another name of the same number", () => {
    const [start = 0n, end = 0n] = statement.publicSignals;
    refusal(() => verify(statement.proof, [start + FIELD_ORDER, end]), "SIGNAL_RANGE");
    refusal(() => verify(statement.proof, [start, end - FIELD_ORDER]), "SIGNAL_RANGE");
    refusal(() => verify(statement.proof, [FIELD_ORDER, end]), "SIGNAL_RANGE");
  });

  it("refuses too few and too many signals", () => {
    refusal(() => verify(statement.proof, statement.publicSignals.slice(1)), "SIGNAL_COUNT");
    refusal(() => verify(statement.proof, [...statement.publicSignals, 0n]), "SIGNAL_COUNT");
  });

  it("is malformed when any coordinate changes", () => {
    const bytes = encodeProof(statement.proof);
    for (let word = 0; word < 8; word++) {
      const changed = bytes.slice();
      changed[word * 32 + 31] = (changed[word * 32 + 31] ?? 0) ^ 1;
      refusal(() => verify(decodeProof(changed)), "PROOF_ENCODING");
    }
  });

  it("is malformed when a coordinate is not reduced", () => {
    const bytes = encodeProof(statement.proof);
    for (let word = 0; word < 8; word++) {
      const hex = Buffer.from(bytes.subarray(word * 32, word * 32 + 32)).toString("hex");
      const raised = (BigInt(`0x${hex}`) + BASE_FIELD).toString(16).padStart(64, "0");
      const changed = bytes.slice();
      changed.set(Buffer.from(raised, "hex"), word * 32);
      refusal(() => verify(decodeProof(changed)), "PROOF_ENCODING");
    }
  });

  it("does not verify with points of another proof, or with its points swapped or at infinity", () => {
    const { a, b, c } = statement.proof;
    const infinity: Proof = {
      a: [0n, 0n],
      b: [
        [0n, 0n],
        [0n, 0n],
      ],
      c: [0n, 0n],
    };
    for (const forged of [
      { a: c, b, c: a },
      { a, b: key.beta, c },
      { a: negated(a), b, c },
      { a, b, c: negated(c) },
      { ...infinity },
      { ...infinity, c },
      { a, b, c: infinity.c },
      { a: key.alpha, b: key.beta, c: infinity.c },
    ])
      expect(verify(forged)).to.equal(false);
  });

  it("is malleable: the negated a and b verify as well, so a proof never names anything", () => {
    const { a, b, c } = statement.proof;
    const [x, [real, imaginary]] = b;
    const twin: Proof = { a: negated(a), b: [x, [BASE_FIELD - real, BASE_FIELD - imaginary]], c };
    expect(encodeProof(twin)).not.to.deep.equal(encodeProof(statement.proof));
    expect(verify(twin)).to.equal(true);
  });

  it("refuses a point of the twist outside the subgroup", () => {
    refusal(() => verify({ ...statement.proof, b: pointOutsideSubgroup() }), "PROOF_ENCODING");
  });

  it("has a 256-byte form that gives it back, imaginary parts first as the chain reads them", () => {
    const bytes = encodeProof(statement.proof);
    expect(bytes).to.have.length(256);
    expect(decodeProof(bytes)).to.deep.equal(statement.proof);
    const imaginary = BigInt(`0x${Buffer.from(bytes.subarray(64, 96)).toString("hex")}`);
    expect(imaginary).to.equal(statement.proof.b[0][1]);
    for (const wrong of [bytes.subarray(1), Uint8Array.of(...bytes, 0)])
      refusal(() => decodeProof(wrong), "PROOF_ENCODING");
  });

  describe("its verification key", () => {
    it("has a form in bytes that gives it back", () => {
      const bytes = encodeVerificationKey(key);
      expect(bytes).to.have.length(448 + 64 * 3);
      expect(decodeVerificationKey(bytes)).to.deep.equal(key);
      for (const wrong of [bytes.subarray(0, 448), bytes.subarray(0, 448 + 64), bytes.subarray(1)])
        refusal(() => decodeVerificationKey(wrong), "KEY_ENCODING");
    });

    it("is accepted as the setup made it", () => {
      assertVerificationKey(key);
    });

    it("is refused when delta is gamma or its opposite, for anyone could forge", () => {
      const [x, [real, imaginary]] = key.gamma;
      const opposite: G2 = [x, [BASE_FIELD - real, BASE_FIELD - imaginary]];
      for (const delta of [key.gamma, opposite]) refusal(() => assertVerificationKey({ ...key, delta }), "KEY_UNSAFE");
    });

    it("would be forgeable with delta equal to gamma: the proof (alpha, beta, -ic) needs no witness", () => {
      const unsafe = { ...key, delta: key.gamma };
      const { Point } = bn254.G1;
      const sum = unsafe.ic
        .map(([x, y]) => Point.fromAffine({ x, y }))
        .reduce((total, point, index) => total.add(point.multiply(index === 0 ? 1n : 7n)), Point.ZERO);
      const { x, y } = sum.negate().toAffine();
      const forged: Proof = { a: key.alpha, b: key.beta, c: [x, y] };
      refusal(() => verifyProof(unsafe, [7n, 7n], forged), "KEY_UNSAFE");
      return groth16
        .verify(snarkjsKey(unsafe), ["7", "7"], snarkjsProof(forged))
        .then((accepted) => expect(accepted, "snarkjs looks at the equation alone").to.equal(true));
    });

    it("is refused with a point off the curve, outside the subgroup or not reduced", () => {
      const [x, y] = key.alpha;
      for (const damaged of [
        { ...key, alpha: [x, y + 1n] as const },
        { ...key, alpha: [x + BASE_FIELD, y] as const },
        { ...key, beta: [key.beta[1], key.beta[0]] as const },
        { ...key, gamma: pointOutsideSubgroup() },
        { ...key, delta: pointOutsideSubgroup() },
        { ...key, ic: key.ic.with(2, [1n, 3n]) },
        { ...key, ic: key.ic.slice(0, 1) },
      ])
        refusal(() => assertVerificationKey(damaged), "KEY_ENCODING");
    });

    it("is refused with a point at infinity, which would bind nothing", () => {
      const zero = [0n, 0n] as const;
      for (const damaged of [
        { ...key, alpha: zero },
        { ...key, beta: [zero, zero] as const },
        { ...key, gamma: [zero, zero] as const },
        { ...key, delta: [zero, zero] as const },
        { ...key, ic: key.ic.with(1, zero) },
      ])
        refusal(() => assertVerificationKey(damaged), "KEY_UNSAFE");
    });
  });
});

function negated([x, y]: readonly [bigint, bigint]): [bigint, bigint] {
  return [x, BASE_FIELD - y];
}

/** The twist has far more points than the subgroup: the first x with a y gives one outside, but for a miracle. */
function pointOutsideSubgroup(): G2 {
  const { Fp2 } = bn254.fields;
  const generator = bn254.G2.Point.BASE.toAffine();
  const b = Fp2.sub(Fp2.sqr(generator.y), Fp2.mul(Fp2.sqr(generator.x), generator.x));
  for (let c0 = 1n; ; c0++) {
    const x = Fp2.fromBigTuple([c0, 0n]);
    const square = Fp2.add(Fp2.mul(Fp2.sqr(x), x), b);
    let y;
    try {
      y = Fp2.sqrt(square);
    } catch {
      continue;
    }
    expect(bn254.G2.Point.fromAffine({ x, y }).isTorsionFree()).to.equal(false);
    return [
      [x.c0, x.c1],
      [y.c0, y.c1],
    ];
  }
}
