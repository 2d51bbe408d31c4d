import { expect } from "chai";
import { keccak256, toUtf8Bytes } from "ethers";

import { doubling } from "./doubling.ts";
import {
  addVersion,
  addWorker,
  deployed,
  ETHER,
  ethers,
  LEVEL,
  networkHelpers,
  NO_SAMPLE,
  PARAMETERS,
  passTime,
  PRICE,
  requestJob,
  ROYALTY,
  served,
  specOf,
  STAKE,
  WORK_UNITS,
} from "./fixture.ts";

const load = () => networkHelpers.loadFixture(served);

describe("the registry of models", function () {
  this.timeout(60_000);

  it("mints a token for a model and tells its name", async () => {
    const { models, stranger } = await load();
    await expect(models.connect(stranger).registerModel("a name"))
      .to.emit(models, "ModelRegistered")
      .withArgs(2n, stranger.address, "a name");
    expect([await models.name(), await models.modelName(2), await models.ownerOf(2)]).to.deep.equal([
      "Assay Model",
      "a name",
      stranger.address,
    ]);
    await expect(models.modelName(3)).to.be.revertedWithCustomError(models, "ModelUnknown").withArgs(3);
  });

  it("keeps a version's terms, lists versions, and pays royalties to whoever owns the model now", async () => {
    const { models, versionId, owner, stranger } = await load();
    const terms = await models.terms(versionId);
    const { workUnits, royalty, levels, inputBytes, outputBytes, modelId, deprecated, textInput } = terms;
    expect({ workUnits, royalty, levels, inputBytes, outputBytes, modelId, deprecated, textInput }).to.deep.equal({
      workUnits: WORK_UNITS,
      royalty: ROYALTY,
      levels: 7n,
      inputBytes: 1n,
      outputBytes: 1n,
      modelId: 1n,
      deprecated: false,
      textInput: false,
    });
    const second = await addVersion({ models, owner }, { levels: 2 });
    expect([...(await models.versionsOf(1, 0, 10))]).to.deep.equal([versionId, second]);
    expect([...(await models.versionsOf(1, 1, 10))]).to.deep.equal([second]);
    expect([...(await models.versionsOf(1, 2, 10))]).to.deep.equal([]);
    expect([...(await models.versionsOf(1, 0, 1))]).to.deep.equal([versionId]);
    await models.connect(owner).transferFrom(owner, stranger, 1);
    expect(await models.ownerOfVersion(versionId)).to.equal(stranger.address);
    await expect(models.terms(keccak256("0x"))).to.be.revertedWithCustomError(models, "VersionUnknown");
    await expect(models.requestTerms(keccak256("0x"))).to.be.revertedWithCustomError(models, "VersionUnknown");
  });

  it("takes a version only once, and only from the model's owner", async () => {
    const { models, owner, stranger } = await load();
    const add = (signer: typeof owner, modelId: number) =>
      models.connect(signer).addVersion(modelId, specOf({ levels: 2 }), "0x", NO_SAMPLE);
    await expect(add(stranger, 1)).to.be.revertedWithCustomError(models, "NotModelOwner").withArgs(1, stranger.address);
    await expect(add(owner, 9)).to.be.revertedWithCustomError(models, "ModelUnknown").withArgs(9);
    await add(owner, 1);
    await expect(add(owner, 1)).to.be.revertedWithCustomError(models, "VersionExists");
  });

  it("refuses a version that could never be answered or judged", async () => {
    const { models, owner } = await load();
    const add = (overrides: Parameters<typeof specOf>[0]) =>
      models.connect(owner).addVersion(1, specOf({ levels: 2, ...overrides }), "0x", NO_SAMPLE);
    for (const levels of [0, 8, 10])
      await expect(add({ levels })).to.be.revertedWithCustomError(models, "LevelsInvalid").withArgs(levels);
    await expect(add({ levels: 1 })).to.be.revertedWithCustomError(models, "VanillaNeedsEvidence");
    await expect(add({ workUnits: 0 })).to.be.revertedWithCustomError(models, "WorkUnitsZero");
    await expect(add({ inputs: [] }))
      .to.be.revertedWithCustomError(models, "TensorSpecInvalid")
      .withArgs(0, false);
    const bad = { kind: 0, bits: 5, decimals: 0, shape: [1] };
    const good = { ...bad, bits: 8 };
    await expect(add({ outputs: [good, bad] }))
      .to.be.revertedWithCustomError(models, "TensorSpecInvalid")
      .withArgs(1, true);
  });

  it("lets a text be shorter, unless a circuit reads it", async () => {
    const base = await load();
    const { models, owner, workers, worker, market } = base;
    const text = [{ kind: 3, bits: 8, decimals: 0, shape: [5] }];
    const versionId = await addVersion({ models, owner }, { levels: 2, inputs: text });
    expect((await models.terms(versionId)).textInput).to.equal(true);
    await workers.connect(worker.key).serve(worker.id, versionId, 2);
    await requestJob({ ...base, versionId }, { level: LEVEL.Tee }, "0x6869");
    await expect(requestJob({ ...base, versionId }, { level: LEVEL.Tee }, "0x010203040506"))
      .to.be.revertedWithCustomError(market, "InputLength")
      .withArgs(6, 5);
  });

  it("publishes no dead, foreign or missing key", async () => {
    const { models, groth16, owner } = await load();
    const { key, prove } = await doubling();
    const sample = { binding: 5n, input: "0x03", output: "0x06", proof: await prove(5n, 3) };
    const spec = specOf({ verificationKeyHash: keccak256(key), manifestDigest: keccak256("0x31") });
    const add = (overrides: object, keyGiven: Uint8Array | string, sampleGiven: object) =>
      models.connect(owner).addVersion(1, { ...spec, ...overrides }, keyGiven, { ...sample, ...sampleGiven });
    await expect(add({}, key, { output: "0x07" })).to.be.revertedWithCustomError(groth16, "ProofInvalid");
    await expect(add({}, key, { binding: 6n })).to.be.revertedWithCustomError(groth16, "ProofInvalid");
    await expect(add({}, key, { input: "0x0306", output: "0x" })).to.be.revertedWithCustomError(models, "SampleLength");
    await expect(add({}, "0x", {})).to.be.revertedWithCustomError(models, "VerificationKeyMismatch");
    await expect(add({}, key.slice(1), {})).to.be.revertedWithCustomError(models, "VerificationKeyMismatch");
    await expect(add({ levels: 2 }, key, {})).to.be.revertedWithCustomError(models, "VerificationKeyMismatch");
    await expect(add({ verificationKeyHash: ethers.ZeroHash }, "0x", {})).to.be.revertedWithCustomError(
      models,
      "VerificationKeyMismatch",
    );
    const wide = { inputs: [{ kind: 0, bits: 8, decimals: 0, shape: [40] }] };
    await expect(add(wide, key, { input: new Uint8Array(40) })).to.be.revertedWithCustomError(
      groth16,
      "VerificationKeyLength",
    );
    const unsafe = ethers.concat([key.slice(0, 320), key.slice(192, 320), key.slice(448)]);
    await expect(
      models.connect(owner).addVersion(1, { ...spec, verificationKeyHash: keccak256(unsafe) }, unsafe, sample),
    ).to.be.revertedWithCustomError(groth16, "VerificationKeyUnsafe");
    await add({}, key, {});
  });
});

describe("the registry of workers", function () {
  this.timeout(60_000);

  it("takes a worker with enough stake and a key of its own", async () => {
    const { workers, stranger, worker } = await load();
    await expect(workers.connect(stranger).register(stranger, PRICE, { value: 1n }))
      .to.be.revertedWithCustomError(workers, "StakeTooLow")
      .withArgs(1n, ETHER / 10n);
    for (const key of [worker.key.address, ethers.ZeroAddress])
      await expect(workers.connect(stranger).register(key, PRICE, { value: STAKE }))
        .to.be.revertedWithCustomError(workers, "KeyTaken")
        .withArgs(key);
    await expect(workers.workerIdOf(stranger))
      .to.be.revertedWithCustomError(workers, "WorkerUnknown")
      .withArgs(stranger.address);
    await expect(workers.workerOf(9)).to.be.revertedWithCustomError(workers, "WorkerIdUnknown").withArgs(9);
  });

  it("obeys the operator alone, and lets the key choose what it serves", async () => {
    const { workers, stranger, worker, versionId } = await load();
    const other = workers.connect(stranger);
    for (const call of [
      () => other.setKey(worker.id, stranger),
      () => other.setPrice(worker.id, 1n),
      () => other.setDraining(worker.id, true),
      () => other.startUnbonding(worker.id, 1n),
      () => other.withdrawStake(worker.id, stranger),
      () => other.serve(worker.id, versionId, 1),
    ])
      await expect(call()).to.be.revertedWithCustomError(workers, "NotOperator").withArgs(worker.id, stranger.address);
    await workers.connect(worker.operator).setKey(worker.id, stranger);
    await expect(workers.workerIdOf(worker.key)).to.be.revertedWithCustomError(workers, "WorkerUnknown");
    expect(await workers.workerIdOf(stranger)).to.equal(worker.id);
  });

  it("lists who serves, leaves a gap for who stops, and gives the same place back", async () => {
    const base = await load();
    const { workers, versionId, worker } = base;
    const second = await addWorker(base, versionId, 1, { levels: 3 });
    const counts = async (level: number) => [...(await workers.candidates(versionId, level))];
    const at = (index: number) => workers.candidateAt(versionId, LEVEL.Vanilla, index, PRICE, 1n);
    expect([await counts(0), await counts(1), await counts(2)]).to.deep.equal([
      [2n, 2n],
      [2n, 2n],
      [1n, 1n],
    ]);
    await workers.connect(worker.key).serve(worker.id, versionId, 4);
    expect(await counts(0)).to.deep.equal([2n, 1n]);
    expect([await at(0), await at(1), await at(2)]).to.deep.equal([0n, second.id, 0n]);
    expect(await workers.isServing(worker.id, versionId, LEVEL.Zkml)).to.equal(true);
    expect(await workers.isServing(worker.id, versionId, LEVEL.Vanilla)).to.equal(false);
    await workers.connect(worker.operator).serve(worker.id, versionId, 7);
    expect([await at(0), await counts(0)]).to.deep.equal([worker.id, [2n, 2n]]);
    await expect(workers.connect(worker.key).serve(worker.id, versionId, 8)).to.revert(ethers);
    await expect(workers.connect(worker.key).serve(worker.id, keccak256("0x"), 1)).to.revert(ethers);
  });

  it("does not let a worker serve a level that the version does not allow, nor a draining one act", async () => {
    const base = await load();
    const { workers, worker, market } = base;
    const versionId = await addVersion(base, { levels: 2 });
    await expect(workers.connect(worker.key).serve(worker.id, versionId, 4))
      .to.be.revertedWithCustomError(workers, "LevelNotAllowed")
      .withArgs(versionId, LEVEL.Zkml);
    const { job } = await requestJob(base);
    await workers.connect(worker.operator).setDraining(worker.id, true);
    await expect(market.connect(worker.key).execute(job, "0x06"))
      .to.be.revertedWithCustomError(workers, "NotServing")
      .withArgs(worker.id, base.versionId, LEVEL.Vanilla);
    await expect(workers.requireServing(worker.key, base.versionId, 0)).to.be.revertedWithCustomError(
      workers,
      "NotServing",
    );
  });

  it("pays free stake out after the delay, and never bound stake", async () => {
    const base = await load();
    const { workers, worker, market, stranger } = base;
    const operator = workers.connect(worker.operator);
    await expect(operator.withdrawStake(worker.id, stranger)).to.be.revertedWithCustomError(
      workers,
      "NothingUnbonding",
    );
    const { job } = await requestJob(base);
    await market.connect(worker.key).execute(job, "0x06");
    await expect(operator.startUnbonding(worker.id, STAKE))
      .to.be.revertedWithCustomError(workers, "StakeStillBound")
      .withArgs(PARAMETERS.jobStake);
    await expect(operator.startUnbonding(worker.id, STAKE + 1n)).to.be.revertedWithCustomError(workers, "StakeTooLow");
    const free = STAKE - PARAMETERS.jobStake;
    await operator.startUnbonding(worker.id, free);
    await expect(operator.withdrawStake(worker.id, stranger)).to.be.revertedWithCustomError(
      workers,
      "UnbondingNotOver",
    );
    const { unbondingAt } = await workers.workerOf(worker.id);
    await passTime(unbondingAt);
    await expect(operator.withdrawStake(worker.id, stranger)).to.changeEtherBalance(ethers, stranger, free);
    await workers.connect(stranger).addStake(worker.id, { value: 5n });
    expect((await workers.workerOf(worker.id)).stake).to.equal(PARAMETERS.jobStake + 5n);
    expect(await ethers.provider.getBalance(workers)).to.equal(PARAMETERS.jobStake + 5n);
  });

  it("lets nobody but its one market bind, release or slash", async () => {
    const { workers, market, admin, worker, versionId, stranger } = await load();
    for (const call of [
      () => workers.connect(stranger).bind(worker.key, versionId, 0, 0, PRICE, 1n),
      () => workers.connect(admin).release(worker.id, 1n),
      () => workers.connect(admin).slash(worker.id, 1n),
    ])
      await expect(call()).to.be.revertedWithCustomError(workers, "NotMarket");
    await expect(workers.connect(admin).setMarket(admin))
      .to.be.revertedWithCustomError(workers, "MarketAlreadySet")
      .withArgs(await market.getAddress());
  });
});

describe("the administrator", function () {
  this.timeout(60_000);

  it("alone may pause, set the fee, accept measurements, add quote verifiers and set the market", async () => {
    const { market, workers, enclaves, quotes, stranger } = await networkHelpers.loadFixture(deployed);
    for (const [contract, call] of [
      [market, () => market.connect(stranger).setPaused(true)],
      [market, () => market.connect(stranger).setProtocolFee(1, stranger)],
      [enclaves, () => enclaves.connect(stranger).acceptMeasurement(ethers.ZeroHash, true)],
      [enclaves, () => enclaves.connect(stranger).addQuoteVerifier(quotes)],
      [workers, () => workers.connect(stranger).setMarket(stranger)],
    ] as const)
      await expect(call()).to.be.revertedWithCustomError(contract, "AccessManagedUnauthorized");
  });

  it("has no other function: the restricted ones are these", async () => {
    const { market, workers, enclaves } = await networkHelpers.loadFixture(deployed);
    const changing = (contract: { interface: { fragments: readonly { type: string }[] } }) =>
      contract.interface.fragments
        .flatMap((fragment) =>
          fragment.type === "function" && "stateMutability" in fragment && "name" in fragment ? [fragment] : [],
        )
        .filter(({ stateMutability }) => stateMutability !== "view" && stateMutability !== "pure")
        .map(({ name }) => String(name))
        .sort();
    expect(changing(market)).to.deep.equal(
      "challenge claim deposit execute expire fulfill request resolve retryCallback setAuthority setPaused setProtocolFee settle withdraw".split(
        " ",
      ),
    );
    expect(changing(enclaves)).to.deep.equal(
      "acceptMeasurement addQuoteVerifier enroll invalidate setAuthority".split(" "),
    );
    expect(changing(workers)).to.deep.equal(
      "addStake bind register release serve setAuthority setDraining setKey setMarket setPrice slash startUnbonding withdrawStake".split(
        " ",
      ),
    );
  });

  it("stops new requests and nothing else", async () => {
    const base = await load();
    const { market, admin, worker, requester } = base;
    const { job, jobId } = await requestJob(base);
    const { job: late } = await requestJob(base);
    await expect(market.connect(admin).setPaused(true)).to.emit(market, "PausedChanged").withArgs(true);
    await expect(requestJob(base)).to.be.revertedWithCustomError(market, "RequestsPaused");
    await market.connect(worker.key).execute(job, "0x06");
    await passTime((await market.statusOf(jobId)).dueAt);
    await market.settle(job, "0x");
    await passTime(late.deadline);
    await market.expire(late);
    await market.connect(requester).withdraw(await market.balanceOf(requester), requester);
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
    await market.connect(admin).setProtocolFee(0, ethers.ZeroAddress);
    await market.connect(admin).setProtocolFee(500, treasury);
    const { job, jobId } = await requestJob(base);
    await market.connect(worker.key).execute(job, "0x06");
    await passTime((await market.statusOf(jobId)).dueAt);
    await market.settle(job, "0x");
    const share = (job.minFee * 5n) / 100n;
    expect(await market.balanceOf(treasury)).to.equal(share);
    expect(await market.balanceOf(worker.operator)).to.equal(job.minFee - ROYALTY - share);
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
    const { market, models, workers, tee, groth16, manager } = await networkHelpers.loadFixture(deployed);
    const deploy = (overrides: Partial<typeof PARAMETERS> | Record<string, bigint>) =>
      ethers.deployContract("InferenceMarket", [
        { ...PARAMETERS, ...overrides },
        models,
        workers,
        tee,
        groth16,
        manager,
      ]);
    for (const [name, value] of [
      ["priorityWindow", 0n],
      ["evidenceWindow", 91n * 86_400n],
      ["minChallengeWindow", 0n],
      ["maxTimeToLive", 60n],
      ["maxCallbackGas", 10_000_001n],
      ["jobStake", 0n],
      ["jobStake", 2n ** 80n],
      ["challengeBond", 0n],
    ] as const)
      await expect(deploy({ [name]: value })).to.be.revertedWithCustomError(market, "ParameterOutOfRange");
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
