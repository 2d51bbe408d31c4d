import { expect } from "chai";

import {
  BURN,
  ETHER,
  ethers,
  expectSolvent,
  networkHelpers,
  passTime,
  requestJob,
  ROYALTY,
  served,
  STAKE,
} from "../fixture.ts";

const load = () => networkHelpers.loadFixture(served);

describe("coins that are forced on a contract", function () {
  this.timeout(60_000);

  it("belong to nobody and disturb nothing: all that is owed can leave, and just that", async () => {
    const base = await load();
    const { market, workers, worker, requester, owner } = base;
    // As a block reward or a contract that destroys itself leaves them: without a call.
    const forced = 7n * ETHER;
    for (const contract of [market, workers]) {
      const address = await contract.getAddress();
      await networkHelpers.setBalance(address, (await ethers.provider.getBalance(address)) + forced);
    }
    const { job, jobId } = await requestJob(base);
    await market.connect(worker.key).execute(job, "0x06");
    await passTime((await market.statusOf(jobId)).dueAt);
    await market.settle(job, "0x");

    for (const account of [requester, owner])
      await market.connect(account).withdraw(await market.balanceOf(account), account);
    await market.connect(worker.operator).withdrawEarnings(worker.id, worker.operator);
    await expect(market.connect(requester).withdraw(1n, requester))
      .to.be.revertedWithCustomError(market, "BalanceTooLow")
      .withArgs(requester.address, 0n, 1n);
    await workers.connect(worker.operator).startUnbonding(worker.id, STAKE);
    await passTime((await workers.workerOf(worker.id)).unbondingAt);
    await workers.connect(worker.operator).withdrawStake(worker.id, worker.operator);
    for (const contract of [market, workers]) expect(await ethers.provider.getBalance(contract)).to.equal(forced);
  });
});

describe("who takes no coins", function () {
  this.timeout(60_000);

  it("blocks nobody, as a model's owner or as the treasury: shares wait in its account", async () => {
    const base = await load();
    const { market, models, admin, owner, worker, groth16, tee } = base;
    await models.connect(owner).transferFrom(owner, groth16, 1);
    await market.connect(admin).setProtocolFee(500, tee);
    const { job, jobId, terms } = await requestJob(base);
    await market.connect(worker.key).execute(job, "0x06");
    await passTime((await market.statusOf(jobId)).dueAt);
    await market.settle(job, "0x");
    expect(await market.balanceOf(groth16)).to.equal(ROYALTY);
    expect(await market.balanceOf(tee)).to.equal(terms.minFee / 20n);
    expect(await ethers.provider.getBalance(BURN)).to.equal(0n);
    await expectSolvent(base, [job], [groth16, tee]);
  });
});
