import { expect } from "chai";
import { AbiCoder, type BaseContract, id, keccak256 } from "ethers";

import { enroll } from "../enclaves.ts";
import {
  addVersion,
  addWorker,
  BURN,
  type Deployed,
  ethers,
  expectSolvent,
  networkHelpers,
  PARAMETERS,
  passTime,
  PHASE,
  PRICE,
  requestJob,
  type RequestedJob,
  ROYALTY,
  served,
  STAKE,
  STATE,
  type WorkerActor,
} from "../fixture.ts";

export const SEAT = { Committed: 0, Revealed: 1, Lost: 2, Released: 3 } as const;
export const PANEL_SEATS = 3n;
export const RIGHT = "0x06";
export const WRONG = "0x07";
export const SALT = id("salt");
export const BOND = { value: PARAMETERS.challengeBond };
/** A fixed fee that divides by 2, 3 and 7 with a rest. */
export const FEE = 1_000_000_000_011n;

const NO_EVIDENCE = 1;
const TEE_ONLY = 3;
const CROWD = 11;

export type Crowded = Awaited<ReturnType<typeof crowded>>;

/** Eleven workers that serve three versions: judged by signatures (`versionId`), by proofs, and by panels. */
export async function crowded() {
  const base = await served();
  const provedVersionId = base.versionId;
  const versionId = await addVersion(base, { levels: TEE_ONLY });
  const panelVersionId = await addVersion(base, { levels: NO_EVIDENCE });
  const crowd = [base.worker];
  for (let index = 1; index < CROWD; index++) crowd.push(await addMember(base, provedVersionId, index));
  for (const { id: workerId, key } of crowd) {
    await base.workers.connect(key).serve(workerId, versionId, TEE_ONLY);
    await base.workers.connect(key).serve(workerId, panelVersionId, NO_EVIDENCE);
  }
  return { ...base, versionId, provedVersionId, panelVersionId, crowd };
}

/** The first three have operators of their own, the others one in common. */
async function addMember(base: Deployed, versionId: string, index: number): Promise<WorkerActor> {
  if (index < 3) return addWorker(base, versionId, index);
  const [operator, key] = [base.admin, base.others[3 + index]];
  if (!key) throw new Error("too few accounts");
  await base.workers.connect(operator).register(key, PRICE, STAKE, { value: STAKE });
  const workerId = await base.workers.workerIdOf(key);
  await base.workers.connect(key).serve(workerId, versionId, 7);
  const enclave = new ethers.Wallet(id(`enclave ${index}`));
  await enroll(base.enclaves, enclave, key);
  return { id: workerId, operator, key, enclave };
}

/** Fixes the time of the next block, which else depends on how long the test took until then, and tells it. */
export async function nextTime(): Promise<bigint> {
  const next = BigInt(await networkHelpers.time.latest()) + 1n;
  await networkHelpers.time.setNextBlockTimestamp(next);
  return next;
}

export function commitmentOf(roundId: string, key: string, outputHash: string, salt = SALT): string {
  return keccak256(
    AbiCoder.defaultAbiCoder().encode(["bytes32", "address", "bytes32", "bytes32"], [roundId, key, outputHash, salt]),
  );
}

/** What a seat keeps of an output's hash. */
export const kept = (output: string) => keccak256(output).slice(0, 2 + 56);

export async function commit({ market }: Crowded, { job, jobId }: RequestedJob, worker: WorkerActor, output: string) {
  return market.connect(worker.key).commit(job, commitmentOf(jobId, worker.key.address, keccak256(output)));
}

export async function reveal({ market }: Crowded, { job }: RequestedJob, worker: WorkerActor, output: string) {
  return market.connect(worker.key).reveal(job, output, SALT);
}

export async function commitVerdict(
  { market }: Crowded,
  { job, jobId }: RequestedJob,
  member: WorkerActor,
  output: string,
) {
  const panelId = await market.panelIdOf(jobId);
  return market.connect(member.key).commitVerdict(job, commitmentOf(panelId, member.key.address, keccak256(output)));
}

export async function revealVerdict({ market }: Crowded, { job }: RequestedJob, member: WorkerActor, output: string) {
  return market.connect(member.key).revealVerdict(job, keccak256(output), SALT);
}

/** What a worker does with its seat: what it commits to, and whether it reveals. */
export interface Play {
  readonly output: string;
  readonly silent?: boolean;
}

export const right: Play = { output: RIGHT };
export const wrong: Play = { output: WRONG };
export const silent: Play = { output: RIGHT, silent: true };
export const other = (output: string): Play => ({ output });

/** The workers in the order of the plays; seats for which there is no play stay empty. */
export async function requestCopies(
  base: Crowded,
  copies: number,
  overrides: Parameters<typeof requestJob>[1] = {},
): Promise<RequestedJob> {
  const asked = await requestJob(base, { copies: BigInt(copies), minFee: FEE, maxFee: FEE, ...overrides });
  await passTime(asked.terms.requestedAt + 2n * PARAMETERS.priorityWindow);
  return asked;
}

/** Commits and reveals in the open lane, with one worker of the crowd for each play; does not tally. */
export async function playCopies(base: Crowded, asked: RequestedJob, plays: readonly Play[]): Promise<void> {
  const { market, crowd } = base;
  const acting = plays.map((play, i) => ({ play, worker: at(crowd, i) }));
  for (const { play, worker } of acting) await commit(base, asked, worker, play.output);
  if (BigInt(plays.length) < asked.terms.copies) {
    await passTime(asked.terms.deadline);
    await market.openReveals(asked.job);
  }
  for (const { play, worker } of acting) if (!play.silent) await reveal(base, asked, worker, play.output);
  if (plays.some((play) => play.silent)) await passTime((await market.roundOf(asked.jobId)).dueAt);
}

/** Requests, plays and tallies. */
export async function tallied(
  base: Crowded,
  copies: number,
  plays: readonly Play[],
  overrides: Parameters<typeof requestJob>[1] = {},
): Promise<RequestedJob> {
  const asked = await requestCopies(base, copies, overrides);
  await playCopies(base, asked, plays);
  await base.market.tally(asked.job, "0x");
  return asked;
}

/** The workers that may sit now. */
export async function drawnPanel({ market, crowd }: Crowded, { job }: RequestedJob): Promise<WorkerActor[]> {
  await networkHelpers.mine();
  const ids = await market.panelDraw(job);
  return ids.map((drawn) => {
    const member = crowd.find((worker) => worker.id === drawn);
    if (member === undefined) throw new Error(`${drawn} is not of the crowd`);
    return member;
  });
}

/** Lets the first drawn members play, and waits for whoever is silent; does not resolve. */
export async function playPanel(
  base: Crowded,
  asked: RequestedJob,
  plays: readonly Play[],
): Promise<readonly WorkerActor[]> {
  const { market } = base;
  const panelId = await market.panelIdOf(asked.jobId);
  const members = (await drawnPanel(base, asked)).slice(0, plays.length);
  const acting = members.map((member, i) => ({ member, play: at(plays, i) }));
  for (const { member, play } of acting) await commitVerdict(base, asked, member, play.output);
  if (plays.length < PANEL_SEATS) {
    await passTime((await market.roundOf(panelId)).dueAt);
    if (plays.length < 2) return members;
    await market.resolve(asked.job);
  }
  for (const { member, play } of acting) if (!play.silent) await revealVerdict(base, asked, member, play.output);
  if (plays.some((play) => play.silent)) await passTime((await market.roundOf(panelId)).dueAt);
  return members;
}

/** Fails unless the market holds what it owes, and of every worker's stake exactly what open seats and jobs bind. */
export async function expectBalanced(
  base: Crowded,
  asked: RequestedJob,
  consumers: readonly BaseContract[] = [],
): Promise<void> {
  const { market, crowd } = base;
  await expectSolvent(base, [asked.job], consumers);
  const holders = [
    ...(await holdersOf(market, asked.jobId)),
    ...(await holdersOf(market, await market.panelIdOf(asked.jobId))),
  ];
  const { state, workerId } = await market.statusOf(asked.jobId);
  const isBound = [STATE.Claimed, STATE.Executed, STATE.Challenged].some((bound) => BigInt(bound) === state);
  if (isBound && workerId !== 0n) holders.push(workerId);
  for (const { id: workerId } of crowd) {
    const holds = BigInt(holders.filter((holder) => holder === workerId).length);
    expect(await market.boundOf(workerId), `bound of worker ${workerId}`).to.equal(holds * PARAMETERS.jobStake);
  }
}

/** Fails unless the job is over and holds neither money nor stake. */
export async function expectOver(base: Crowded, asked: RequestedJob): Promise<void> {
  const { market, crowd } = base;
  const { state } = await market.statusOf(asked.jobId);
  expect(state >= BigInt(STATE.Settled), `state ${state} is final`).to.equal(true);
  for (const worker of crowd) expect(await market.boundOf(worker.id)).to.equal(0n);
  await expectBalanced(base, asked);
}

async function holdersOf(market: Deployed["market"], roundId: string): Promise<bigint[]> {
  const { phase, commits } = await market.roundOf(roundId);
  if (phase === BigInt(PHASE.None)) return [];
  const holders: bigint[] = [];
  for (let i = 0n; i < commits; i++) {
    const seat = await market.seatOf(roundId, i);
    if (seat.state <= BigInt(SEAT.Revealed)) holders.push(seat.workerId);
  }
  return holders;
}

/** What everybody has, to compare before with after. */
export interface Purses {
  readonly requester: bigint;
  readonly challenger: bigint;
  readonly owner: bigint;
  readonly burnt: bigint;
  /** Accounts of the operators of the crowd, by worker id. */
  readonly operators: ReadonlyMap<bigint, bigint>;
  readonly earned: ReadonlyMap<bigint, bigint>;
  readonly counters: ReadonlyMap<bigint, readonly [done: bigint, slashed: bigint]>;
}

export async function purses({ market, requester, challenger, owner, crowd }: Crowded): Promise<Purses> {
  const [operators, earned] = [new Map<bigint, bigint>(), new Map<bigint, bigint>()];
  const counters = new Map<bigint, readonly [bigint, bigint]>();
  for (const worker of crowd) {
    const standing = await market.standingOf(worker.id);
    operators.set(worker.id, await market.balanceOf(worker.operator));
    earned.set(worker.id, standing.earned);
    counters.set(worker.id, [standing.done, standing.slashed]);
  }
  return {
    requester: await market.balanceOf(requester),
    challenger: await market.balanceOf(challenger),
    owner: await market.balanceOf(owner),
    burnt: await ethers.provider.getBalance(BURN),
    operators,
    earned,
    counters,
  };
}

/** What a job with `winners` of `copies` costs at a fee of `FEE`, and what of it the winners share. */
export function priceOf(winners: bigint, copies: bigint): { readonly fee: bigint; readonly rest: bigint } {
  const rest = ((FEE - ROYALTY) * winners) / copies;
  return { fee: ROYALTY + rest, rest };
}

/** Jobs that a worker did well, and times that it lost stake. */
export async function counters({ market }: Crowded, worker: WorkerActor): Promise<readonly bigint[]> {
  const { done, slashed } = await market.standingOf(worker.id);
  return [done, slashed];
}

export function at<T>(items: readonly T[], index: number): T {
  const item = items[index];
  if (item === undefined) throw new Error(`there is no item ${index}`);
  return item;
}

export const load = () => networkHelpers.loadFixture(crowded);
