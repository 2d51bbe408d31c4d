import { concat, type TransactionResponse } from "ethers";

import { doubling } from "./doubling.ts";
import {
  addVersion,
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
  requestJob,
  requestOf,
  served,
  signatureFor,
  specOf,
  STAKE,
} from "./fixture.ts";

export type GasFigures = Record<string, number>;

/**
 * Gas of whole transactions, base cost and calldata included, in the state that they are usually in: prepaid accounts,
 * and an operator that was paid before. Jobs have a fixed fee and no royalty unless the name says so.
 */
export async function measureGas(): Promise<GasFigures> {
  const figures: GasFigures = {};
  for (const scenario of [accounts, workers, vanilla, tee, zkml, challenges, exits, callbacks]) {
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
  const { market, worker, requester, versionId } = base;
  const request = await gasOf(market.connect(requester).request(fixedFee(versionId, LEVEL.Tee), "0x03"));
  const { job } = await lastJob(base);
  const signature = await signatureFor(base, job, worker, "0x06");
  return {
    "request Tee": request,
    "fulfill Tee": await gasOf(market.connect(worker.key).fulfill(job, "0x06", signature)),
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
