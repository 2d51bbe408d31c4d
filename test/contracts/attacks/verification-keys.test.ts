import { bn254 } from "@noble/curves/bn254.js";
import { expect } from "chai";
import { concat, getBytes, hexlify, toBeHex } from "ethers";

import { interfaceWords } from "../../../circuits/format/interface-words.ts";
import { doubling } from "../doubling.ts";
import { networkHelpers, served } from "../fixture.ts";

const load = () => networkHelpers.loadFixture(served);

describe("a verification key under which anyone can forge proofs", function () {
  this.timeout(60_000);

  const ALPHA = [0, 64] as const;
  const BETA = [64, 192] as const;
  const GAMMA = [192, 320] as const;
  const DELTA = [320, 448] as const;
  const INFINITY = new Uint8Array(64);
  const BINDING = 12345n;
  /** A wrong answer. */
  const [INPUT, OUTPUT] = ["0x03", "0x09"];

  const point = (bytes: Uint8Array) =>
    bn254.G1.Point.fromAffine({ x: BigInt(hexlify(bytes.slice(0, 32))), y: BigInt(hexlify(bytes.slice(32, 64))) });
  const encoded = (sum: ReturnType<typeof point>) => {
    const { x, y } = sum.toAffine();
    return getBytes(concat([toBeHex(x, 32), toBeHex(y, 32)]));
  };

  /** The sum of the ic points, weighted by the signals of the wrong answer. */
  const signals = (key: Uint8Array) => {
    const [word = 0n] = interfaceWords(getBytes(INPUT), getBytes(OUTPUT));
    const ic = [448, 512, 576].map((start) => point(key.slice(start, start + 64)));
    const [constant = bn254.G1.Point.ZERO, binding = constant, words = constant] = ic;
    return constant.add(binding.multiply(BINDING)).add(words.multiply(word));
  };
  const part = (key: Uint8Array, [start, end]: readonly [number, number]) => key.slice(start, end);
  const changed = (key: Uint8Array, [start, end]: readonly [number, number], bytes: Uint8Array) =>
    Uint8Array.from(key, (byte, index) => (index >= start && index < end ? (bytes[index - start] ?? 0) : byte));

  const keys = {
    "alpha at infinity": (key: Uint8Array) => ({
      key: changed(key, ALPHA, INFINITY),
      proof: concat([encoded(signals(key)), part(key, GAMMA), INFINITY]),
    }),
    "beta at infinity": (key: Uint8Array) => ({
      key: changed(key, BETA, new Uint8Array(128)),
      proof: concat([encoded(signals(key)), part(key, GAMMA), INFINITY]),
    }),
    "beta = gamma": (key: Uint8Array) => ({
      key: changed(key, BETA, part(key, GAMMA)),
      proof: concat([encoded(point(part(key, ALPHA)).add(signals(key))), part(key, GAMMA), INFINITY]),
    }),
    "beta = delta": (key: Uint8Array) => ({
      key: changed(key, BETA, part(key, DELTA)),
      proof: concat([encoded(signals(key)), part(key, GAMMA), encoded(point(part(key, ALPHA)).negate())]),
    }),
    "gamma = delta": (key: Uint8Array) => ({
      key: changed(key, DELTA, part(key, GAMMA)),
      proof: concat([part(key, ALPHA), part(key, BETA), encoded(signals(key).negate())]),
    }),
  };

  for (const [trap, forge] of Object.entries(keys))
    it(`is refused: ${trap}`, async () => {
      const { groth16, stranger } = await load();
      const honest = (await doubling()).key;
      const { key, proof } = forge(honest);
      const evidence = concat([proof, INPUT, OUTPUT]);
      await expect(groth16.storeKey(key)).to.be.revertedWithCustomError(groth16, "VerificationKeyUnsafe");

      // The forgery would hold, were the key stored all the same.
      await networkHelpers.setCode(stranger.address, concat(["0x00", key]));
      await groth16.verifyProof(stranger, BINDING, evidence);
      await networkHelpers.setCode(stranger.address, concat(["0x00", honest]));
      await expect(groth16.verifyProof(stranger, BINDING, evidence)).to.be.revertedWithCustomError(
        groth16,
        "ProofInvalid",
      );
    });
});
