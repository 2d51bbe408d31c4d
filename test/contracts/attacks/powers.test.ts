import { expect } from "chai";
import { keccak256, toUtf8Bytes } from "ethers";

import { deployed, ethers, networkHelpers, PARAMETERS, passTime, requestJob, ROYALTY, served } from "../fixture.ts";

const load = () => networkHelpers.loadFixture(served);

describe("the administrator", function () {
  this.timeout(60_000);

  it("alone may pause, set the fee, accept measurements, add quote verifiers and say who holds stake", async () => {
    const { market, workers, enclaves, quotes, stranger } = await networkHelpers.loadFixture(deployed);
    for (const call of [
      () => market.connect(stranger).setPaused(true),
      () => market.connect(stranger).setProtocolFee(1, stranger),
      () => enclaves.connect(stranger).acceptMeasurement(ethers.ZeroHash, true),
      () => enclaves.connect(stranger).addQuoteVerifier(quotes),
      () => workers.connect(stranger).setHolders(stranger, stranger),
    ])
      await expect(call())
        .to.be.revertedWithCustomError(workers, "AccessManagedUnauthorized")
        .withArgs(stranger.address);
  });

  it("has no other function: the restricted ones are these", async () => {
    const { market, enclaves } = await networkHelpers.loadFixture(deployed);
    const changing = (contract: { interface: { fragments: readonly { type: string }[] } }) =>
      contract.interface.fragments
        .flatMap((fragment) =>
          fragment.type === "function" && "stateMutability" in fragment && "name" in fragment ? [fragment] : [],
        )
        .filter(({ stateMutability }) => stateMutability !== "view" && stateMutability !== "pure")
        .map(({ name }) => String(name))
        .sort();
    expect(changing(market)).to.deep.equal(
      "allowConsumer cancelSigned challenge claim commit commitVerdict deposit depositWithPermit execute executeBatch expire fulfill fulfillBatch openReveals request requestFrom requestSigned resolve retryCallback returnToDraws reveal revealVerdict setPaused setProtocolFee settle settleBatch tally withdraw withdrawEarnings".split(
        " ",
      ),
    );
    expect(changing(enclaves)).to.deep.equal(
      "acceptMeasurement addQuoteVerifier enroll invalidate setAuthority".split(" "),
    );
  });

  it("sets the protocol fee up to 5 %", async () => {
    const base = await load();
    const { market, admin, treasury, worker } = base;
    await expect(market.connect(admin).setProtocolFee(501, treasury))
      .to.be.revertedWithCustomError(market, "ParameterOutOfRange")
      .withArgs("basisPoints", 501, 500);
    await expect(market.connect(admin).setProtocolFee(1, ethers.ZeroAddress))
      .to.be.revertedWithCustomError(market, "ParameterOutOfRange")
      .withArgs("treasury", 0, 2n ** 160n - 1n);
    await market.connect(admin).setProtocolFee(500, treasury);
    const { job, jobId, terms } = await requestJob(base);
    await market.connect(worker.key).execute(job, "0x06");
    await passTime((await market.statusOf(jobId)).dueAt);
    await market.settle(job, "0x");
    const share = (terms.minFee * 5n) / 100n;
    expect(await market.balanceOf(treasury)).to.equal(share);
    expect((await market.standingOf(worker.id)).earned).to.equal(terms.minFee - ROYALTY - share);
  });

  it("cannot be paid out of a royalty", async () => {
    const base = await load();
    const { market, admin, treasury, worker, workers } = base;
    await market.connect(admin).setProtocolFee(500, treasury);
    await workers.connect(worker.operator).setPrice(worker.id, 0n);
    const { job, jobId } = await requestJob(base, { minFee: ROYALTY, maxFee: ROYALTY });
    await market.connect(worker.key).execute(job, "0x06");
    await passTime((await market.statusOf(jobId)).dueAt);
    await market.settle(job, "0x");
    expect(await market.balanceOf(treasury)).to.equal(0n);
  });
});

describe("deploying", () => {
  it("checks the market's parameters", async () => {
    const base = await networkHelpers.loadFixture(deployed);
    const parts = {
      models: base.models,
      workers: base.workers,
      teeVerifier: base.tee,
      zkmlVerifier: base.groth16,
      currency: ethers.ZeroAddress,
      authority: base.manager,
    };
    const deploy = (overrides: Record<string, bigint>) =>
      ethers.deployContract("MarketAccounts", [{ ...PARAMETERS, ...overrides }, parts]);
    for (const [name, value] of [
      ["priorityWindow", 0n],
      ["priorityWindow", PARAMETERS.maxTimeToLive / 2n],
      ["evidenceWindow", 91n * 86_400n],
      ["revealWindow", 0n],
      ["minChallengeWindow", 0n],
      ["minChallengeWindow", PARAMETERS.maxChallengeWindow + 1n],
      ["maxTimeToLive", 60n],
      ["maxCallbackGas", 10_000_001n],
      ["jobStake", 0n],
      ["challengeBond", 0n],
      ["missLimit", 0n],
    ] as const)
      await expect(deploy({ [name]: value }), name).to.be.revertedWithCustomError(base.market, "ParameterOutOfRange");
    await deploy({});
  });

  it("checks the root key of simulated quotes", async () => {
    const { quotes } = await networkHelpers.loadFixture(deployed);
    const point = [keccak256(toUtf8Bytes("x")), keccak256(toUtf8Bytes("y"))];
    await expect(ethers.deployContract("SimulatedQuoteVerifier", [...point, 1])).to.be.revertedWithCustomError(
      quotes,
      "SimulatedRootKeyInvalid",
    );
  });
});
