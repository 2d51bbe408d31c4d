import { expect } from "chai";
import { AbiCoder, keccak256, ZeroHash } from "ethers";

import {
  addVersion,
  addWorker,
  ETHER,
  expectSolvent,
  type Job,
  networkHelpers,
  PARAMETERS,
  passTime,
  requestJob,
  served,
  STATE,
  type WorkerActor,
} from "../fixture.ts";

const RIGHT = "0x06";
const WRONG = "0x07";
const VANILLA = 1;
const { jobStake } = PARAMETERS;

/** One honest worker, and a coalition of three and of the requester; all serve a version without evidence, too. */
async function outnumbered() {
  const base = await served();
  const judged = await addVersion(base, { levels: VANILLA, manifestDigest: keccak256("0x61") });
  const coalition: WorkerActor[] = [];
  for (let index = 1; index < 4; index++) coalition.push(await addWorker(base, base.versionId, index));
  const honest = base.worker;
  for (const { id, key } of [honest, ...coalition]) await base.workers.connect(key).serve(id, judged, VANILLA);
  await base.market.deposit(honest.operator, ETHER, { value: ETHER });
  await base.market.deposit(base.challenger, ETHER, { value: ETHER });
  return { ...base, judged, honest, coalition };
}

const load = () => networkHelpers.loadFixture(outnumbered);
type Outnumbered = Awaited<ReturnType<typeof outnumbered>>;

async function worthOf({ market, workers }: Outnumbered, { id, operator }: WorkerActor): Promise<bigint> {
  const { stake } = await workers.workerOf(id);
  return stake + (await market.standingOf(id)).earned + (await market.balanceOf(operator));
}

/** What the coalition has; `challenger` is the one that it disputes with. */
async function worthOfAll(base: Outnumbered): Promise<bigint> {
  let sum = (await base.market.balanceOf(base.requester)) + (await base.market.balanceOf(base.challenger));
  for (const worker of base.coalition) sum += await worthOf(base, worker);
  return sum;
}

async function openLane(base: Outnumbered, versionId: string, copies: bigint) {
  const asked = await requestJob({ ...base, versionId }, { copies });
  await passTime(asked.terms.requestedAt + 2n * PARAMETERS.priorityWindow);
  return asked;
}

const commitment = (roundId: string, { key }: WorkerActor, output: string) =>
  keccak256(
    AbiCoder.defaultAbiCoder().encode(
      ["bytes32", "address", "bytes32", "bytes32"],
      [roundId, key.address, keccak256(output), ZeroHash],
    ),
  );

async function judge(base: Outnumbered, job: Job, output: string, seats: readonly WorkerActor[]): Promise<void> {
  const { market } = base;
  const panelId = await market.panelIdOf(await market.jobIdOf(job));
  await networkHelpers.mine();
  for (const seat of seats) await market.connect(seat.key).commitVerdict(job, commitment(panelId, seat, output));
  for (const seat of seats) await market.connect(seat.key).revealVerdict(job, keccak256(output), ZeroHash);
  await market.resolve(job);
}

describe("a majority that lies", function () {
  this.timeout(60_000);

  it("of copies loses more than it takes, once the one that it outvoted demands evidence", async () => {
    const base = await load();
    const { market, honest, coalition, versionId } = base;
    const had = { coalition: await worthOfAll(base), honest: await worthOf(base, honest) };
    const { job, jobId } = await openLane(base, versionId, 3n);
    const seats = [[honest, RIGHT], ...coalition.slice(1).map((liar) => [liar, WRONG] as const)] as const;
    for (const [seat, output] of seats) await market.connect(seat.key).commit(job, commitment(jobId, seat, output));
    for (const [seat, output] of seats) await market.connect(seat.key).reveal(job, output, ZeroHash);
    await market.tally(job, "0x");
    expect(await worthOf(base, honest)).to.equal(had.honest);

    await market.connect(honest.operator).challenge(job);
    await passTime((await market.statusOf(jobId)).dueAt);
    await market.resolve(job);
    expect((await market.statusOf(jobId)).state).to.equal(BigInt(STATE.Refunded));
    expect((await worthOf(base, honest)) - had.honest).to.equal(jobStake / 2n);
    expect(had.coalition - (await worthOfAll(base))).to.equal((jobStake * 3n) / 2n);
    await expectSolvent(base, [job]);
  });

  it("of a panel takes at most three quarters of the stake of one job, and no fee", async () => {
    const base = await load();
    const { market, honest, coalition, challenger, judged } = base;
    const had = { coalition: await worthOfAll(base), honest: await worthOf(base, honest) };
    const { job, jobId } = await openLane(base, judged, 1n);
    await market.connect(honest.key).execute(job, RIGHT);
    await market.connect(challenger).challenge(job);
    await judge(base, job, WRONG, coalition);
    expect((await market.statusOf(jobId)).state).to.equal(BigInt(STATE.Refunded));
    expect(had.honest - (await worthOf(base, honest))).to.equal(jobStake);
    expect((await worthOfAll(base)) - had.coalition).to.equal((jobStake * 3n) / 4n);
    await expectSolvent(base, [job]);
  });
});
