import { expect } from "chai";
import type { BaseContract, Contract } from "ethers";

import {
  addVersion,
  addWorker,
  ALL_LEVELS,
  BURN,
  ETHER,
  ethers,
  expectSolvent,
  heldBy,
  lastJob,
  LEVEL,
  MAX_FEE,
  MIN_FEE,
  networkHelpers,
  PARAMETERS,
  passTime,
  paying,
  proofFor,
  requestJob,
  requestOf,
  ROYALTY,
  served,
  servedIn,
  signatureFor,
} from "../fixture.ts";

type Served = Awaited<ReturnType<typeof served>> & { readonly token?: Contract };

const servedInToken = () => servedIn("PermitToken");
const load = {
  "the native coin": (): Promise<Served> => networkHelpers.loadFixture(served),
  "an ERC-20": (): Promise<Served> => networkHelpers.loadFixture(servedInToken),
};
const BOND = PARAMETERS.challengeBond;
const STAKE_LOST = PARAMETERS.jobStake;
const FEE_SHARE = 500n;
const protocolFeeOf = (fee: bigint) => (fee * FEE_SHARE) / 10_000n;

/** What an account has of the market's currency, outside of the market. */
async function pocketOf({ token }: Served, account: string): Promise<bigint> {
  if (token === undefined) return ethers.provider.getBalance(account);
  return BigInt(String(await token.getFunction("balanceOf")(account)));
}

async function dueAt({ market }: Served, jobId: string): Promise<bigint> {
  return (await market.statusOf(jobId)).dueAt;
}

for (const [currency, loadServed] of Object.entries(load)) {
  describe(`accounts in ${currency}`, function () {
    this.timeout(60_000);

    it("are filled by anyone for anyone", async () => {
      const base = await loadServed();
      const { market, requester, stranger } = base;
      await expect(market.connect(requester).deposit(stranger, 7n, await paying(market, 7n)))
        .to.emit(market, "Deposited")
        .withArgs(stranger.address, requester.address, 7n);
      await market.connect(stranger).deposit(stranger, 0n);
      expect(await market.balanceOf(stranger)).to.equal(7n);
      await expectSolvent(base, []);
    });

    it("are paid out to where their holder says, as far as they go, and never to the market itself", async () => {
      const base = await loadServed();
      const { market, requester, stranger } = base;
      const had = await pocketOf(base, stranger.address);
      await expect(market.connect(requester).withdraw(ETHER + 1n, stranger))
        .to.be.revertedWithCustomError(market, "BalanceTooLow")
        .withArgs(requester.address, ETHER, ETHER + 1n);
      await expect(market.connect(requester).withdraw(1n, market))
        .to.be.revertedWithCustomError(market, "TransferFailed")
        .withArgs(await market.getAddress(), 1n);
      await expect(market.connect(requester).withdraw(ETHER, stranger))
        .to.emit(market, "Withdrawn")
        .withArgs(requester.address, stranger.address, ETHER);
      await market.connect(requester).withdraw(0n, stranger);
      expect((await pocketOf(base, stranger.address)) - had).to.equal(ETHER);
      expect(await market.balanceOf(requester)).to.equal(0n);
      await expectSolvent(base, []);
    });

    it("pay for consumers that they allowed, up to what they allowed; refunds are theirs alone", async () => {
      const base = await loadServed();
      const { market, requester, stranger, versionId } = base;
      const ask = () => market.connect(stranger).requestFrom(requester, requestOf(versionId), "0x03");
      await expect(ask())
        .to.be.revertedWithCustomError(market, "AllowanceTooLow")
        .withArgs(requester.address, stranger.address, 0n, MAX_FEE);
      await expect(market.connect(requester).allowConsumer(stranger, 2n * MAX_FEE - 1n))
        .to.emit(market, "ConsumerAllowed")
        .withArgs(requester.address, stranger.address, 2n * MAX_FEE - 1n);
      await ask();
      const { job, terms } = await lastJob(base);
      expect(terms.requester).to.equal(requester.address);
      expect([await market.nonceOf(requester), await market.nonceOf(stranger)]).to.deep.equal([1n, 0n]);
      expect(await market.balanceOf(requester)).to.equal(ETHER - MAX_FEE);
      expect(await market.allowanceOf(requester, stranger)).to.equal(MAX_FEE - 1n);
      await expect(ask()).to.be.revertedWithCustomError(market, "AllowanceTooLow");

      await passTime(terms.deadline);
      await market.expire(job);
      expect([await market.balanceOf(requester), await market.balanceOf(stranger)]).to.deep.equal([ETHER, 0n]);
      expect(await market.allowanceOf(requester, stranger)).to.equal(MAX_FEE - 1n);
      await expectSolvent(base, [job]);
    });

    it("count an unlimited allowance never down, and still pay no more than they have", async () => {
      const base = await loadServed();
      const { market, requester, stranger, versionId } = base;
      await market.connect(requester).allowConsumer(stranger, ethers.MaxUint256);
      const ask = () => market.connect(stranger).requestFrom(requester, requestOf(versionId), "0x03");
      await ask();
      expect(await market.allowanceOf(requester, stranger)).to.equal(ethers.MaxUint256);
      await market.connect(requester).withdraw(ETHER - MAX_FEE, requester);
      await expect(ask())
        .to.be.revertedWithCustomError(market, "BalanceTooLow")
        .withArgs(requester.address, 0n, MAX_FEE);
      await market.connect(requester).allowConsumer(stranger, 0n);
      await expect(ask()).to.be.revertedWithCustomError(market, "AllowanceTooLow");
    });

    it("call back who asked, not who paid", async () => {
      const base = await loadServed();
      const { market, requester, versionId, worker } = base;
      const wallet = await ethers.deployContract("SignerWallet", [requester]);
      await market.connect(requester).allowConsumer(wallet, MAX_FEE);
      const call = await market.requestFrom.populateTransaction(
        requester,
        requestOf(versionId, { callbackGas: 50_000n }),
        "0x03",
      );
      await wallet.getFunction("execute")(market, 0n, call.data);
      const { job, jobId, terms } = await lastJob(base);
      expect([terms.requester, terms.consumer]).to.deep.equal([requester.address, await wallet.getAddress()]);
      await expect(market.connect(worker.key).execute(job, "0x06")).to.emit(market, "CallbackFailed");
      expect((await market.statusOf(jobId)).callbackOwed).to.equal(true);
    });

    it("keep what a worker earned for its operator alone", async () => {
      const base = await loadServed();
      const { market, worker, stranger, requester } = base;
      const { job, jobId } = await requestJob(base, { maxFee: MIN_FEE });
      await market.connect(worker.key).execute(job, "0x06");
      await passTime(await dueAt(base, jobId));
      await market.settle(job, "0x");
      const earned = MIN_FEE - ROYALTY;
      expect((await market.standingOf(worker.id)).earned).to.equal(earned);
      for (const other of [worker.key, requester])
        await expect(market.connect(other).withdrawEarnings(worker.id, other))
          .to.be.revertedWithCustomError(market, "NotWorkersOperator")
          .withArgs(worker.id, other.address);
      await expect(market.connect(stranger).withdrawEarnings(99n, stranger)).to.be.revertedWithCustomError(
        market,
        "NotWorkersOperator",
      );

      const had = await pocketOf(base, stranger.address);
      await expect(market.connect(worker.operator).withdrawEarnings(worker.id, stranger))
        .to.emit(market, "EarningsWithdrawn")
        .withArgs(worker.id, stranger.address, earned);
      expect((await pocketOf(base, stranger.address)) - had).to.equal(earned);
      expect((await market.standingOf(worker.id)).earned).to.equal(0n);
      await market.connect(worker.operator).withdrawEarnings(worker.id, stranger);
      expect((await pocketOf(base, stranger.address)) - had).to.equal(earned);
      await expectSolvent(base, [job]);
    });

    it("stay exact through every way in which a job can be paid", async () => {
      const base = await loadServed();
      const { market, admin, worker, owner, treasury, stranger } = base;
      await market.connect(admin).setProtocolFee(FEE_SHARE, treasury);
      const vanilla = await requestJob(base, { maxFee: MIN_FEE });
      const tee = await requestJob(base, { maxFee: MIN_FEE, level: LEVEL.Tee });
      const zkml = await requestJob(base, { maxFee: MIN_FEE, level: LEVEL.Zkml });
      const jobs = [vanilla.job, tee.job, zkml.job];
      await expectSolvent(base, jobs);

      await market.connect(worker.key).execute(vanilla.job, "0x06");
      await market.connect(worker.key).fulfill(tee.job, "0x06", await signatureFor(base, tee.job, worker, "0x06"));
      await market.connect(worker.key).claim(zkml.job);
      await expectSolvent(base, jobs);
      const proof = await proofFor(base, zkml.job, worker.key.address, 3);
      await expect(market.connect(worker.key).fulfill(zkml.job, "0x06", proof))
        .to.emit(market, "JobSettled")
        .withArgs(zkml.jobId, worker.id, MIN_FEE, ROYALTY, protocolFeeOf(MIN_FEE));
      await passTime(await dueAt(base, vanilla.jobId));
      await market.connect(stranger).settle(vanilla.job, "0x");

      const worked = MIN_FEE - ROYALTY - protocolFeeOf(MIN_FEE);
      expect((await market.standingOf(worker.id)).earned).to.equal(3n * worked);
      expect(await market.boundOf(worker.id)).to.equal(0n);
      expect(await market.balanceOf(owner)).to.equal(3n * ROYALTY);
      expect(await market.balanceOf(treasury)).to.equal(3n * protocolFeeOf(MIN_FEE));
      await expectSolvent(base, jobs);
    });

    it("stay exact through a ramped fee, of which the rest comes back at once", async () => {
      const base = await loadServed();
      const { market, worker, requester } = base;
      const { job, jobId, terms } = await requestJob(base);
      await passTime(terms.requestedAt + 2n * PARAMETERS.priorityWindow + 1_000n);
      await market.connect(worker.key).execute(job, "0x06");
      const fee = await market.feeAt(job, BigInt(await networkHelpers.time.latest()));
      expect(fee > MIN_FEE && fee < MAX_FEE).to.equal(true);
      expect(await market.balanceOf(requester)).to.equal(ETHER - fee);
      await expectSolvent(base, [job]);
      await passTime(await dueAt(base, jobId));
      await market.settle(job, "0x");
      expect((await market.standingOf(worker.id)).earned).to.equal(fee - ROYALTY);
      await expectSolvent(base, [job]);
    });

    it("stay exact through a challenge that is answered, for which the worker gets the bond", async () => {
      const base = await loadServed();
      const { market, worker, challenger } = base;
      const { job } = await requestJob(base, { maxFee: MIN_FEE });
      await market.connect(worker.key).execute(job, "0x06");
      await market.connect(challenger).deposit(challenger, BOND, await paying(market, BOND));
      await market.connect(challenger).challenge(job);
      expect(await market.balanceOf(challenger)).to.equal(0n);
      await expectSolvent(base, [job]);
      await market.connect(worker.key).fulfill(job, "0x06", await proofFor(base, job, worker.key.address, 3));
      expect((await market.standingOf(worker.id)).earned).to.equal(MIN_FEE - ROYALTY + BOND);
      await expectSolvent(base, [job]);
    });

    it("stay exact through a slash: half is burnt, a quarter is the requester's, a quarter the challenger's", async () => {
      const base = await loadServed();
      const { market, worker, workers, challenger, requester } = base;
      const { job, jobId } = await requestJob(base);
      await market.connect(worker.key).execute(job, "0x07");
      await market.connect(challenger).deposit(challenger, BOND, await paying(market, BOND));
      await market.connect(challenger).challenge(job);
      await passTime(await dueAt(base, jobId));
      const [stake, burnt] = [await heldBy(workers), await pocketOf(base, BURN)];
      await expect(market.resolve(job)).to.emit(market, "JobRefunded").withArgs(jobId, worker.id, MIN_FEE, STAKE_LOST);
      expect(stake - (await heldBy(workers))).to.equal(STAKE_LOST);
      expect((await pocketOf(base, BURN)) - burnt).to.equal(STAKE_LOST / 2n);
      expect(await market.balanceOf(requester)).to.equal(ETHER + STAKE_LOST / 4n);
      expect(await market.balanceOf(challenger)).to.equal(BOND + STAKE_LOST / 4n);
      await expectSolvent(base, [job]);
    });

    it("stay exact through a claim that nothing followed: half is burnt, half the requester's", async () => {
      const base = await loadServed();
      const { market, worker, requester } = base;
      const { job, jobId } = await requestJob(base, { level: LEVEL.Tee });
      await market.connect(worker.key).claim(job);
      await expectSolvent(base, [job]);
      await passTime(await dueAt(base, jobId));
      const burnt = await pocketOf(base, BURN);
      await market.expire(job);
      expect((await pocketOf(base, BURN)) - burnt).to.equal(STAKE_LOST / 2n);
      expect(await market.balanceOf(requester)).to.equal(ETHER + STAKE_LOST / 2n);
      await expectSolvent(base, [job]);
    });

    it("leave money that came in otherwise to nobody, and pay out in full", async () => {
      const base = await loadServed();
      const { market, requester, token } = base;
      const address = await market.getAddress();
      if (token === undefined) await networkHelpers.setBalance(address, (await heldBy(market)) + 5n);
      else await token.connect(requester).getFunction("transfer")(address, 5n);
      await market.connect(requester).deposit(requester, 3n, await paying(market, 3n));
      expect(await market.balanceOf(requester)).to.equal(ETHER + 3n);
      const { job, terms } = await requestJob(base);
      await passTime(terms.deadline);
      await market.expire(job);
      await market.connect(requester).withdraw(ETHER + 3n, requester);
      expect(await heldBy(market)).to.equal(5n);
    });

    it("take no coins by a plain transfer, nor with a call that nobody knows", async () => {
      const { market, stranger } = await loadServed();
      await expect(stranger.sendTransaction({ to: market, value: 1n }))
        .to.be.revertedWithCustomError(market, "TransferUnexpected")
        .withArgs(stranger.address, 1n);
      for (const data of ["0x01", "0x12345678"]) {
        await expect(stranger.sendTransaction({ to: market, data, value: 1n })).to.be.revertedWithoutReason(ethers);
        await expect(stranger.sendTransaction({ to: market, data })).to.be.revertedWithoutReason(ethers);
      }
    });
  });
}

describe("a suspended worker", function () {
  this.timeout(60_000);

  /** Lets the first worker miss as many turns as suspend it: the other one is too dear to be drawn, and acts late. */
  async function suspended() {
    const base = await served();
    const other = await addWorker(base, base.versionId, 1, { price: ETHER });
    for (let turn = 0n; turn < PARAMETERS.missLimit; turn++) {
      const { job, terms } = await requestJob(base);
      await passTime(terms.requestedAt + 2n * PARAMETERS.priorityWindow);
      await base.market.connect(other.key).execute(job, "0x06");
    }
    return base;
  }

  it("returns to the draws by its operator or its key, and by nobody else", async () => {
    const base = await networkHelpers.loadFixture(suspended);
    const { market, worker, stranger, requester } = base;
    expect((await market.standingOf(worker.id)).suspended).to.equal(true);
    await expect(market.connect(requester).returnToDraws(worker.id)).to.be.revertedWithCustomError(
      base.workers,
      "WorkerUnknown",
    );
    const third = await addWorker(base, base.versionId, 2);
    await expect(market.connect(third.key).returnToDraws(worker.id))
      .to.be.revertedWithCustomError(market, "NotWorkersOperator")
      .withArgs(worker.id, third.key.address);
    for (const actor of [worker.operator, worker.key]) {
      const snapshot = await networkHelpers.takeSnapshot();
      await expect(market.connect(actor).returnToDraws(worker.id))
        .to.emit(market, "WorkerReturned")
        .withArgs(worker.id);
      const { suspended: isSuspended, misses, late } = await market.standingOf(worker.id);
      expect([isSuspended, misses, late]).to.deep.equal([false, 0n, PARAMETERS.missLimit]);
      await expect(market.connect(actor).returnToDraws(worker.id))
        .to.be.revertedWithCustomError(market, "NotSuspended")
        .withArgs(worker.id);
      await snapshot.restore();
    }
    await expect(market.connect(stranger).returnToDraws(worker.id)).to.be.revertedWithCustomError(
      base.workers,
      "WorkerUnknown",
    );
  });
});

describe("earnings beyond what a slot holds", function () {
  this.timeout(60_000);

  it("go to the operator's account", async () => {
    const base = await networkHelpers.loadFixture(servedInToken);
    const { market, worker, requester, token } = base;
    const most = 2n ** 96n - 1n;
    await token.getFunction("mint")(requester, 2n * most);
    await market.connect(requester).deposit(requester, 2n * most);
    const versionId = await addVersion(base, { royalty: 0n });
    await base.workers.connect(worker.key).serve(worker.id, versionId, ALL_LEVELS);
    const jobs = [];
    for (const fee of [most, 1n]) {
      const requested = await requestJob({ ...base, versionId }, { level: LEVEL.Tee, minFee: fee, maxFee: fee });
      jobs.push(requested.job);
      const signature = await signatureFor(base, requested.job, worker, "0x06");
      await passTime(requested.terms.requestedAt + 2n * PARAMETERS.priorityWindow);
      await market.connect(worker.key).fulfill(requested.job, "0x06", signature);
    }
    expect((await market.standingOf(worker.id)).earned).to.equal(0n);
    expect(await market.balanceOf(worker.operator)).to.equal(most + 1n);
    await expectSolvent(base, jobs);
  });
});

/** Every payable function of a contract. */
function payables(contract: BaseContract): string[] {
  const names: string[] = [];
  contract.interface.forEachFunction(({ name, payable }) => payable && names.push(name));
  return names;
}

describe("a deployment in an ERC-20", function () {
  this.timeout(60_000);

  it("refuses coins wherever a function could take some", async () => {
    const base = await networkHelpers.loadFixture(servedInToken);
    const { market, workers, worker, requester, challenger, versionId } = base;
    const coin = { value: 1n };
    const { job } = await requestJob(base);
    await market.connect(worker.key).execute(job, "0x06");
    const calls = {
      deposit: () => market.connect(requester).deposit(requester, 1n, coin),
      request: () => market.connect(requester).request(requestOf(versionId), "0x03", coin),
      challenge: () => market.connect(challenger).challenge(job, coin),
    };
    expect(payables(market)).to.have.members(Object.keys(calls));
    const ofWorkers = {
      register: () => workers.connect(requester).register(requester, 1n, ETHER, coin),
      addStake: () => workers.connect(requester).addStake(worker.id, 1n, coin),
    };
    expect(payables(workers)).to.have.members(Object.keys(ofWorkers));
    for (const call of [...Object.values(calls), ...Object.values(ofWorkers)])
      await expect(call()).to.be.revertedWithCustomError(market, "ValueMismatch").withArgs(1n, 0n);
    expect(await ethers.provider.getBalance(market)).to.equal(0n);
  });

  it("takes deposits by permit, once, and also if somebody sent the permit before", async () => {
    const base = await networkHelpers.loadFixture(servedInToken);
    const { market, requester, stranger, token } = base;
    await token.connect(requester).getFunction("approve")(market, 0n);
    const permit = async (value: bigint) => {
      const signature = await requester.signTypedData(
        {
          name: "Permit Token",
          version: "1",
          chainId: (await ethers.provider.getNetwork()).chainId,
          verifyingContract: await token.getAddress(),
        },
        {
          Permit: ["address owner", "address spender", "uint256 value", "uint256 nonce", "uint256 deadline"].map(
            (field) => {
              const [type = "", name = ""] = field.split(" ");
              return { type, name };
            },
          ),
        },
        {
          owner: requester.address,
          spender: await market.getAddress(),
          value,
          nonce: BigInt(String(await token.getFunction("nonces")(requester))),
          deadline: ethers.MaxUint256,
        },
      );
      return ethers.Signature.from(signature);
    };
    const first = await permit(9n);
    const deposit = ({ v, r, s }: Awaited<ReturnType<typeof permit>>, amount: bigint) =>
      market.connect(requester).depositWithPermit(stranger, amount, ethers.MaxUint256, v, r, s);
    await expect(deposit(first, 9n)).to.emit(market, "Deposited").withArgs(stranger.address, requester.address, 9n);
    await expect(deposit(first, 9n)).to.be.revertedWithCustomError(market, "PermitRefused");

    const seen = await permit(4n);
    await token.connect(stranger).getFunction("permit")(
      requester,
      market,
      4n,
      ethers.MaxUint256,
      seen.v,
      seen.r,
      seen.s,
    );
    await deposit(seen, 4n);
    expect(await market.balanceOf(stranger)).to.equal(13n);
    await expectSolvent(base, []);
  });

  it("asks for an allowance where the token has no permits", async () => {
    const { market, requester, token } = await servedIn("BlockingToken");
    const deposit = () =>
      market.connect(requester).depositWithPermit(requester, 1n, 0n, 27, ethers.ZeroHash, ethers.ZeroHash);
    await deposit();
    expect(await market.balanceOf(requester)).to.equal(ETHER + 1n);
    await token.connect(requester).getFunction("approve")(market, 0n);
    await expect(deposit()).to.be.revertedWithCustomError(market, "PermitRefused");
  });
});

describe("a deployment in the native coin", () => {
  it("takes just the coins that it is told, and no permits", async () => {
    const { market, requester } = await networkHelpers.loadFixture(served);
    for (const value of [0n, 2n])
      await expect(market.connect(requester).deposit(requester, 1n, { value }))
        .to.be.revertedWithCustomError(market, "ValueMismatch")
        .withArgs(value, 1n);
    await expect(
      market.connect(requester).depositWithPermit(requester, 1n, 0n, 27, ethers.ZeroHash, ethers.ZeroHash),
    ).to.be.revertedWithCustomError(market, "PermitNotPossible");
  });
});
