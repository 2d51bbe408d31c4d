import { createHash } from "node:crypto";

import { expect } from "chai";
import { network } from "hardhat";

const { ethers } = await network.create();
const harness = await ethers.deployContract("Sha384Harness");

const bytes = (length: number) => Buffer.from(Array.from({ length }, (_, i) => (i * 151 + (i >> 3) * 7 + 3) % 256));
const expected = (data: Uint8Array) => createHash("sha384").update(data).digest("hex");

async function hash(data: Uint8Array, from = 0, to = data.length): Promise<string> {
  return String(await harness.getFunction("hash")(data, from, to)).slice(2);
}

describe("SHA-384 in Solidity", () => {
  it("hashes the examples of FIPS 180-4", async () => {
    expect(await hash(Buffer.from("abc"))).to.equal(
      "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7",
    );
    expect(await hash(Buffer.alloc(0))).to.equal(
      "38b060a751ac96384cd9327eb1b1e36a21fdb71114be07434c0cc7bf63f6e1da274edebfe76f65fbd51ad2f14898b95b",
    );
  });

  it("agrees with another implementation at each length up to three blocks", async () => {
    const data = bytes(400);
    for (let length = 0; length <= 385; ++length)
      expect(await hash(data.subarray(0, length))).to.equal(expected(data.subarray(0, length)));
  });

  it("hashes what is as long as a document, and all ones and zeros", async () => {
    for (const data of [bytes(4501), bytes(8192), Buffer.alloc(300, 0xff), Buffer.alloc(300)])
      expect(await hash(data)).to.equal(expected(data));
  });

  it("hashes a part, wherever it begins", async () => {
    const data = bytes(600);
    for (const [from, to] of [
      [1, 600],
      [31, 31],
      [33, 200],
      [129, 257],
      [599, 600],
    ] as const)
      expect(await hash(data, from, to)).to.equal(expected(data.subarray(from, to)));
  });

  it("leaves memory before and after alone", async () => {
    for (const length of [0, 111, 112, 1000])
      expect(await harness.getFunction("leavesMemoryAlone")(bytes(length))).to.equal(true);
  });
});
