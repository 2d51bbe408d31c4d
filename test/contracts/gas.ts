import { AbiCoder, concat, keccak256, type TransactionResponse, ZeroAddress } from "ethers";

import { doubling } from "./doubling.ts";
import {
  addVersion,
  addWorker,
  ALL_LEVELS,
  BURN,
  ETHER,
  ethers,
  LEVEL,
  MIN_FEE,
  lastJob,
  networkHelpers,
  PARAMETERS,
  passTime,
  PRICE,
  proofFor,
  type RequestedJob,
  requestJob,
  requestOf,
  served,
  signatureFor,
  specOf,
  STAKE,
  type WorkerActor,
} from "./fixture.ts";
import { REQUEST_GAS, requestTogether, together } from "./market/jobs.ts";

const BATCH = 32;

export type GasFigures = Record<string, number>;

const SALT = keccak256("0x5a17");

/**
 * Gas of whole transactions, base cost and calldata included, in the state that they are usually in: prepaid accounts,
 * and a worker that did a job before. Jobs have a fixed fee and no royalty unless the name says so.
 */
export async function measureGas(): Promise<GasFigures> {
  const figures: GasFigures = {};
  for (const scenario of [
    accounts,
    workers,
    vanilla,
    tee,
    zkml,
    challenges,
    exits,
    callbacks,
    rounds,
    batches,
    calledBatches,
    provenBatches,
  ]) {
    Object.assign(figures, await scenario(await usual()));
  }
  return {
    ...figures,
    "whole Vanilla job": total(figures, "request Vanilla", "execute Vanilla", "settle"),
    "whole Tee job": total(figures, "request Tee", "fulfill Tee"),
    "whole Zkml job": total(figures, "request Zkml", "fulfill Zkml"),
  };
}

type Usual = Awaited<ReturnType<typeof usual>>;

async function usual() {
  const base = await networkHelpers.loadFixture(served);
  const { market, worker, owner } = base;
  for (const account of [worker.operator, owner, base.requester])
    await market.deposit(account, ETHER, { value: ETHER });
  await networkHelpers.setBalance(BURN, 1n);
  const versionId = await addVersion(base, { royalty: 0n });
  await base.workers.connect(worker.key).serve(worker.id, versionId, ALL_LEVELS);
  const { job } = await requestJob({ ...base, versionId }, { level: LEVEL.Tee });
  await market.connect(worker.key).fulfill(job, "0x06", await signatureFor(base, job, worker, "0x06"));
  return { ...base, versionId, royaltyVersionId: base.versionId };
}

async function accounts({ market, requester, stranger }: Usual): Promise<GasFigures> {
  return {
    "deposit, first": await gasOf(market.connect(stranger).deposit(stranger, 1n, { value: 1n })),
    "deposit, again": await gasOf(market.connect(stranger).deposit(stranger, 1n, { value: 1n })),
    withdraw: await gasOf(market.connect(requester).withdraw(1n, requester)),
  };
}

async function workers({ workers, models, owner, others, versionId }: Usual): Promise<GasFigures> {
  const [operator, key] = others.slice(10);
  if (!operator || !key) throw new Error("too few accounts");
  const register = await gasOf(workers.connect(operator).register(key, PRICE, STAKE, { value: STAKE }));
  const id = await workers.workerIdOf(key);
  const proofless = specOf({ levels: 2 });
  return {
    "register worker": register,
    "serve one level": await gasOf(workers.connect(key).serve(id, versionId, 1)),
    "stop serving": await gasOf(workers.connect(key).serve(id, versionId, 0)),
    "register model": await gasOf(models.connect(owner).registerModel("another")),
    "add version without circuit": await gasOf(
      models.connect(owner).addVersion(1, proofless, "0x", { binding: 0n, input: "0x", output: "0x", proof: "0x" }),
    ),
  };
}

async function vanilla(base: Usual): Promise<GasFigures> {
  const { market, worker, requester, versionId, royaltyVersionId } = base;
  const request = await gasOf(market.connect(requester).request(fixedFee(versionId), "0x03"));
  const { job, jobId } = await lastJob(base);
  const execute = await gasOf(market.connect(worker.key).execute(job, "0x06"));
  await passTime((await market.statusOf(jobId)).dueAt);
  const settle = await gasOf(market.settle(job, "0x"));
  const { job: costly, jobId: costlyId } = await requestJob({ ...base, versionId: royaltyVersionId });
  const ramped = await gasOf(market.connect(worker.key).execute(costly, "0x06"));
  await passTime((await market.statusOf(costlyId)).dueAt);
  return {
    "request Vanilla": request,
    "execute Vanilla": execute,
    settle,
    "execute Vanilla, part of the fee goes back": ramped,
    "settle with a royalty": await gasOf(market.settle(costly, "0x")),
  };
}

async function tee(base: Usual): Promise<GasFigures> {
  const { market, worker, requester, versionId, tee: verifier } = base;
  const request = await gasOf(market.connect(requester).request(fixedFee(versionId, LEVEL.Tee), "0x03"));
  const { job } = await lastJob(base);
  const signature = await signatureFor(base, job, worker, "0x06");
  const statement = {
    resultDigest: await market.resultDigest(job, keccak256("0x06"), worker.key),
    versionId,
    inputHash: job.inputHash,
    worker: worker.key,
    verificationKey: ZeroAddress,
    ownMeasurements: false,
    output: "0x06",
  };
  const call = await verifier.verify.populateTransaction(statement, signature);
  return {
    "request Tee": request,
    "fulfill Tee": await gasOf(market.connect(worker.key).fulfill(job, "0x06", signature)),
    "verify the signature of an enclave": await gasOf(requester.sendTransaction(call)),
  };
}

async function zkml(base: Usual): Promise<GasFigures> {
  const { market, worker, requester, versionId, groth16, models } = base;
  const request = await gasOf(market.connect(requester).request(fixedFee(versionId, LEVEL.Zkml), "0x03"));
  const { job } = await lastJob(base);
  const proof = await proofFor(base, job, worker.key.address, 3);
  const { verificationKey } = await models.terms(versionId);
  const binding = 2n ** 248n - 1n;
  const sample = await (await doubling()).prove(binding, 3);
  const call = await groth16.verifyProof.populateTransaction(verificationKey, binding, concat([sample, "0x0306"]));
  return {
    "request Zkml": request,
    "fulfill Zkml": await gasOf(market.connect(worker.key).fulfill(job, "0x06", proof)),
    "verify a proof of one word": await gasOf(requester.sendTransaction(call)),
  };
}

async function challenges(base: Usual): Promise<GasFigures> {
  const { market, worker, challenger } = base;
  const bond = { value: PARAMETERS.challengeBond };
  const { job, jobId } = await requestJob(base);
  await market.connect(worker.key).execute(job, "0x06");
  const challenge = await gasOf(market.connect(challenger).challenge(job, bond));
  await passTime((await market.statusOf(jobId)).dueAt);
  const resolve = await gasOf(market.resolve(job));

  const { job: defended } = await requestJob(base);
  await market.connect(worker.key).execute(defended, "0x06");
  await market.connect(challenger).challenge(defended, bond);
  const proof = await proofFor(base, defended, worker.key.address, 3);
  return {
    challenge,
    "resolve with slash": resolve,
    "defend with a proof": await gasOf(market.connect(worker.key).fulfill(defended, "0x06", proof)),
  };
}

async function exits(base: Usual): Promise<GasFigures> {
  const { market, worker } = base;
  const { job, terms } = await requestJob(base);
  await passTime(terms.deadline);
  const expire = await gasOf(market.expire(job));

  const { job: claimed, jobId } = await requestJob(base, { level: LEVEL.Zkml });
  const claim = await gasOf(market.connect(worker.key).claim(claimed));
  await passTime((await market.statusOf(jobId)).dueAt);
  return { expire, claim, "expire with slash": await gasOf(market.expire(claimed)) };
}

async function callbacks(base: Usual): Promise<GasFigures> {
  const { market, worker, versionId, requester } = base;
  const untyped = await ethers.deployContract("SupportDesk", [market, versionId]);
  const desk = await ethers.getContractAt("SupportDesk", untyped);
  const fee = 2_000_000_000_000n;
  await market.deposit(desk, fee, { value: fee });
  const ask = await gasOf(desk.connect(requester).ask("0x03", LEVEL.Vanilla, { value: fee }));
  const { job } = await lastJob(base);
  const ownRequest = requestOf(versionId, { callbackGas: 100_000n });
  return {
    "ask through the SupportDesk": ask,
    "execute with the SupportDesk's callback": await gasOf(market.connect(worker.key).execute(job, "0x06")),
    "request with a callback": await gasOf(market.connect(requester).request(ownRequest, "0x03")),
  };
}

async function batches(base: Usual): Promise<GasFigures> {
  const { market, worker, versionId } = base;
  const jobs = await requestTogether(
    base,
    Array.from({ length: BATCH }, () => fixedFee(versionId)),
  );
  const answers = jobs.map(({ job }) => ({ job, output: "0x06" }));
  const execute = await gasOf(market.connect(worker.key).executeBatch(answers));
  await passTime(await lastDue(base, jobs));
  const settle = await gasOf(market.settleBatch(answers.map(({ job }) => ({ job, output: "0x" }))));
  return { "execute in a batch of 32, each": each(execute), "settle in a batch of 32, each": each(settle) };
}

/** Called back when the answer is there; the gas of the consumer is included. */
async function calledBatches(base: Usual): Promise<GasFigures> {
  const { market, worker, versionId, requester } = base;
  const untyped = await ethers.deployContract("SupportDesk", [market, versionId]);
  const desk = (await ethers.getContractAt("SupportDesk", untyped)).connect(requester);
  const send = { value: MIN_FEE, gasLimit: REQUEST_GAS };
  const jobs = await together(
    base,
    Array.from({ length: BATCH }, () => () => desk.ask("0x03", LEVEL.Vanilla, send)),
  );
  const answers = jobs.map(({ job }) => ({ job, output: "0x06" }));
  return {
    "execute in a batch of 32 with a callback, each": each(
      await gasOf(market.connect(worker.key).executeBatch(answers)),
    ),
  };
}

async function provenBatches(base: Usual): Promise<GasFigures> {
  const { market, worker, versionId } = base;
  const jobs = await requestTogether(
    base,
    Array.from({ length: BATCH }, () => fixedFee(versionId, LEVEL.Zkml)),
  );
  const answers = [];
  for (const { job } of jobs)
    answers.push({ job, output: "0x06", evidence: await proofFor(base, job, worker.key.address, 3) });
  const fulfill = await gasOf(market.connect(worker.key).fulfillBatch(answers));
  return { "fulfill in a batch of 32 proofs, each": each(fulfill) };
}

function each(gas: number): number {
  return Math.ceil(gas / BATCH);
}

async function lastDue({ market }: Usual, jobs: readonly RequestedJob[]): Promise<bigint> {
  const last = jobs.at(-1);
  if (last === undefined) throw new Error("no jobs");
  return (await market.statusOf(last.jobId)).dueAt;
}

/** Copies act when anybody may, so that no draw is made: what one costs depends on how many places it looks at. */
async function rounds(base: Usual): Promise<GasFigures> {
  const { market, requester, versionId } = base;
  const crowd = [base.worker];
  for (const index of [1, 2, 3, 4, 5]) crowd.push(await addWorker(base, versionId, index));
  const request = await gasOf(market.connect(requester).request({ ...fixedFee(versionId), copies: 3n }, "0x03"));
  const { job, jobId, terms } = await lastJob(base);
  await passTime(terms.requestedAt + 2n * PARAMETERS.priorityWindow);
  const answering = crowd.slice(0, 3);
  const commits: number[] = [];
  for (const { key } of answering)
    commits.push(await gasOf(market.connect(key).commit(job, commitmentOf(jobId, key.address, "0x06"))));
  const reveals: number[] = [];
  for (const { key } of answering) reveals.push(await gasOf(market.connect(key).reveal(job, "0x06", SALT)));
  const tally = await gasOf(market.tally(job, "0x"));
  await passTime((await market.statusOf(jobId)).dueAt);
  const settle = await gasOf(market.settle(job, "0x"));
  const [first, second, last] = commits;
  const [reveal] = reveals;
  if (first === undefined || second === undefined || last === undefined || reveal === undefined)
    throw new Error("too few seats");
  return {
    "request 3 copies": request,
    "commit, first of 3": first,
    commit: second,
    "commit, last of 3": last,
    reveal,
    "tally 3 copies": tally,
    "settle 3 copies": settle,
    "whole job with 3 copies": [request, ...commits, ...reveals, tally, settle].reduce((sum, gas) => sum + gas),
    ...(await panel(base, crowd)),
  };
}

/** A panel whose draw looks at three places, which is the least. */
async function panel(base: Usual, crowd: readonly WorkerActor[]): Promise<GasFigures> {
  const { market, workers, worker, challenger } = base;
  const versionId = await addVersion(base, { royalty: 0n, levels: 1 });
  for (const { id, key } of crowd) await workers.connect(key).serve(id, versionId, 1);
  const { job, jobId, terms } = await requestJob({ ...base, versionId }, { maxFee: MIN_FEE });
  await passTime(terms.requestedAt + 2n * PARAMETERS.priorityWindow);
  await market.connect(worker.key).execute(job, "0x06");
  const challenge = await gasOf(market.connect(challenger).challenge(job, { value: PARAMETERS.challengeBond }));
  const panelId = await market.panelIdOf(jobId);
  await drawWithoutRepeats(base, versionId, panelId);
  const commits: number[] = [];
  const members = await market.panelDraw(job);
  for (const id of members) {
    const { key } = await workers.workerOf(id);
    const signer = await ethers.getSigner(key);
    commits.push(await gasOf(market.connect(signer).commitVerdict(job, commitmentOf(panelId, key, "0x06"))));
  }
  const reveals: number[] = [];
  for (const id of members) {
    const signer = await ethers.getSigner((await workers.workerOf(id)).key);
    reveals.push(await gasOf(market.connect(signer).revealVerdict(job, keccak256("0x06"), SALT)));
  }
  const resolve = await gasOf(market.resolve(job));
  const [commit] = commits;
  const [reveal] = reveals;
  if (commit === undefined || reveal === undefined) throw new Error("nobody sat");
  return {
    "challenge that calls a panel": challenge,
    "commit verdict, first of 3": commit,
    "reveal verdict": reveal,
    "resolve by a panel that upholds": resolve,
    "whole verdict, without the challenge": [...commits, ...reveals, resolve].reduce((sum, gas) => sum + gas),
  };
}

/** Waits for a block of which the first three places are of three workers besides the one that answered. */
async function drawWithoutRepeats(
  { market, workers, worker }: Usual,
  versionId: string,
  panelId: string,
): Promise<void> {
  const { seedBlock, candidates } = await market.roundOf(panelId);
  for (let block = seedBlock; ; block += 200n) {
    await networkHelpers.mine(block + 1n - BigInt(await ethers.provider.getBlockNumber()), { interval: 0 });
    const seed = (await ethers.provider.getBlock(Number(block)))?.hash;
    const drawn = new Set([worker.id]);
    for (const attempt of [0, 1, 2]) {
      const words = AbiCoder.defaultAbiCoder().encode(["bytes32", "bytes32", "uint256"], [seed, panelId, attempt]);
      drawn.add((await workers.candidateAt(versionId, LEVEL.Vanilla, BigInt(keccak256(words)) % candidates)).workerId);
    }
    if (drawn.size === 4) return;
  }
}

function fixedFee(versionId: string, level: number = LEVEL.Vanilla) {
  return requestOf(versionId, { level, maxFee: MIN_FEE });
}

async function gasOf(sending: Promise<TransactionResponse>): Promise<number> {
  const receipt = await (await sending).wait();
  if (receipt === null) throw new Error("the transaction was not mined");
  return Number(receipt.gasUsed);
}

function total(figures: GasFigures, ...names: string[]): number {
  return names.reduce((sum, name) => sum + (figures[name] ?? NaN), 0);
}

function commitmentOf(roundId: string, key: string, output: string): string {
  const words = [roundId, key, keccak256(output), SALT];
  return keccak256(AbiCoder.defaultAbiCoder().encode(["bytes32", "address", "bytes32", "bytes32"], words));
}
