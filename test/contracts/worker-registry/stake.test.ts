import { expect } from "chai";
import { ZeroAddress } from "ethers";

import { addWorker, DELAY, ethers, inToken, MINIMUM, native, networkHelpers, passTime } from "./fixture.ts";

async function staked() {
  const base = await native();
  return { ...base, worker: await addWorker(base, 0, 10n) };
}
const load = () => networkHelpers.loadFixture(staked);
const withToken = () => inToken("PermitToken");

describe("stake", function () {
  this.timeout(60_000);

  it("leaves after the delay, which starts again with each call", async () => {
    const { workers, worker, stranger } = await load();
    const own = workers.connect(worker.operator);
    await expect(own.withdrawStake(worker.id, stranger))
      .to.be.revertedWithCustomError(workers, "NothingUnbonding")
      .withArgs(worker.id);
    await expect(own.startUnbonding(worker.id, 0))
      .to.be.revertedWithCustomError(workers, "NothingUnbonding")
      .withArgs(worker.id);
    await expect(own.startUnbonding(worker.id, 10n * MINIMUM + 1n))
      .to.be.revertedWithCustomError(workers, "StakeTooLow")
      .withArgs(10n * MINIMUM, 10n * MINIMUM + 1n);
    await own.startUnbonding(worker.id, MINIMUM);
    await passTime(DELAY - 100n);
    await own.startUnbonding(worker.id, 2n * MINIMUM);
    const { unbonding, unbondingAt, stake } = await workers.workerOf(worker.id);
    expect([unbonding, stake]).to.deep.equal([3n * MINIMUM, 7n * MINIMUM]);
    expect(unbondingAt).to.equal(BigInt(await networkHelpers.time.latest()) + DELAY);
    await passTime(DELAY - 100n);
    await expect(own.withdrawStake(worker.id, stranger))
      .to.be.revertedWithCustomError(workers, "UnbondingNotOver")
      .withArgs(unbondingAt);
    await passTime(100n);
    await expect(own.withdrawStake(worker.id, stranger)).to.changeEtherBalance(ethers, stranger, 3n * MINIMUM);
    const after = await workers.workerOf(worker.id);
    expect([after.unbonding, after.unbondingAt, after.stake]).to.deep.equal([0n, 0n, 7n * MINIMUM]);
    expect(await ethers.provider.getBalance(workers)).to.equal(7n * MINIMUM);
  });

  it("may unbond while business is open, and leaves when the rest covers it", async () => {
    const { workers, worker, asAnchors, setBound, stranger } = await load();
    const own = workers.connect(worker.operator);
    await workers.connect(asAnchors).reserve(worker.id, 2n * MINIMUM);
    await setBound(worker.id, 5n * MINIMUM);
    await own.startUnbonding(worker.id, 4n * MINIMUM);
    await passTime(DELAY);
    await expect(own.withdrawStake(worker.id, stranger))
      .to.be.revertedWithCustomError(workers, "StakeStillBound")
      .withArgs(7n * MINIMUM, 6n * MINIMUM);
    await setBound(worker.id, 4n * MINIMUM);
    await expect(own.withdrawStake(worker.id, stranger)).to.changeEtherBalance(ethers, stranger, 4n * MINIMUM);
  });

  it("is not stuck in a registry that has no market yet", async () => {
    const { models, manager, key, operator } = await load();
    const fresh = await ethers.deployContract("WorkerRegistry", [models, ZeroAddress, MINIMUM, DELAY, manager]);
    const own = fresh.connect(operator);
    await own.register(key, 1n, MINIMUM, { value: MINIMUM });
    await own.startUnbonding(1, MINIMUM);
    await passTime(DELAY);
    await expect(own.withdrawStake(1, key)).to.changeEtherBalance(ethers, key, MINIMUM);
  });

  it("goes once to an operator that withdraws again while it is paid, and not to one that refuses it", async () => {
    const { workers, key } = await load();
    const greedy = await ethers.deployContract("GreedyOperator");
    const at = await greedy.getAddress();
    const act = greedy.getFunction("act");
    const { interface: abi } = workers;
    await act(workers, abi.encodeFunctionData("register", [key.address, 1n, MINIMUM]), { value: MINIMUM });
    const id = await workers.workerIdOf(key);
    await act(workers, abi.encodeFunctionData("startUnbonding", [id, MINIMUM]));
    await passTime(DELAY);
    const withdraw = abi.encodeFunctionData("withdrawStake", [id, at]);
    await greedy.getFunction("setRefuses")(true);
    await expect(act(workers, withdraw)).to.be.revertedWithCustomError(workers, "TransferFailed").withArgs(at, MINIMUM);
    await greedy.getFunction("setRefuses")(false);
    await greedy.getFunction("actTwice")(workers, withdraw);
    expect(await greedy.getFunction("gotMore")()).to.equal(false);
    expect(await ethers.provider.getBalance(at)).to.equal(MINIMUM);
  });

  it("is reserved by the anchors alone, and only where nothing else holds it", async () => {
    const { workers, worker, asAnchors, asMarket, setBound } = await load();
    for (const caller of [worker.operator, asMarket])
      for (const call of [
        () => workers.connect(caller).reserve(worker.id, 1n),
        () => workers.connect(caller).unreserve(worker.id, 1n),
      ])
        await expect(call()).to.be.revertedWithCustomError(workers, "NotHolder").withArgs(caller.address);
    const anchors = workers.connect(asAnchors);
    await setBound(worker.id, 3n * MINIMUM);
    await workers.connect(worker.operator).startUnbonding(worker.id, MINIMUM);
    await expect(anchors.reserve(worker.id, 6n * MINIMUM + 1n))
      .to.be.revertedWithCustomError(workers, "StakeTooLow")
      .withArgs(6n * MINIMUM, 6n * MINIMUM + 1n);
    await expect(anchors.reserve(worker.id, 2n * MINIMUM))
      .to.emit(workers, "StakeReserved")
      .withArgs(worker.id, 2n * MINIMUM);
    await expect(anchors.reserve(worker.id, 4n * MINIMUM + 1n)).to.be.revertedWithCustomError(workers, "StakeTooLow");
    await anchors.reserve(worker.id, 4n * MINIMUM);
    expect((await workers.workerOf(worker.id)).reserved).to.equal(6n * MINIMUM);
    await expect(anchors.unreserve(worker.id, 6n * MINIMUM + 1n))
      .to.be.revertedWithCustomError(workers, "StakeTooLow")
      .withArgs(6n * MINIMUM, 6n * MINIMUM + 1n);
    await expect(anchors.unreserve(worker.id, 5n * MINIMUM))
      .to.emit(workers, "StakeFreed")
      .withArgs(worker.id, 5n * MINIMUM);
    expect((await workers.workerOf(worker.id)).reserved).to.equal(MINIMUM);
    await setBound(worker.id, 20n * MINIMUM);
    await expect(anchors.reserve(worker.id, 1n)).to.be.revertedWithCustomError(workers, "StakeTooLow").withArgs(0n, 1n);
    await expect(anchors.reserve(9, 0n)).to.be.revertedWithCustomError(workers, "WorkerIdUnknown").withArgs(9);
  });

  it("is slashed by the market before what is unbonding, and never below what anchors hold", async () => {
    const { workers, market, worker, asMarket, asAnchors } = await load();
    await expect(workers.connect(worker.operator).slash(worker.id, 1n))
      .to.be.revertedWithCustomError(workers, "NotHolder")
      .withArgs(worker.operator.address);
    const slash = workers.connect(asMarket);
    await workers.connect(asAnchors).reserve(worker.id, MINIMUM);
    await workers.connect(worker.operator).startUnbonding(worker.id, 4n * MINIMUM);
    await expect(slash.slash(worker.id, 2n * MINIMUM))
      .to.emit(workers, "WorkerSlashed")
      .withArgs(worker.id, 2n * MINIMUM);
    let now = await workers.workerOf(worker.id);
    expect([now.stake, now.unbonding, now.reserved]).to.deep.equal([4n * MINIMUM, 4n * MINIMUM, MINIMUM]);
    await slash.slash(worker.id, 5n * MINIMUM);
    now = await workers.workerOf(worker.id);
    expect([now.stake, now.unbonding, now.reserved]).to.deep.equal([0n, 3n * MINIMUM, MINIMUM]);
    expect(now.unbondingAt > 0n).to.equal(true);
    expect(await slash.slash.staticCall(worker.id, 9n * MINIMUM)).to.equal(2n * MINIMUM);
    await slash.slash(worker.id, 9n * MINIMUM);
    expect(await ethers.provider.getBalance(workers)).to.equal(MINIMUM);
    expect(await slash.slash.staticCall(worker.id, 1n)).to.equal(0n);
    expect((await workers.candidateAt(ethers.ZeroHash, 0, 0)).free).to.equal(0n);
    expect(await market.getAddress()).to.equal(asMarket.address);
  });

  it("is slashed by the anchors up to what they reserved, which is then no longer reserved", async () => {
    const { workers, worker, asAnchors } = await load();
    const anchors = workers.connect(asAnchors);
    await anchors.reserve(worker.id, 3n * MINIMUM);
    await workers.connect(worker.operator).startUnbonding(worker.id, 9n * MINIMUM);
    await anchors.slash(worker.id, 2n * MINIMUM);
    let now = await workers.workerOf(worker.id);
    expect([now.stake, now.unbonding, now.reserved]).to.deep.equal([0n, 8n * MINIMUM, MINIMUM]);
    expect(await anchors.slash.staticCall(worker.id, 2n * MINIMUM)).to.equal(MINIMUM);
    await anchors.slash(worker.id, 2n * MINIMUM);
    now = await workers.workerOf(worker.id);
    expect([now.stake, now.unbonding, now.reserved]).to.deep.equal([0n, 7n * MINIMUM, 0n]);
  });

  it("that was unbonding and is slashed to nothing unbonds no longer", async () => {
    const { workers, worker, asMarket } = await load();
    await workers.connect(worker.operator).startUnbonding(worker.id, 10n * MINIMUM);
    await workers.connect(asMarket).slash(worker.id, 10n * MINIMUM);
    const { unbonding, unbondingAt } = await workers.workerOf(worker.id);
    expect([unbonding, unbondingAt]).to.deep.equal([0n, 0n]);
    await expect(
      workers.connect(worker.operator).withdrawStake(worker.id, worker.operator),
    ).to.be.revertedWithCustomError(workers, "NothingUnbonding");
  });

  it("moves in tokens just so", async () => {
    const { workers, token, market, operator, key, stranger, asMarket } = await networkHelpers.loadFixture(withToken);
    const own = workers.connect(operator);
    await own.register(key, 1n, 3n * MINIMUM);
    await workers.connect(stranger).addStake(1, MINIMUM);
    await workers.connect(asMarket).slash(1, MINIMUM);
    await own.startUnbonding(1, 2n * MINIMUM);
    await passTime(DELAY);
    await own.withdrawStake(1, key);
    expect(await token.balanceOf(market)).to.equal(MINIMUM);
    expect(await token.balanceOf(key)).to.equal(1002n * MINIMUM);
    expect(await token.balanceOf(workers)).to.equal(MINIMUM);
  });
});
