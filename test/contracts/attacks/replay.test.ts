import { expect } from "chai";
import { concat, keccak256, TypedDataEncoder, ZeroAddress } from "ethers";

import { doubling } from "../doubling.ts";
import {
  addVersion,
  addWorker,
  type Deployed,
  ETHER,
  ethers,
  type Job,
  LEVEL,
  networkHelpers,
  PARAMETERS,
  passTime,
  plainJob,
  proofFor,
  requestJob,
  requestOf,
  served,
  signatureFor,
  STATE,
} from "../fixture.ts";

const load = () => networkHelpers.loadFixture(served);
const OUTPUT_HASH = keccak256("0x06");
const RESULT = {
  Result: [
    { name: "jobId", type: "bytes32" },
    { name: "versionId", type: "bytes32" },
    { name: "inputHash", type: "bytes32" },
    { name: "outputHash", type: "bytes32" },
    { name: "worker", type: "address" },
    { name: "deadline", type: "uint40" },
  ],
};

type Served = Awaited<ReturnType<typeof served>>;

/** Domain and values of a job's result. */
async function resultOf({ market, worker }: Served, jobId: string, job: Job) {
  const { chainId } = await ethers.provider.getNetwork();
  const { deadline } = await market.describe(job);
  return {
    domain: { name: "Assay", version: "1", chainId, verifyingContract: await market.getAddress() },
    values: {
      jobId,
      versionId: job.versionId,
      inputHash: job.inputHash,
      outputHash: OUTPUT_HASH,
      worker: worker.key.address,
      deadline,
    },
  };
}

/** A second market over the same registries and verifiers. */
async function secondMarket(base: Deployed) {
  const chosen = { ...PARAMETERS };
  const parts = {
    models: base.models,
    workers: base.workers,
    teeVerifier: base.tee,
    zkmlVerifier: base.groth16,
    currency: ZeroAddress,
    authority: base.manager,
  };
  const rounds = await ethers.deployContract("MarketRounds", [chosen, parts]);
  const disputes = await ethers.deployContract("MarketDisputes", [chosen, parts, rounds]);
  const accounts = await ethers.deployContract("MarketAccounts", [chosen, parts, disputes]);
  const market = await ethers.deployContract("InferenceMarket", [chosen, parts, accounts]);
  return ethers.getContractAt("IInferenceMarket", await market.getAddress());
}

describe("evidence sent again", function () {
  this.timeout(60_000);

  for (const level of ["Tee", "Zkml"] as const)
    it(`at ${level} binds chain, market, job, version, input, output, worker and deadline`, async () => {
      const base = await load();
      const { market, worker, tee, groth16 } = base;
      const { job, jobId } = await requestJob(base, { level: LEVEL[level] });
      const { domain, values } = await resultOf(base, jobId, job);
      const evidence = async (digest: string) =>
        level === "Tee"
          ? worker.enclave.signingKey.sign(digest).serialized
          : concat([await (await doubling()).prove(BigInt(digest) >> 8n, 3), "0x03"]);
      const changes = [
        [{ chainId: domain.chainId + 1n }, {}],
        [{ verifyingContract: await base.models.getAddress() }, {}],
        [{ version: "2" }, {}],
        [{}, { jobId: keccak256(jobId) }],
        [{}, { versionId: keccak256(jobId) }],
        [{}, { inputHash: OUTPUT_HASH }],
        [{}, { outputHash: keccak256("0x07") }],
        [{}, { worker: base.stranger.address }],
        [{}, { deadline: values.deadline + 1n }],
      ];
      const digestOf = ([inDomain, inValues]: (typeof changes)[number]) =>
        TypedDataEncoder.hash({ ...domain, ...inDomain }, RESULT, { ...values, ...inValues });
      const send = async (digest: string) => market.connect(worker.key).fulfill(job, "0x06", await evidence(digest));
      for (const change of changes) {
        const [verifier, reason] = level === "Tee" ? [tee, "EnclaveNotEnrolled"] : [groth16, "ProofInvalid"];
        await expect(send(digestOf(change))).to.be.revertedWithCustomError(verifier, reason);
      }
      expect(digestOf([{}, {}])).to.equal(await market.resultDigest(job, OUTPUT_HASH, worker.key));
      await send(digestOf([{}, {}]));
    });

  it("is worth nothing in another market, be the job the same to the last bit", async () => {
    const base = await load();
    const { market, worker, stranger, tee, groth16, versionId } = base;
    const other = await secondMarket(base);
    for (const one of [market, other]) await one.connect(stranger).deposit(stranger, ETHER, { value: ETHER });
    for (const level of [LEVEL.Tee, LEVEL.Zkml]) {
      await ethers.provider.send("evm_setAutomine", [false]);
      for (const one of [market, other]) await one.connect(stranger).request(requestOf(versionId, { level }), "0x03");
      await networkHelpers.mine();
      await ethers.provider.send("evm_setAutomine", [true]);
      const jobIn = async (one: typeof market) => {
        const [event] = await one.queryFilter(one.filters.JobRequested(), "latest");
        if (event === undefined) throw new Error("no job was requested");
        return plainJob(event.args.job);
      };
      const [job, twin] = [await jobIn(market), await jobIn(other)];
      await networkHelpers.mine();
      expect(twin).to.deep.equal(job);
      expect(await other.jobIdOf(twin)).not.to.equal(await market.jobIdOf(job));

      const evidenceIn = async (one: typeof market) =>
        level === LEVEL.Tee
          ? signatureFor({ market: one }, job, worker, "0x06")
          : proofFor({ market: one }, job, worker.key.address, 3);
      const foreign = await evidenceIn(market);
      const [verifier, reason] = level === LEVEL.Tee ? [tee, "EnclaveNotEnrolled"] : [groth16, "ProofInvalid"];
      await expect(other.connect(worker.key).fulfill(twin, "0x06", foreign)).to.be.revertedWithCustomError(
        verifier,
        reason,
      );
      await market.connect(worker.key).fulfill(job, "0x06", foreign);
      await other.connect(worker.key).fulfill(twin, "0x06", await evidenceIn(other));
    }
  });

  it("counts for no other job, version, worker or output, nor a second time", async () => {
    const base = await load();
    const { market, groth16, worker, workers } = base;
    const fulfil = (job: Job, evidence: Uint8Array, output = "0x06") =>
      market.connect(worker.key).fulfill(job, output, evidence);
    const { job, jobId, terms } = await requestJob(base, { level: LEVEL.Zkml });
    const proof = await proofFor(base, job, worker.key.address, 3);

    const { job: second } = await requestJob(base, { level: LEVEL.Zkml });
    await expect(fulfil(second, proof)).to.be.revertedWithCustomError(groth16, "ProofInvalid");
    await expect(fulfil(job, proof, "0x08")).to.be.revertedWithCustomError(groth16, "ProofInvalid");
    const versionId = await addVersion(base, { manifestDigest: keccak256("0x99") });
    await workers.connect(worker.key).serve(worker.id, versionId, 4);
    const { job: other } = await requestJob({ ...base, versionId }, { level: LEVEL.Zkml });
    await expect(fulfil(other, proof)).to.be.revertedWithCustomError(groth16, "ProofInvalid");
    const copycat = await addWorker(base, base.versionId, 1);
    await passTime(terms.requestedAt + 2n * PARAMETERS.priorityWindow);
    await expect(market.connect(copycat.key).fulfill(job, "0x06", proof)).to.be.revertedWithCustomError(
      groth16,
      "ProofInvalid",
    );

    await fulfil(job, proof);
    await expect(fulfil(job, proof))
      .to.be.revertedWithCustomError(market, "JobStateMismatch")
      .withArgs(jobId, STATE.Settled);
  });

  it("shown in a contract's own transaction names that contract, one nonce and one deadline", async () => {
    const base = await load();
    const { market, tee, worker, requester, stranger, versionId } = base;
    const deadline = BigInt(await networkHelpers.time.latest()) + 1_000n;
    const terms = [versionId, keccak256("0x03"), OUTPUT_HASH, worker.key] as const;
    const digest = await market.callDigest(...terms, requester, 1, deadline);
    const signature = worker.enclave.signingKey.sign(digest).serialized;
    const verify = (caller: typeof requester, nonce: number, until: bigint, level: number = LEVEL.Tee) =>
      market.connect(caller).verify(versionId, level, "0x03", "0x06", signature, worker.key, nonce, until);
    await verify(requester, 1, deadline);
    for (const again of [
      () => verify(stranger, 1, deadline),
      () => verify(requester, 2, deadline),
      () => verify(requester, 1, deadline + 1n),
    ])
      await expect(again()).to.be.revertedWithCustomError(tee, "EnclaveNotEnrolled");
    await expect(verify(requester, 1, deadline, LEVEL.Vanilla)).to.be.revertedWithCustomError(
      market,
      "LevelNotAllowed",
    );

    const { job } = await requestJob(base, { level: LEVEL.Tee });
    await expect(market.connect(worker.key).fulfill(job, "0x06", signature)).to.be.revertedWithCustomError(
      tee,
      "EnclaveNotEnrolled",
    );
    await passTime(deadline);
    await expect(verify(requester, 1, deadline)).to.be.revertedWithCustomError(market, "JobTooLate");
  });
});

describe("a request that is mined again after a re-organisation", function () {
  this.timeout(60_000);

  it("is another job in another block, for which evidence of the first is worth nothing", async () => {
    const base = await load();
    const { market, tee, groth16, worker } = base;
    for (const level of [LEVEL.Tee, LEVEL.Zkml]) {
      const before = await networkHelpers.takeSnapshot();
      const lost = await requestJob(base, { level });
      const evidence =
        level === LEVEL.Tee
          ? await signatureFor(base, lost.job, worker, "0x06")
          : await proofFor(base, lost.job, worker.key.address, 3);
      await before.restore();
      await networkHelpers.mine(2);
      const mined = await requestJob(base, { level });
      expect(mined.terms.nonce).to.equal(lost.terms.nonce);
      expect(mined.jobId).not.to.equal(lost.jobId);
      const [verifier, reason] = level === LEVEL.Tee ? [tee, "EnclaveNotEnrolled"] : [groth16, "ProofInvalid"];
      await expect(market.connect(worker.key).fulfill(mined.job, "0x06", evidence)).to.be.revertedWithCustomError(
        verifier,
        reason,
      );
      await expect(market.connect(worker.key).fulfill(lost.job, "0x06", evidence))
        .to.be.revertedWithCustomError(market, "JobStateMismatch")
        .withArgs(lost.jobId, STATE.None);
    }
  });

  it("also draws anew: the seed is the hash of the block that it is in", async () => {
    const base = await load();
    for (let index = 1; index < 4; index++) await addWorker(base, base.versionId, index);
    const drawn = new Set<bigint>();
    for (let tries = 0; tries < 60 && drawn.size < 2; tries++) {
      const before = await networkHelpers.takeSnapshot();
      await networkHelpers.mine(tries + 1);
      const { job } = await requestJob(base);
      drawn.add((await base.market.drawnWorker(job)).workerId);
      await before.restore();
    }
    expect(drawn.size).to.equal(2);
  });
});
