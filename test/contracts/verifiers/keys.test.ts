import { expect } from "chai";
import { concat, getBytes, toBeHex } from "ethers";

import { doubling } from "../doubling.ts";
import { ethers, load, publish } from "./fixture.ts";
import { flipped, spliced } from "./lots.ts";
import { opposite, outsideSubgroup, trapdoorKey } from "./trapdoor.ts";

const ALPHA = 0;
const G2_POINTS = { beta: 64, gamma: 192, delta: 320 } as const;
const IC = [448, 512, 576] as const;
const G2_BYTES = 128;
const FIELD_MODULUS = 21888242871839275222246405745257275088696311157297823662689037894645226208583n;

describe("publishing a verification key", function () {
  this.timeout(60_000);

  const refused = async (keys: (key: Uint8Array) => readonly (Uint8Array | string)[], error: string) => {
    const base = await load();
    const { key } = await doubling();
    for (const bad of keys(key)) await expect(publish(base, bad)).to.be.revertedWithCustomError(base.groth16, error);
    await publish(base, key);
  };
  const g2 = (key: Uint8Array, start: number) => key.slice(start, start + G2_BYTES);

  it("is refused if two of beta, gamma and delta are equal", () =>
    refused(
      (key) =>
        [
          ["gamma", "delta"],
          ["beta", "gamma"],
          ["beta", "delta"],
        ].map(([from, to]) => spliced(key, offsetOf(to), g2(key, offsetOf(from)))),
      "VerificationKeyUnsafe",
    ));

  it("is refused if two of them are opposite", () =>
    refused(
      (key) =>
        [
          ["gamma", "delta"],
          ["beta", "gamma"],
          ["beta", "delta"],
        ].map(([from, to]) => spliced(key, offsetOf(to), opposite(g2(key, offsetOf(from))))),
      "VerificationKeyUnsafe",
    ));

  it("is refused if a point of G2 is on the twist but outside the subgroup", () => {
    const outside = outsideSubgroup();
    return refused(
      (key) => Object.values(G2_POINTS).map((start) => spliced(key, start, outside)),
      "VerificationKeyUnsafe",
    );
  });

  it("is refused if any point is off its curve", () =>
    refused(
      (key) => [
        ...[ALPHA, ...IC].map((start) => flipped(key, start + 63)),
        ...Object.values(G2_POINTS).map((start) => flipped(key, start + 127)),
      ],
      "VerificationKeyUnsafe",
    ));

  it("is refused if any point is at infinity", () =>
    refused(
      (key) => [
        ...[ALPHA, ...IC].map((start) => spliced(key, start, new Uint8Array(64))),
        ...Object.values(G2_POINTS).map((start) => spliced(key, start, new Uint8Array(G2_BYTES))),
      ],
      "VerificationKeyUnsafe",
    ));

  it("is refused if a coordinate is not below the field's modulus", () =>
    refused(
      (key) =>
        [ALPHA, ...Object.values(G2_POINTS), ...IC].map((start) => {
          const coordinate = BigInt(ethers.hexlify(key.slice(start, start + 32)));
          return spliced(key, start, getBytes(toBeHex(coordinate + FIELD_MODULUS, 32)));
        }),
      "VerificationKeyUnsafe",
    ));

  it("is refused with another number of ic points than the tensors need", () =>
    refused((key) => [trapdoorKey(3), concat([key, key.slice(-64)])], "VerificationKeyLength"));

  it("is refused if its length is that of no key", () =>
    refused(
      (key) => [key.slice(0, -64), key.slice(0, -1), concat([key, "0x00"]), new Uint8Array(24_576).fill(1)],
      "VerificationKeyLength",
    ));

  it("is refused if the sample is of another key, as every safe but dead key is", () =>
    refused(() => [trapdoorKey(2)], "ProofInvalid"));

  it("stores it once: the second version with it costs no second check", async () => {
    const { groth16 } = await load();
    const { key } = await doubling();
    const first = await groth16.storeKey.staticCall(key);
    await groth16.storeKey(key);
    const again = await groth16.storeKey(key);
    expect(await groth16.storeKey.staticCall(key)).to.equal(first);
    expect(await ethers.provider.getCode(first)).to.equal(concat(["0x00", key]));
    expect(Number((await again.wait())?.gasUsed)).to.be.below(60_000);
  });
});

function offsetOf(name: string | undefined): number {
  if (name !== "beta" && name !== "gamma" && name !== "delta") throw new Error(`${String(name)} is no point of G2`);
  return G2_POINTS[name];
}
