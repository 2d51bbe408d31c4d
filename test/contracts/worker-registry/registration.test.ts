import { expect } from "chai";
import { ZeroAddress } from "ethers";

import { DAY, DELAY, ethers, inToken, MINIMUM, MOST_UINT80, native, networkHelpers, PRICE } from "./fixture.ts";

const load = () => networkHelpers.loadFixture(native);
const withToken = () => inToken("PermitToken");
const withTaxedToken = () => inToken("TaxedToken");
const withHookedToken = () => inToken("HookedToken");

describe("the registration of a worker", function () {
  this.timeout(60_000);

  it("takes the stake, gives the next id, and lets operator and key be found", async () => {
    const { workers, operator, key, stranger } = await load();
    await expect(workers.connect(operator).register(key, PRICE, MINIMUM, { value: MINIMUM }))
      .to.emit(workers, "WorkerRegistered")
      .withArgs(1n, operator.address, key.address, PRICE)
      .to.emit(workers, "StakeAdded")
      .withArgs(1n, MINIMUM);
    const {
      stake,
      reserved,
      price,
      draining,
      unbonding,
      unbondingAt,
      operator: owner,
      key: hotKey,
    } = await workers.workerOf(1);
    expect({ stake, reserved, price, draining, unbonding, unbondingAt }).to.deep.equal({
      stake: MINIMUM,
      reserved: 0n,
      price: PRICE,
      draining: false,
      unbonding: 0n,
      unbondingAt: 0n,
    });
    expect([owner, hotKey]).to.deep.equal([operator.address, key.address]);
    expect([await workers.operatorOf(1), await workers.operatorOf(2)]).to.deep.equal([operator.address, ZeroAddress]);
    expect([await workers.workerIdOf(key), await workers.workerCount()]).to.deep.equal([1n, 1n]);
    expect(await ethers.provider.getBalance(workers)).to.equal(MINIMUM);
    await workers.connect(operator).register(stranger, PRICE, MINIMUM, { value: MINIMUM });
    expect(await workers.workerIdOf(stranger)).to.equal(2n);
  });

  it("needs the least stake, no more than fits, and a key of its own", async () => {
    const { workers, operator, key } = await load();
    const register = (of: string, stake: bigint, value = stake) =>
      workers.connect(operator).register(of, PRICE, stake, { value });
    await expect(register(key.address, MINIMUM - 1n))
      .to.be.revertedWithCustomError(workers, "StakeTooLow")
      .withArgs(MINIMUM - 1n, MINIMUM);
    await expect(register(key.address, MINIMUM, MINIMUM + 1n))
      .to.be.revertedWithCustomError(workers, "ValueMismatch")
      .withArgs(MINIMUM + 1n, MINIMUM);
    await networkHelpers.setBalance(operator.address, 4n * MOST_UINT80);
    await expect(register(key.address, MOST_UINT80 + 1n))
      .to.be.revertedWithCustomError(workers, "SafeCastOverflowedUintDowncast")
      .withArgs(80, MOST_UINT80 + 1n);
    await register(key.address, MOST_UINT80);
    expect(await workers.weightOf(1)).to.equal(8n);
    await expect(workers.addStake(1, 1n, { value: 1n })).to.be.revertedWithCustomError(
      workers,
      "SafeCastOverflowedUintDowncast",
    );
    for (const taken of [key.address, ZeroAddress])
      await expect(register(taken, MINIMUM)).to.be.revertedWithCustomError(workers, "KeyTaken").withArgs(taken);
  });

  it("tells what is unknown", async () => {
    const { workers, stranger } = await load();
    await expect(workers.workerIdOf(stranger))
      .to.be.revertedWithCustomError(workers, "WorkerUnknown")
      .withArgs(stranger.address);
    for (const call of [() => workers.workerOf(9), () => workers.addStake(9, 0)])
      await expect(call()).to.be.revertedWithCustomError(workers, "WorkerIdUnknown").withArgs(9);
    expect(await workers.weightOf(9)).to.equal(0n);
  });

  it("obeys the operator alone", async () => {
    const { workers, operator, key, stranger } = await load();
    await workers.connect(operator).register(key, PRICE, MINIMUM, { value: MINIMUM });
    for (const caller of [stranger, key]) {
      const other = workers.connect(caller);
      for (const call of [
        () => other.setKey(1, stranger),
        () => other.setPrice(1, 1n),
        () => other.setDraining(1, true),
        () => other.startUnbonding(1, 1n),
        () => other.withdrawStake(1, stranger),
      ])
        await expect(call()).to.be.revertedWithCustomError(workers, "NotOperator").withArgs(1, caller.address);
    }
    await expect(workers.connect(operator).setPrice(2, 1n))
      .to.be.revertedWithCustomError(workers, "WorkerIdUnknown")
      .withArgs(2);
  });

  it("changes key, price and draining, and frees the old key", async () => {
    const { workers, operator, key, stranger } = await load();
    const own = workers.connect(operator);
    await own.register(key, PRICE, MINIMUM, { value: MINIMUM });
    await expect(own.setKey(1, stranger)).to.emit(workers, "WorkerKeyChanged").withArgs(1, stranger.address);
    await expect(workers.workerIdOf(key)).to.be.revertedWithCustomError(workers, "WorkerUnknown");
    expect(await workers.workerIdOf(stranger)).to.equal(1n);
    await own.register(key, PRICE, MINIMUM, { value: MINIMUM });
    await expect(own.setKey(1, key)).to.be.revertedWithCustomError(workers, "KeyTaken").withArgs(key.address);
    await expect(own.setPrice(1, 7n)).to.emit(workers, "PriceChanged").withArgs(1, 7n);
    await expect(own.setDraining(1, true)).to.emit(workers, "DrainingChanged").withArgs(1, true);
    const worker = await workers.workerOf(1);
    expect([worker.key, worker.price, worker.draining]).to.deep.equal([stranger.address, 7n, true]);
  });
});

describe("the registration of a worker in an ERC-20", function () {
  this.timeout(60_000);

  it("takes the stake from the allowance, and no value", async () => {
    const { workers, token, operator, key } = await networkHelpers.loadFixture(withToken);
    const own = workers.connect(operator);
    await expect(own.register(key, PRICE, MINIMUM, { value: 1n }))
      .to.be.revertedWithCustomError(workers, "ValueMismatch")
      .withArgs(1n, 0n);
    await own.register(key, PRICE, MINIMUM);
    await own.addStake(1, MINIMUM);
    expect(await token.balanceOf(workers)).to.equal(2n * MINIMUM);
    expect((await workers.workerOf(1)).stake).to.equal(2n * MINIMUM);
    expect(await workers.currency()).to.equal(await token.contract.getAddress());
  });

  it("takes a permit, also one that somebody used first, and tells a bad one", async () => {
    const { workers, token, operator, key, stranger } = await networkHelpers.loadFixture(withToken);
    await token.approve(operator, workers, 0n);
    const verifyingContract = await token.contract.getAddress();
    const { chainId } = await ethers.provider.getNetwork();
    const deadline = BigInt(await networkHelpers.time.latest()) + DAY;
    const permit = { owner: operator.address, spender: await workers.getAddress(), value: MINIMUM, nonce: 0, deadline };
    const signature = ethers.Signature.from(
      await operator.signTypedData(
        { name: "Permit Token", version: "1", chainId, verifyingContract },
        {
          Permit: [
            { name: "owner", type: "address" },
            { name: "spender", type: "address" },
            { name: "value", type: "uint256" },
            { name: "nonce", type: "uint256" },
            { name: "deadline", type: "uint256" },
          ],
        },
        permit,
      ),
    );
    const register = (caller: typeof operator) =>
      workers.connect(caller).registerWithPermit(key, PRICE, MINIMUM, deadline, signature.v, signature.r, signature.s);
    await token.approve(stranger, workers, 0n);
    await expect(register(stranger)).to.be.revertedWithCustomError(workers, "PermitRefused");
    const unused = await networkHelpers.takeSnapshot();
    await expect(register(operator)).to.emit(workers, "WorkerRegistered");
    expect(await token.balanceOf(workers)).to.equal(MINIMUM);
    await unused.restore();
    const { v, r, s } = signature;
    await token.contract.getFunction("permit")(operator, workers, MINIMUM, deadline, v, r, s);
    await expect(register(operator)).to.emit(workers, "WorkerRegistered");
  });

  it("knows no permits in the native coin", async () => {
    const { workers, operator, key } = await load();
    const hash = ethers.ZeroHash;
    await expect(
      workers.connect(operator).registerWithPermit(key, PRICE, MINIMUM, 0, 27, hash, hash),
    ).to.be.revertedWithCustomError(workers, "PermitNotPossible");
  });

  it("refuses a token that keeps part of what is moved", async () => {
    const { workers, operator, key } = await networkHelpers.loadFixture(withTaxedToken);
    await expect(workers.connect(operator).register(key, PRICE, MINIMUM))
      .to.be.revertedWithCustomError(workers, "TransferShort")
      .withArgs((MINIMUM * 99n) / 100n, MINIMUM);
  });

  it("lets nothing move money while a token is moving it", async () => {
    const base = await networkHelpers.loadFixture(withHookedToken);
    const { workers, token, market, operator, key, stranger } = base;
    await workers.connect(operator).register(key, PRICE, MINIMUM);
    const hash = ethers.ZeroHash;
    const { interface: abi } = workers;
    for (const call of [
      abi.encodeFunctionData("register", [stranger.address, PRICE, MINIMUM]),
      abi.encodeFunctionData("registerWithPermit", [stranger.address, PRICE, MINIMUM, 0, 27, hash, hash]),
      abi.encodeFunctionData("addStake", [1, 0]),
      abi.encodeFunctionData("withdrawStake", [1, stranger.address]),
    ]) {
      await token.setHook(workers, call);
      await expect(workers.connect(operator).addStake(1, MINIMUM)).to.be.revertedWithCustomError(
        workers,
        "ReentrancyGuardReentrantCall",
      );
    }
    const slash = market.interface.encodeFunctionData("slash", [await workers.getAddress(), 1, 1]);
    await token.setHook(market, slash);
    await expect(workers.connect(operator).addStake(1, MINIMUM))
      .to.be.revertedWithCustomError(workers, "TransferShort")
      .withArgs(MINIMUM - 1n, MINIMUM);
    await token.setHook(market, market.interface.encodeFunctionData("boundOf", [1]));
    await workers.connect(operator).addStake(1, MINIMUM);
    expect(await token.balanceOf(workers)).to.equal(2n * MINIMUM);
  });
});

describe("the deployment of the registry of workers", function () {
  this.timeout(60_000);

  it("refuses parameters out of their range, and takes the ends of it", async () => {
    const { workers, models, manager } = await load();
    const deploy = (minimum: bigint, delay: bigint) =>
      ethers.deployContract("WorkerRegistry", [models, ZeroAddress, minimum, delay, manager]);
    for (const minimum of [0n, MOST_UINT80 + 1n])
      await expect(deploy(minimum, DELAY))
        .to.be.revertedWithCustomError(workers, "ParameterOutOfRange")
        .withArgs("minimumStake", minimum, MOST_UINT80);
    for (const delay of [DAY - 1n, 90n * DAY + 1n])
      await expect(deploy(MINIMUM, delay))
        .to.be.revertedWithCustomError(workers, "ParameterOutOfRange")
        .withArgs("unbondingDelay", delay, 90n * DAY);
    for (const [minimum, delay] of [
      [1n, DAY],
      [MOST_UINT80, 90n * DAY],
    ] as const) {
      const deployed = await deploy(minimum, delay);
      expect([await deployed.minimumStake(), await deployed.unbondingDelay()]).to.deep.equal([minimum, delay]);
    }
  });

  it("lets the administrator alone say, once, who holds stake: two that differ", async () => {
    const { models, manager, market, anchors, stranger } = await load();
    const fresh = await ethers.deployContract("WorkerRegistry", [models, ZeroAddress, MINIMUM, DELAY, manager]);
    await expect(fresh.connect(stranger).setHolders(market, anchors)).to.be.revertedWithCustomError(
      fresh,
      "AccessManagedUnauthorized",
    );
    const [one, two] = [await market.getAddress(), await anchors.getAddress()];
    for (const [first, second] of [
      [ZeroAddress, two],
      [one, ZeroAddress],
      [one, one],
    ] as const)
      await expect(fresh.setHolders(first, second))
        .to.be.revertedWithCustomError(fresh, "HoldersInvalid")
        .withArgs(first, second);
    await expect(fresh.setHolders(one, two)).to.emit(fresh, "HoldersSet").withArgs(one, two);
    expect([await fresh.market(), await fresh.anchors()]).to.deep.equal([one, two]);
    await expect(fresh.setHolders(two, one))
      .to.be.revertedWithCustomError(fresh, "HoldersAlreadySet")
      .withArgs(one, two);
  });

  it("lets nobody serve before that, so that a market finds no worker whose stake it could not take", async () => {
    const { models, manager, market, anchors, operator, key, versionId } = await load();
    const fresh = await ethers.deployContract("WorkerRegistry", [models, ZeroAddress, MINIMUM, DELAY, manager]);
    await fresh.connect(operator).register(key, 1n, MINIMUM, { value: MINIMUM });
    await expect(fresh.connect(key).serve(1n, versionId, 1)).to.be.revertedWithCustomError(fresh, "HoldersNotSet");
    await fresh.connect(key).serve(1n, versionId, 0);
    expect([...(await fresh.candidates(versionId, 0))]).to.deep.equal([0n, 0n]);
    await fresh.setHolders(market, anchors);
    await fresh.connect(key).serve(1n, versionId, 1);
    expect([...(await fresh.candidates(versionId, 0))]).to.deep.equal([1n, 1n]);
  });

  it("gives the administrator no other function: these are all that change something", async () => {
    const { workers } = await load();
    const changing = workers.interface.fragments
      .flatMap((fragment) => (ethers.Fragment.isFunction(fragment) && !fragment.constant ? [fragment.name] : []))
      .sort();
    expect(changing).to.deep.equal(
      "addStake register registerWithPermit reserve serve setAuthority setDraining setHolders setKey setPrice slash startUnbonding unreserve withdrawStake".split(
        " ",
      ),
    );
  });
});
