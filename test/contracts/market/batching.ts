import { expect } from "chai";
import {
  type BaseContract,
  type ContractTransactionReceipt,
  type ContractTransactionResponse,
  keccak256,
} from "ethers";

import { addVersion, addWorker, ALL_LEVELS, type Deployed, networkHelpers, PARAMETERS, served } from "../fixture.ts";

/** The code of an item that was done. */
export const DONE = "0x00000000";
/** More than any batch here needs, below the most that a transaction may have. */
export const PLENTY = { gasLimit: 10_000_000n };

export type Batching = Awaited<ReturnType<typeof batching>>;

/** One worker serves two versions alone; a third version, which it is about to serve, is still only another one's. */
export async function batching() {
  const base = await served();
  const { worker, workers } = base;
  const secondVersionId = await addVersion(base, { manifestDigest: keccak256("0x2222"), royalty: 0n });
  await workers.connect(worker.key).serve(worker.id, secondVersionId, ALL_LEVELS);
  const othersVersionId = await addVersion(base, { manifestDigest: keccak256("0x3333") });
  const other = await addWorker(base, othersVersionId, 1);
  return { ...base, secondVersionId, othersVersionId, other };
}

/** The two sides of a batch: what it would return, and the transaction. */
export interface Batch<T> {
  (items: T[], overrides: typeof PLENTY): Promise<ContractTransactionResponse>;
  staticCall(items: T[], overrides: typeof PLENTY): Promise<string[]>;
}

/** Sends a batch and returns its codes; what it returns and what it tells in events must agree. */
export async function sendBatch<T>(
  { market }: Pick<Deployed, "market">,
  batch: Batch<T>,
  items: T[],
  overrides = PLENTY,
): Promise<{ codes: string[]; receipt: ContractTransactionReceipt }> {
  const codes = [...(await batch.staticCall(items, overrides))];
  const receipt = await (await batch(items, overrides)).wait();
  if (receipt === null) throw new Error("the batch was not mined");
  const told = items.map(() => DONE);
  for (const log of receipt.logs) {
    const event = market.interface.parseLog(log);
    if (event?.name === "BatchItemFailed") told[Number(event.args[0])] = String(event.args[1]);
  }
  expect(told).to.deep.equal(codes);
  return { codes, receipt };
}

/** The code of an item that failed with this error. */
export function codeOf({ interface: abi }: BaseContract, name: string): string {
  const error = abi.getError(name);
  if (error === null) throw new Error(`there is no error ${name}`);
  return error.selector;
}

/** States of jobs, in their order. */
export async function statesOf(
  { market }: Pick<Deployed, "market">,
  jobs: readonly { readonly jobId: string }[],
): Promise<number[]> {
  return Promise.all(jobs.map(async ({ jobId }) => Number((await market.statusOf(jobId)).state)));
}

/** Past the windows of drawn workers and the deadline of the shortest job there can be. */
export async function passShortestLife(): Promise<void> {
  await networkHelpers.time.increase(2n * PARAMETERS.priorityWindow + 2n);
}
