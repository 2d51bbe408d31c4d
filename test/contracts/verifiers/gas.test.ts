import { expect } from "chai";
import { concat, type ContractTransaction, dataLength, getBytes } from "ethers";

import { doubling } from "../doubling.ts";
import { type Deployed, load } from "./fixture.ts";
import { callOf, storedKey, trapdoorLot } from "./lots.ts";

const GAS_LIMIT = 5_000_000n;

/** Gas of a whole transaction, and without its base cost and calldata. */
async function gasOf({ stranger }: Pick<Deployed, "stranger">, call: ContractTransaction) {
  const receipt = await (await stranger.sendTransaction({ ...call, gasLimit: GAS_LIMIT })).wait();
  if (receipt === null) throw new Error("the transaction was not mined");
  const used = Number(receipt.gasUsed);
  const zeros = getBytes(call.data).filter((byte) => byte === 0).length;
  return { used, execution: used - 21_000 - 16 * dataLength(call.data) + 12 * zeros };
}

describe("the gas of verifying", function () {
  this.timeout(60_000);

  it("is at most 225,000 for a transaction with one proof of one word", async () => {
    const base = await load();
    const key = await storedKey(base);
    const binding = 2n ** 248n - 1n;
    const proof = await (await doubling()).prove(binding, 3);
    const call = await base.groth16.verifyProof.populateTransaction(key, binding, concat([proof, "0x0306"]));
    expect((await gasOf(base, call)).used).to.be.at.most(225_000);
  });

  it("falls with every proof that a lot has more, to 55,000 each for 32 of one word", async () => {
    const base = await load();
    const items = await trapdoorLot(base, 32);
    const each: number[] = [];
    for (const count of [1, 2, 4, 8, 16, 32]) {
      const call = await base.groth16.verifyAll.populateTransaction(...callOf(items.slice(0, count)));
      each.push((await gasOf(base, call)).execution / count);
    }
    expect(each).to.deep.equal([...each].sort((one, other) => other - one));
    expect(each.at(-1)).to.be.below(55_000);
  });
});
