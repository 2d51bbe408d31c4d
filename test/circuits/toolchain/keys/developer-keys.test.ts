import { sha256 } from "@noble/hashes/sha2.js";
import { expect } from "chai";
import { groth16, zKey } from "snarkjs";

import { assertVerificationKey } from "../../../../circuits/format/verify-groth16.ts";
import type { ConstraintSystem } from "../../../../circuits/format/r1cs.ts";
import { makeDeveloperKeys, readZkeyHeader, verificationKeyOfZkey } from "../../../../circuits/toolchain/index.ts";
import { writeWtns } from "../../../../circuits/toolchain/wtns-file.ts";
import { squaringChain, squaringWitness } from "../sample-circuit.ts";
import { snarkjsKey } from "../snarkjs-points.ts";
import { stopSnarkjsThreads } from "../snarkjs-threads.ts";

describe("developer keys", function () {
  this.timeout(60_000);

  after(stopSnarkjsThreads);

  it("let snarkjs prove and verify, at every fill of the domain", async () => {
    for (const rounds of [1, 4, 10, 11, 12, 13, 60]) {
      const { zkey, verificationKey } = await makeDeveloperKeys(squaringChain(rounds));
      const { proof, publicSignals } = await groth16.prove(
        { type: "mem", data: zkey },
        { type: "mem", data: writeWtns(squaringWitness(rounds, 3n)) },
      );
      expect(publicSignals[0]).to.equal("3");
      expect(await groth16.verify(snarkjsKey(verificationKey), publicSignals, proof), `${rounds} rounds`).to.equal(
        true,
      );
    }
  });

  it("hold the verification key that snarkjs exports from them", async () => {
    const { zkey, verificationKey } = await makeDeveloperKeys(squaringChain(5));
    const exported = await zKey.exportVerificationKey({ type: "mem", data: zkey });
    expect(exported).to.deep.include(snarkjsKey(verificationKey));
    expect(verificationKeyOfZkey(zkey)).to.deep.equal(verificationKey);
    expect(readZkeyHeader(zkey)).to.deep.equal({
      wireCount: squaringChain(5).wireCount,
      publicCount: 2,
      domainSize: 16,
    });
    assertVerificationKey(verificationKey);
  });

  it("are fresh at every call, and the same only for the same randomness", async () => {
    const system = squaringChain(2);
    const [first, second] = [await makeDeveloperKeys(system), await makeDeveloperKeys(system)];
    expect(first.verificationKey.delta).not.to.deep.equal(second.verificationKey.delta);
    const repeated = [
      await makeDeveloperKeys(system, { fillRandom: countingBytes() }),
      await makeDeveloperKeys(system, { fillRandom: countingBytes() }),
    ];
    expect(repeated[0]?.zkey).to.deep.equal(repeated[1]?.zkey);
  });

  it("are never made with gamma equal to delta", async () => {
    const next = countingBytes();
    let calls = 0;
    /** The first five draws all give the same number. */
    const stuck = (bytes: Uint8Array): void => (calls++ < 5 ? void bytes.fill(1) : next(bytes));
    const { verificationKey } = await makeDeveloperKeys(squaringChain(2), { fillRandom: stuck });
    expect(verificationKey.gamma).not.to.deep.equal(verificationKey.delta);
  });

  it("tell how far their making has come", async () => {
    const seen: [number, number][] = [];
    await makeDeveloperKeys(squaringChain(8), { onProgress: (done, total) => seen.push([done, total]) });
    const [done, total] = seen.at(-1) ?? [0, -1];
    expect(done).to.equal(total);
    expect(seen.map(([count]) => count)).to.deep.equal(
      seen.map(([count]) => count).sort((left, right) => left - right),
    );
  });

  it("exist for a circuit with unused wires and constant rows", async () => {
    const system: ConstraintSystem = {
      wireCount: 6,
      publicCount: 1,
      constraints: [
        { a: [[0, 2n]], b: [[0, 3n]], c: [[0, 6n]] },
        { a: [[3, 1n]], b: [[3, 1n]], c: [[1, 1n]] },
      ],
    };
    const { zkey, verificationKey } = await makeDeveloperKeys(system);
    const { proof, publicSignals } = await groth16.prove(
      { type: "mem", data: zkey },
      { type: "mem", data: writeWtns([1n, 49n, 5n, 7n, 0n, 1n]) },
    );
    expect(await groth16.verify(snarkjsKey(verificationKey), publicSignals, proof)).to.equal(true);
    expect(await groth16.verify(snarkjsKey(verificationKey), ["50"], proof)).to.equal(false);
  });
});

/** Bytes that repeat from call to call of this function: a deterministic stream from a counter. */
function countingBytes(): (bytes: Uint8Array) => void {
  let counter = 0;
  return (bytes) => bytes.set(sha256(Uint8Array.of(counter++)).subarray(0, bytes.length));
}
