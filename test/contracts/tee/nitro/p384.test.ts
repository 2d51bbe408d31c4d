import { p384 } from "@noble/curves/nist.js";
import { expect } from "chai";
import { getBytes, keccak256, toBigInt, toUtf8Bytes } from "ethers";
import { network } from "hardhat";

const { ethers } = await network.create();
const contract = await ethers.deployContract("P384");

const { BASE: G, Fn } = p384.Point;
const p = p384.Point.Fp.ORDER;
const n = Fn.ORDER;
type Point = typeof G;

const split = (value: bigint) => ({ high: value >> 256n, low: value & ((1n << 256n) - 1n) });
const keyAt = (x: bigint, y: bigint) => ({ x: split(x), y: split(y) });
const keyOf = ({ x, y }: Point) => keyAt(x, y);
const draw = (label: string) => toBigInt(keccak256(toUtf8Bytes(label))) ** 2n % n;
const number = (bytes: Uint8Array) => BigInt(`0x${Buffer.from(bytes).toString("hex")}`);

const isValid = (digest: bigint, r: bigint, s: bigint, key: ReturnType<typeof keyAt>) =>
  contract.isValid(split(digest), split(r), split(s), key);

/** Digest, r and s for which the verifier comes to the sum u1 G + u2 Q. */
function leadingTo(u1: bigint, u2: bigint, x: bigint) {
  const r = x % n;
  const s = Fn.div(r, Fn.create(u2));
  return [Fn.mul(Fn.create(u1), s), r, s] as const;
}

/** Whether the signature that the sum u1 G + u2 Q makes is taken. */
async function comesTo(u1: bigint, u2: bigint, Q: Point, expected: Point): Promise<boolean> {
  return await isValid(...leadingTo(u1, u2, expected.x), keyOf(Q));
}

const times = (Q: Point, k: bigint) => (Fn.create(k) === 0n ? p384.Point.ZERO : Q.multiply(Fn.create(k)));

describe("a signature on P-384", () => {
  it("is taken when another implementation made it, and only for its digest and key", async () => {
    for (let i = 0; i < 6; ++i) {
      const secret = getBytes(`0x${draw(`secret ${i}`).toString(16).padStart(96, "0")}`);
      const signature = p384.sign(toUtf8Bytes(`message ${i}`), secret, { prehash: true, lowS: false });
      const digest = draw(`digest ${i}`);
      const [r, s] = [number(signature.slice(0, 48)), number(signature.slice(48))];
      const hash = await crypto.subtle.digest("SHA-384", Buffer.from(`message ${i}`));
      const key = keyOf(p384.Point.fromBytes(p384.getPublicKey(secret)));
      expect(await isValid(number(new Uint8Array(hash)), r, s, key)).to.equal(true);
      expect(await isValid(digest, r, s, key)).to.equal(false);
      expect(await isValid(number(new Uint8Array(hash)), r, s, keyOf(times(G, draw(`other ${i}`))))).to.equal(false);
    }
  });

  it("is taken with s in either half, for both signs make the same x", async () => {
    const Q = times(G, 987_654_321n);
    const [digest, r, s] = leadingTo(11n, 13n, times(G, 11n).add(times(Q, 13n)).x);
    expect(await isValid(digest, r, s, keyOf(Q))).to.equal(true);
    expect(await isValid(digest, r, n - s, keyOf(Q))).to.equal(true);
    expect(await isValid(digest, n - r, s, keyOf(Q))).to.equal(false);
  });

  it("is refused when r or s is zero, the order, or above", async () => {
    const Q = times(G, 5n);
    const [digest, r, s] = leadingTo(3n, 4n, times(G, 23n).x);
    expect(await isValid(digest, r, s, keyOf(Q))).to.equal(true);
    for (const wrong of [0n, n, n + 1n, p, (1n << 384n) - 1n]) {
      expect(await isValid(digest, wrong, s, keyOf(Q))).to.equal(false);
      expect(await isValid(digest, r, wrong, keyOf(Q))).to.equal(false);
    }
  });

  it("is refused under a key that is not on the curve or not below the prime", async () => {
    const Q = times(G, draw("key"));
    const [digest, r, s] = leadingTo(3n, 4n, times(G, 3n).add(times(Q, 4n)).x);
    expect(await isValid(digest, r, s, keyOf(Q))).to.equal(true);
    const small = p384.Point.fromHex(`02${"00".repeat(47)}02`);
    const wrong = [
      keyAt(0n, 0n),
      keyAt(Q.x, p - Q.y),
      keyAt(Q.x + 1n, Q.y),
      keyAt(Q.x, Q.y ^ 1n),
      keyAt(Q.y, Q.x),
      keyAt(p, Q.y),
      keyAt(Q.x, p),
      keyAt((1n << 384n) - 1n, (1n << 384n) - 1n),
    ];
    for (const key of wrong) expect(await isValid(digest, r, s, key)).to.equal(false);

    // A small x is the same modulo p when p is added; only one of both is a key.
    const [smallDigest, smallR, smallS] = leadingTo(3n, 4n, times(G, 3n).add(times(small, 4n)).x);
    expect(await isValid(smallDigest, smallR, smallS, keyOf(small))).to.equal(true);
    expect(await isValid(smallDigest, smallR, smallS, keyAt(small.x + p, small.y))).to.equal(false);
  });

  it("is taken for a digest that is zero, the order, or above", async () => {
    const Q = times(G, draw("key"));
    const [none, noneR, noneS] = leadingTo(0n, 77n, times(Q, 77n).x);
    expect(none).to.equal(0n);
    for (const digest of [0n, n]) expect(await isValid(digest, noneR, noneS, keyOf(Q))).to.equal(true);

    const R = times(G, draw("R"));
    for (const digest of [n + 1n, (1n << 384n) - 1n]) {
      const s = Fn.div(Fn.create(digest), 9n);
      const key = times(R.add(times(G, 9n).negate()), Fn.div(s, Fn.create(R.x)));
      expect(await isValid(digest, Fn.create(R.x), s, keyOf(key))).to.equal(true);
      expect(await isValid(digest - 1n, Fn.create(R.x), s, keyOf(key))).to.equal(false);
    }
  });

  it("is taken for all small and large multiples of the base point and the key", async () => {
    const Q = times(G, draw("key"));
    const edges = [1n, 2n, 3n, 15n, 16n, 17n, 31n, 32n, 33n, 63n, 64n, 65n, 127n, 128n, 129n, 1n << 255n, 1n << 256n];
    for (const k of [...edges, (1n << 383n) - 1n, n / 2n, n - 2n, n - 1n]) {
      expect(await comesTo(0n, k, Q, times(Q, k))).to.equal(true);
      expect(await comesTo(k, 1n, Q, times(G, k).add(Q))).to.equal(true);
    }
  });

  it("is taken where points to add are equal or opposite on the way", async () => {
    // The key is a multiple of the base point; the sums meet multiples that are in the tables.
    for (const d of [1n, 2n, n - 1n, n - 3n])
      for (const [u1, u2] of [
        [1n, 1n],
        [1n, 3n],
        [3n, 1n],
        [2n, 1n],
        [1024n, 1024n],
        [1025n, 1024n],
        [(1n << 200n) + 5n, 1n << 200n],
        [63n, 15n],
        [n - 1n, 1n],
        [n - 1n, n - 1n],
      ] as const) {
        const Q = times(G, d);
        const sum = times(G, u1 + u2 * d);
        if (sum.is0()) continue;
        expect(await comesTo(u1, u2, Q, sum)).to.equal(true);
      }
  });

  it("is refused where the sum is the point at infinity, whatever r is", async () => {
    for (const d of [1n, 2n, draw("key")])
      for (const u2 of [1n, 77n, draw("u2")]) {
        const Q = times(G, d);
        expect(await isValid(...leadingTo(-u2 * d, u2, Q.x), keyOf(Q))).to.equal(false);
      }
  });

  it("is taken where x is at least the order, so that r is less than it", async () => {
    let x = n;
    let R: Point | undefined;
    while (R === undefined)
      try {
        R = p384.Point.fromHex(`02${(++x).toString(16)}`);
      } catch {
        // No point of the curve has this x.
      }
    expect(R.x > n && R.x < p).to.equal(true);
    const Q = times(R.add(times(G, 5n).negate()), Fn.inv(7n));
    expect(await comesTo(5n, 7n, Q, R)).to.equal(true);
    // x itself is no r, and r + n is tried only where it is below the prime.
    const [digest, r, s] = leadingTo(5n, 7n, R.x);
    expect(await isValid(digest, r + n, s, keyOf(Q))).to.equal(false);
  });

  it("is refused with one bit changed anywhere", async () => {
    const Q = times(G, draw("key"));
    const [digest, r, s] = leadingTo(draw("u1"), draw("u2"), times(G, draw("u1")).add(times(Q, draw("u2"))).x);
    for (let bit = 3n; bit < 384n; bit += 95n) {
      const flip = 1n << bit;
      expect(await isValid(digest ^ flip, r, s, keyOf(Q))).to.equal(false);
      expect(await isValid(digest, r ^ flip, s, keyOf(Q))).to.equal(false);
      expect(await isValid(digest, r, s ^ flip, keyOf(Q))).to.equal(false);
      expect(await isValid(digest, r, s, keyAt(Q.x ^ flip, Q.y))).to.equal(false);
      expect(await isValid(digest, r, s, keyAt(Q.x, Q.y ^ flip))).to.equal(false);
    }
  });
});
