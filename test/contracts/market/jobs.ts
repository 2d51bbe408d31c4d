import type { ContractTransactionResponse } from "ethers";

import type {
  JobDescriptionStruct,
  JobStruct,
  RequestStruct,
} from "../../../types/ethers-contracts/contracts/interfaces/IInferenceMarket.ts";
import {
  type Deployed,
  ethers,
  type Job,
  type JobTerms,
  networkHelpers,
  plainJob,
  type RequestedJob,
  requestOf,
} from "../fixture.ts";

/** Enough for any request, as nobody can estimate in a block that is not there yet. */
export const REQUEST_GAS = 500_000n;

/** Requests that are all in one block, so that the same windows of all their jobs are open. */
export async function requestTogether(
  base: Pick<Deployed, "market" | "requester"> & { versionId: string },
  requests: readonly Partial<RequestStruct>[],
): Promise<RequestedJob[]> {
  const { market, requester, versionId } = base;
  const asking = market.connect(requester);
  return together(
    base,
    requests.map((request) => () => asking.request(requestOf(versionId, request), "0x03", { gasLimit: REQUEST_GAS })),
  );
}

/** The jobs that transactions in one block ask for. The next block is there already, so that the draw is known. */
export async function together(
  { market }: Pick<Deployed, "market">,
  sends: readonly (() => Promise<ContractTransactionResponse>)[],
): Promise<RequestedJob[]> {
  await ethers.provider.send("evm_setAutomine", [false]);
  try {
    for (const send of sends) await send();
    await networkHelpers.mine();
  } finally {
    await ethers.provider.send("evm_setAutomine", [true]);
  }
  const events = await market.queryFilter(market.filters.JobRequested(), "latest");
  if (events.length !== sends.length) throw new Error(`${events.length} of ${sends.length} jobs were requested`);
  await networkHelpers.mine();
  return Promise.all(
    events.map(async ({ args }) => {
      const job = plainJob(args.job);
      return { jobId: args.jobId, job, terms: await market.describe(job) };
    }),
  );
}

/** The job with other terms, which nobody asked for. */
export async function alteredJob(
  { market }: Pick<Deployed, "market">,
  terms: JobTerms,
  changes: Partial<JobDescriptionStruct>,
): Promise<Job> {
  return plainJob(await market.packJob({ ...plainTerms(terms), ...changes }));
}

/** The job with one word replaced by anything. */
export function withSchedule(job: Job, schedule: bigint): JobStruct {
  const { versionId, inputHash, requesterAndMinFee, consumerAndMaxFee, drawTerms } = job;
  return { versionId, inputHash, requesterAndMinFee, consumerAndMaxFee, drawTerms, schedule };
}

/** There is no level 3. */
export function withoutLevel(job: Job): JobStruct {
  return withSchedule(job, job.schedule | (3n << 6n));
}

/** A copy that can be changed and passed back: ethers' results are frozen. */
export function plainTerms(terms: JobTerms): JobDescriptionStruct {
  return {
    versionId: terms.versionId,
    inputHash: terms.inputHash,
    requester: terms.requester,
    consumer: terms.consumer,
    level: terms.level,
    callbackAt: terms.callbackAt,
    callbackGas: terms.callbackGas,
    minFee: terms.minFee,
    maxFee: terms.maxFee,
    requestedAt: terms.requestedAt,
    deadline: terms.deadline,
    challengeWindow: terms.challengeWindow,
    copies: terms.copies,
    requestBlock: terms.requestBlock,
    candidates: terms.candidates,
    maxPrice: terms.maxPrice,
    royalty: terms.royalty,
    outputBytes: terms.outputBytes,
    textOutput: terms.textOutput,
    feeBasisPoints: terms.feeBasisPoints,
    nonce: terms.nonce,
  };
}

/** What a worker may withdraw, and the stake that jobs hold. */
export async function earnedAndBound(
  { market }: Pick<Deployed, "market">,
  { id }: { readonly id: bigint },
): Promise<[earned: bigint, bound: bigint]> {
  const { earned, bound } = await market.standingOf(id);
  return [earned, bound];
}
