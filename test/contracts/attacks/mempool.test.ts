import { expect } from "chai";
import { AbiCoder, keccak256, Wallet, ZeroAddress, ZeroHash } from "ethers";

import {
  LEVEL,
  networkHelpers,
  PARAMETERS,
  passTime,
  proofFor,
  requestJob,
  requestOf,
  signatureFor,
  STATE,
  type WorkerActor,
} from "../fixture.ts";
import { type Crowded, crowded, jobFor } from "../market/turns-crowd.ts";

const load = () => networkHelpers.loadFixture(crowded);
const BOND = { value: PARAMETERS.challengeBond };
const DEPOSIT = 10n ** 18n;

/** A worker that has the job first, and one that sees its transactions before they are mined. */
async function contested(base: Crowded, level: number, isOpen: boolean) {
  const [honest = base.worker, thief = base.worker] = base.crowd;
  const asked = await jobFor(base, honest, { level });
  if (isOpen) await passTime(asked.terms.requestedAt + 2n * PARAMETERS.priorityWindow);
  return { ...base, ...asked, honest, thief };
}

const evidenceOf = (
  base: Crowded,
  level: number,
  job: Awaited<ReturnType<typeof contested>>["job"],
  by: WorkerActor,
) => (level === LEVEL.Tee ? signatureFor(base, job, by, "0x06") : proofFor(base, job, by.key.address, 3));

describe("who copies what it sees in the mempool", function () {
  this.timeout(60_000);

  for (const level of ["Tee", "Zkml"] as const)
    it(`gains nothing at ${level}: evidence names the worker, in the windows and in the open lane`, async () => {
      for (const isOpen of [false, true]) {
        const base = await load();
        const { market, tee, groth16, job, jobId, honest, thief } = await contested(base, LEVEL[level], isOpen);
        const evidence = await evidenceOf(base, LEVEL[level], job, honest);
        const copied = () => market.connect(thief.key).fulfill(job, "0x06", evidence);
        if (!isOpen) await expect(copied()).to.be.revertedWithCustomError(market, "NotDrawn");
        else if (level === "Zkml") await expect(copied()).to.be.revertedWithCustomError(groth16, "ProofInvalid");
        else await expect(copied()).to.be.revertedWithCustomError(tee, "EnclaveNotEnrolled");
        await market.connect(honest.key).fulfill(job, "0x06", evidence);
        expect((await market.statusOf(jobId)).workerId).to.equal(honest.id);
      }
    });

  it("and posts the answer early in the open lane needs evidence of its own, or pays the requester", async () => {
    const base = await load();
    const { market, requester, job, jobId, honest, thief } = await contested(base, LEVEL.Zkml, true);
    const evidence = await proofFor(base, job, honest.key.address, 3);
    const before = await market.balanceOf(requester);
    await market.connect(thief.key).execute(job, "0x06");
    await expect(market.connect(honest.key).fulfill(job, "0x06", evidence))
      .to.be.revertedWithCustomError(market, "NotBoundWorker")
      .withArgs(jobId, thief.id);
    await passTime((await market.statusOf(jobId)).dueAt);
    await market.expire(job);
    const { maxFee } = await market.describe(job);
    expect(await market.balanceOf(requester)).to.equal(before + maxFee + PARAMETERS.jobStake / 2n);
    const { slashed, done } = await market.standingOf(thief.id);
    expect([slashed, done]).to.deep.equal([1n, 0n]);
  });

  it("can take no Vanilla answer while a drawn worker has priority; in the open lane it stakes on what it copied", async () => {
    const base = await load();
    const closed = await contested(base, LEVEL.Vanilla, false);
    await expect(base.market.connect(closed.thief.key).execute(closed.job, "0x06"))
      .to.be.revertedWithCustomError(base.market, "NotDrawn")
      .withArgs(closed.jobId, closed.honest.id, closed.terms.requestedAt + PARAMETERS.priorityWindow);
    await base.market.connect(closed.honest.key).execute(closed.job, "0x06");

    const { market, challenger, job, jobId, thief, honest } = await contested(base, LEVEL.Vanilla, true);
    const bound = (await market.standingOf(thief.id)).bound;
    await market.connect(thief.key).execute(job, "0x07");
    expect((await market.standingOf(thief.id)).bound).to.equal(bound + PARAMETERS.jobStake);
    await expect(market.connect(honest.key).execute(job, "0x06"))
      .to.be.revertedWithCustomError(market, "JobStateMismatch")
      .withArgs(jobId, STATE.Executed);
    await market.connect(challenger).challenge(job, BOND);
    await passTime((await market.statusOf(jobId)).dueAt);
    await market.resolve(job);
    expect((await market.standingOf(thief.id)).slashed).to.equal(1n);
  });

  it("gains nothing from a commitment: it names the key that reveals", async () => {
    const base = await load();
    const { market, crowd } = base;
    const [honest = base.worker, thief = base.worker] = crowd;
    const { job, jobId, terms } = await requestJob(base, { copies: 2n });
    await passTime(terms.requestedAt + 2n * PARAMETERS.priorityWindow);
    const commitment = keccak256(
      AbiCoder.defaultAbiCoder().encode(
        ["bytes32", "address", "bytes32", "bytes32"],
        [jobId, honest.key.address, keccak256("0x06"), ZeroHash],
      ),
    );
    for (const { key } of [thief, honest]) await market.connect(key).commit(job, commitment);
    await market.connect(honest.key).reveal(job, "0x06", ZeroHash);
    await expect(market.connect(thief.key).reveal(job, "0x06", ZeroHash))
      .to.be.revertedWithCustomError(market, "CommitmentMismatch")
      .withArgs(jobId, thief.id);
  });

  it("cannot bring the evidence of a challenged answer in the worker's place", async () => {
    const base = await load();
    const { market, challenger, job, jobId, honest, thief } = await contested(base, LEVEL.Vanilla, false);
    await market.connect(honest.key).execute(job, "0x06");
    await market.connect(challenger).challenge(job, BOND);
    const evidence = await proofFor(base, job, honest.key.address, 3);
    await expect(market.connect(thief.key).fulfill(job, "0x06", evidence))
      .to.be.revertedWithCustomError(market, "NotBoundWorker")
      .withArgs(jobId, honest.id);
    await market.connect(honest.key).fulfill(job, "0x06", evidence);
  });

  it("and challenges first takes the bond's risk, and the one who comes second keeps its own", async () => {
    const base = await load();
    const { market, challenger, stranger, job, jobId, honest } = await contested(base, LEVEL.Vanilla, false);
    await market.connect(honest.key).execute(job, "0x06");
    await market.connect(stranger).challenge(job, BOND);
    await market.deposit(challenger, DEPOSIT, { value: DEPOSIT });
    await expect(market.connect(challenger).challenge(job))
      .to.be.revertedWithCustomError(market, "JobStateMismatch")
      .withArgs(jobId, STATE.Challenged);
    expect(await market.balanceOf(challenger)).to.equal(DEPOSIT);
    await market.connect(honest.key).fulfill(job, "0x06", await proofFor(base, job, honest.key.address, 3));
    expect(await market.balanceOf(stranger)).to.equal(0n);
  });

  it("can send a signed request in another's place, which is one job and one relay fee all the same", async () => {
    const base = await load();
    const { market, stranger, challenger, versionId } = base;
    const requester = new Wallet(keccak256("0x51"));
    await market.deposit(requester, DEPOSIT, { value: DEPOSIT });
    const signed = {
      request: requestOf(versionId),
      inputHash: keccak256("0x03"),
      requester: requester.address,
      consumer: ZeroAddress,
      nonce: 1n,
      validUntil: BigInt(await networkHelpers.time.latest()) + 1_000n,
      relayFee: 5n,
    };
    const signature = requester.signingKey.sign(await market.signedRequestDigest(signed)).serialized;
    await market.connect(stranger).requestSigned(signed, "0x03", signature);
    await expect(market.connect(challenger).requestSigned(signed, "0x03", signature)).to.be.revertedWithCustomError(
      market,
      "NonceUsed",
    );
    expect([await market.balanceOf(stranger), await market.balanceOf(challenger)]).to.deep.equal([5n, 0n]);
    expect(await market.nonceOf(requester)).to.equal(1n);
  });
});
