import { expect } from "chai";
import { keccak256, recoverAddress, toBeHex } from "ethers";
import fc from "fast-check";

import { merkleTree, rootOf } from "../../../workers/sdk/receipts/merkle-tree.ts";
import { receiptDigest, receiptLeaf, receiptResultDigest, signReceipt } from "../../../workers/sdk/receipts/receipt.ts";
import { nativeAnchors, receiptOf } from "../../contracts/anchors-fixture.ts";
import { networkHelpers } from "../../contracts/channels-fixture.ts";

const load = () => networkHelpers.loadFixture(nativeAnchors);

describe("receipts off chain", function () {
  this.timeout(60_000);

  it("have the digests and leaves that the contract computes", async () => {
    const base = await load();
    const { anchors, place } = base;
    await fc.assert(
      fc.asyncProperty(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.nat(), async (nonce, seconds) => {
        const receipt = receiptOf(base, 3, { nonce, answeredAt: BigInt(seconds) });
        expect(await anchors.receiptDigestOf(receipt)).to.equal(receiptDigest(place, receipt));
        expect(await anchors.leafOf(receipt)).to.equal(receiptLeaf(place, receipt));
        expect(await anchors.resultDigestOf(receipt)).to.equal(receiptResultDigest(place, receipt));
      }),
      { numRuns: 20 },
    );
  });

  it("are signed by the worker's key", async () => {
    const base = await load();
    const receipt = receiptOf(base, 3);
    const signature = await signReceipt(base.key, base.place, receipt);
    expect(recoverAddress(receiptDigest(base.place, receipt), signature)).to.equal(base.key.address);
  });
});

describe("a Merkle tree", () => {
  const leavesOf = (count: number) => Array.from({ length: count }, (_, index) => keccak256(toBeHex(index + 1)));

  it("leads every leaf to its root, whatever their number", () => {
    for (let count = 1; count <= 33; count++) {
      const leaves = leavesOf(count);
      const tree = merkleTree(leaves);
      for (const [index, leaf] of leaves.entries()) expect(rootOf(leaf, tree.proofOf(index))).to.equal(tree.root);
    }
  });

  it("has proofs no longer than it is high", () => {
    const tree = merkleTree(leavesOf(33));
    expect([tree.proofOf(0).length, tree.proofOf(32).length]).to.deep.equal([6, 1]);
    expect(merkleTree(leavesOf(1)).proofOf(0)).to.deep.equal([]);
  });

  it("of other leaves has another root", () => {
    const roots = [leavesOf(2), leavesOf(3), leavesOf(4), leavesOf(3).slice(1)].map(
      (leaves) => merkleTree(leaves).root,
    );
    expect(new Set(roots).size).to.equal(roots.length);
  });

  it("is not made of nothing, and has no proof for a leaf that it has not", () => {
    expect(() => merkleTree([])).to.throw(RangeError);
    for (const index of [-1, 3]) expect(() => merkleTree(leavesOf(3)).proofOf(index)).to.throw(RangeError);
  });
});
