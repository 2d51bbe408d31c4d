import { expect } from "chai";
import { concat, getBytes, keccak256, MaxUint256, toBeHex } from "ethers";
import fc from "fast-check";

import { doubling } from "../doubling.ts";
import { type Deployed, ethers, load } from "./fixture.ts";
import {
  callOf,
  changed,
  evidenceOf,
  flipped,
  type Item,
  itemOf,
  lotOf,
  spliced,
  storedKey,
  trapdoorItem,
  trapdoorLot,
} from "./lots.ts";
import { malleated, shifted, trapdoorKey } from "./trapdoor.ts";

const PROOF = { a: 0, b: 64, c: 192 } as const;
const FIELD_MODULUS = 21888242871839275222246405745257275088696311157297823662689037894645226208583n;

async function stored() {
  const base = await load();
  const key = await storedKey(base);
  return { ...base, key };
}

const verifyAll = ({ groth16 }: Pick<Deployed, "groth16">, items: readonly Item[]) =>
  groth16.verifyAll(...callOf(items));

async function expectInvalid(base: Pick<Deployed, "groth16">, items: readonly Item[]): Promise<void> {
  await expect(verifyAll(base, items)).to.be.revertedWithCustomError(base.groth16, "ProofInvalid");
}

/** Whether the pairing precompile accepts the product of the proofs with coefficients that the forger knows. */
async function productHolds(items: readonly Item[], key: Uint8Array, coefficients: readonly bigint[]) {
  const points = { x: new Uint8Array(64), c: new Uint8Array(64), alpha: new Uint8Array(64) };
  const pairs: (string | Uint8Array)[] = [];
  for (const [index, { statement, input, proof }] of items.entries()) {
    const r = coefficients[index] ?? 1n;
    const a = await times(proof.slice(PROOF.a, PROOF.b), r);
    const minusY = toBeHex(FIELD_MODULUS - BigInt(ethers.hexlify(a.slice(32))), 32);
    pairs.push(a.slice(0, 32), minusY, proof.slice(PROOF.b, PROOF.c));

    const binding = BigInt(ethers.hexlify(statement.resultDigest)) >> 8n;
    const word = BigInt(ethers.hexlify(concat([input, statement.output, new Uint8Array(29)])));
    const constant = key.slice(448, 512);
    const x = await sum(
      await sum(constant, await times(key.slice(512, 576), binding)),
      await times(key.slice(576, 640), word),
    );
    points.x = await sum(points.x, await times(x, r));
    points.c = await sum(points.c, await times(proof.slice(PROOF.c), r));
    points.alpha = await sum(points.alpha, await times(key.slice(0, 64), r));
  }
  pairs.push(points.alpha, key.slice(64, 192), points.x, key.slice(192, 320), points.c, key.slice(320, 448));
  return BigInt(await ethers.provider.call({ to: toBeHex(8, 20), data: concat(pairs) })) === 1n;
}

async function sum(one: Uint8Array, other: Uint8Array) {
  return Uint8Array.from(getBytes(await ethers.provider.call({ to: toBeHex(6, 20), data: concat([one, other]) })));
}

async function times(point: Uint8Array, scalar: bigint) {
  const data = concat([point, toBeHex(scalar, 32)]);
  return Uint8Array.from(getBytes(await ethers.provider.call({ to: toBeHex(7, 20), data })));
}

describe("a lot of proofs", function () {
  this.timeout(120_000);

  it("holds if each of them does, from none to 32", async () => {
    const base = await stored();
    const items = await lotOf(base.key, 8);
    for (const count of [0, 1, 2, 8]) await verifyAll(base, items.slice(0, count));
    await verifyAll(base, await trapdoorLot(base, 32));
    const [first, second] = items;
    if (!first || !second) throw new Error("the lot is empty");
    await verifyAll(base, [second, first, second, second]);
  });

  it("is refused with one bit of any coordinate of any proof flipped", async () => {
    const base = await stored();
    const items = await lotOf(base.key, 3);
    for (const index of items.keys())
      for (const start of [0, 32, 64, 96, 128, 160, 192, 224])
        await expectInvalid(
          base,
          changed(items, index, (item) => ({ ...item, proof: flipped(item.proof, start + 31) })),
        );
  });

  it("is refused with a point replaced by another of its group, or by infinity", async () => {
    const base = await stored();
    const items = await lotOf(base.key, 2);
    const { key } = await doubling();
    const [alpha, beta] = [key.slice(0, 64), key.slice(64, 192)];
    const infinity = new Uint8Array(64);
    const alias = concat([infinity.slice(0, 32), toBeHex(FIELD_MODULUS, 32)]);
    for (const index of items.keys())
      for (const [start, part] of [
        [PROOF.a, alpha],
        [PROOF.b, beta],
        [PROOF.c, alpha],
        [PROOF.a, infinity],
        [PROOF.a, getBytes(alias)],
        [PROOF.b, new Uint8Array(128)],
        [PROOF.c, infinity],
      ] as const) {
        const spoiled = changed(items, index, (item) => ({ ...item, proof: spliced(item.proof, start, part) }));
        await expectInvalid(base, spoiled);
        await expectInvalid(base, spoiled.slice(index, index + 1));
        const [statements, evidence] = callOf(spoiled);
        const [statement, alone] = [statements[index], evidence[index]];
        if (!statement || alone === undefined) throw new Error("the item is missing");
        await expect(base.groth16.verify(statement, alone)).to.be.revertedWithCustomError(base.groth16, "ProofInvalid");
      }
  });

  it("is refused with proofs, bindings or outputs of two statements swapped", async () => {
    const base = await stored();
    const items = await lotOf(base.key, 3);
    const [, one, two] = items;
    if (!one || !two) throw new Error("the lot is too small");
    const swap = (pick: (own: Item, other: Item) => Item) =>
      changed(
        changed(items, 1, () => pick(one, two)),
        2,
        () => pick(two, one),
      );
    await expectInvalid(
      base,
      swap((own, other) => ({ ...own, proof: other.proof })),
    );
    await expectInvalid(
      base,
      swap((own, { statement: { resultDigest } }) => ({ ...own, statement: { ...own.statement, resultDigest } })),
    );
    await expectInvalid(
      base,
      swap((own, { statement: { output } }) => ({ ...own, statement: { ...own.statement, output } })),
    );
  });

  it("is refused though errors of two proofs cancel out in a plain product", async () => {
    const base = await stored();
    const items = await lotOf(base.key, 2);
    const { key } = await doubling();
    const [one, two] = items;
    if (!one || !two) throw new Error("the lot is too small");

    const swappedC = [
      spliced(one.proof, PROOF.c, two.proof.slice(PROOF.c)),
      spliced(two.proof, PROOF.c, one.proof.slice(PROOF.c)),
    ];
    const movedC = [shifted(one.proof, 5n), shifted(two.proof, -5n)];
    for (const proofs of [swappedC, movedC]) {
      const forged = items.map((item, index) => ({ ...item, proof: proofs[index] ?? item.proof }));
      expect(await productHolds(forged, key, [1n, 1n])).to.equal(true);
      await expectInvalid(base, forged);
      for (const alone of forged) await expectInvalid(base, [alone]);
    }

    // The same with statements: each proof is of the other's binding, whose sum is what it was.
    const swappedBindings = [
      { ...one, statement: { ...one.statement, resultDigest: two.statement.resultDigest } },
      { ...two, statement: { ...two.statement, resultDigest: one.statement.resultDigest } },
    ];
    expect(await productHolds(swappedBindings, key, [1n, 1n])).to.equal(true);
    await expectInvalid(base, swappedBindings);
    const onlyOne = [one, { ...two, proof: shifted(two.proof, 5n) }];
    expect(await productHolds(onlyOne, key, [1n, 1n])).to.equal(false);
  });

  it("is refused though errors cancel out with the coefficients of less than the whole lot", async () => {
    const base = await stored();
    const items = await lotOf(base.key, 2);
    const { key } = await doubling();
    const codeHash = keccak256(concat(["0x00", key]));
    const blocks = items.map(({ statement, proof, input }) => [
      proof,
      ethers.dataSlice(ethers.hexlify(statement.resultDigest), 0, 31),
      concat([input, statement.output, new Uint8Array(29)]),
    ]);
    const seeds = [
      ethers.ZeroHash,
      keccak256(codeHash),
      keccak256(concat([codeHash, ...blocks.flat()])),
      keccak256(concat([codeHash, ...blocks.flatMap(([, binding = "", words = ""]) => [binding, words])])),
    ];
    for (const seed of seeds) {
      const r = BigInt(keccak256(concat([seed, toBeHex(1, 32)]))) >> 128n;
      const forged = items.map((item, index) => ({
        ...item,
        proof: shifted(item.proof, index === 0 ? -5n * r : 5n),
      }));
      expect(await productHolds(forged, key, [1n, r])).to.equal(true);
      await expectInvalid(base, forged);
    }
  });

  it("holds with a proof in another of its forms, which changes no statement", async () => {
    const base = await stored();
    const items = await lotOf(base.key, 3);
    await verifyAll(
      base,
      changed(items, 1, (item) => ({ ...item, proof: malleated(item.proof, 12_345n) })),
    );
  });

  it("takes every binding and every word: all ones are below the field's order", async () => {
    const base = await stored();
    const circuit = await doubling();
    const highest = toBeHex(MaxUint256, 32);
    const proof = await circuit.prove(MaxUint256 >> 8n, 127);
    const [other] = await lotOf(base.key, 1);
    if (!other) throw new Error("the lot is empty");
    const item = itemOf(base.key, highest, Uint8Array.of(127), Uint8Array.of(254), proof);
    await verifyAll(base, [other, item]);
    await base.groth16.verify(item.statement, evidenceOf(item));
    const above = base.groth16.verifyProof(base.key, 2n ** 248n, concat([proof, "0x7ffe"]));
    await expect(above)
      .to.be.revertedWithCustomError(base.groth16, "SignalOutOfField")
      .withArgs(0, 2n ** 248n);

    const ones = new Uint8Array(31).fill(255);
    const wide = await storedKey(base, trapdoorKey(3));
    await verifyAll(base, [trapdoorItem(wide, 0, ones, ones), trapdoorItem(wide, 1, ones, new Uint8Array(31))]);
  });

  it("burns no more than the precompiles' caps when a point is malformed", async () => {
    const base = await stored();
    const items = await lotOf(base.key, 8);
    const spoiled = changed(items, 5, (item) => ({ ...item, proof: flipped(item.proof, PROOF.b + 31) }));
    const call = await base.groth16.verifyAll.populateTransaction(...callOf(spoiled));
    const sent = base.stranger.sendTransaction({ ...call, gasLimit: 10_000_000n });
    await expect(sent).to.be.revertedWithCustomError(base.groth16, "ProofInvalid");
    const block = await ethers.provider.getBlock("latest");
    const cap = 2 * (45_000 + 34_000 * 11);
    expect(Number(block?.gasUsed)).to.be.within(cap, cap + 250_000);
  });

  it("is refused as a whole whichever of its proofs is spoiled, with any number of words", async () => {
    const base = await load();
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 70 });
    const spoilers: ((item: Item) => Item)[] = [
      (item) => ({ ...item, proof: shifted(item.proof, 1n) }),
      (item) => ({ ...item, statement: { ...item.statement, resultDigest: toBeHex(1, 32) } }),
      (item) => ({
        ...item,
        statement: { ...item.statement, output: flipped(getBytes(item.statement.output), 0) },
      }),
    ];
    await fc.assert(
      fc.asyncProperty(
        fc.tuple(bytes, bytes),
        fc.integer({ min: 1, max: 6 }),
        fc.nat(),
        fc.nat(),
        async ([input, output], count, which, how) => {
          const signals = 1 + Math.ceil((input.length + output.length) / 31);
          const key = await storedKey(base, trapdoorKey(signals));
          const items = Array.from({ length: count }, (_, index) =>
            trapdoorItem(key, index, flipped(input, index % input.length), output),
          );
          await verifyAll(base, items);
          for (const { statement, proof, input } of items) await base.groth16.verify(statement, concat([proof, input]));

          const spoiler = spoilers[how % spoilers.length];
          if (!spoiler) throw new Error("no such spoiler");
          await expectInvalid(base, changed(items, which % count, spoiler));
        },
      ),
      { numRuns: 12 },
    );
  });
});

describe("a lot that cannot be", function () {
  this.timeout(60_000);

  it("is refused with the reason", async () => {
    const base = await stored();
    const { groth16, key } = base;
    const items = await lotOf(key, 3);
    const [statements, evidence] = callOf(items);
    await expect(groth16.verifyAll(statements, evidence.slice(1)))
      .to.be.revertedWithCustomError(groth16, "EvidenceCountMismatch")
      .withArgs(3, 2);

    const at = (index: number, change: (item: Item) => Item) => verifyAll(base, changed(items, index, change));
    const other = await storedKey(base, trapdoorKey(2));
    const ofKey = (verificationKey: string) => (item: Item) => ({
      ...item,
      statement: { ...item.statement, verificationKey },
    });
    await expect(at(2, ofKey(other)))
      .to.be.revertedWithCustomError(groth16, "VerificationKeysMixed")
      .withArgs(2, other, key);
    for (const index of [0, 1])
      await expect(at(index, ofKey(ethers.ZeroAddress)))
        .to.be.revertedWithCustomError(groth16, "VerificationKeyMissing")
        .withArgs(ethers.ZeroHash);
    await expect(at(1, (item) => ({ ...item, input: Uint8Array.of(99) })))
      .to.be.revertedWithCustomError(groth16, "InputMismatch")
      .withArgs(ethers.keccak256("0x63"), items[1]?.statement.inputHash);
    await expect(at(1, (item) => ({ ...item, proof: item.proof.slice(0, 254) })))
      .to.be.revertedWithCustomError(groth16, "EvidenceTooShort")
      .withArgs(255, 256);
    for (const index of [0, 1])
      await expect(at(index, (item) => ({ ...item, statement: { ...item.statement, output: new Uint8Array(31) } })))
        .to.be.revertedWithCustomError(groth16, "VerificationKeyLength")
        .withArgs(448 + 3 * 64, 448 + 4 * 64);
    await expect(groth16.verifyProof(key, 0n, new Uint8Array(255)))
      .to.be.revertedWithCustomError(groth16, "EvidenceTooShort")
      .withArgs(255, 256);
  });

  it("is refused where there is no key", async () => {
    const base = await load();
    const [item] = await lotOf(base.stranger.address, 1);
    if (!item) throw new Error("the lot is empty");
    await expect(verifyAll(base, [item]))
      .to.be.revertedWithCustomError(base.groth16, "VerificationKeyLength")
      .withArgs(0, 448 + 3 * 64);
  });
});
