import { expect } from "chai";

import {
  addWorker,
  ETHER,
  ethers,
  LEVEL,
  networkHelpers,
  PARAMETERS,
  passTime,
  requestJob,
  requestOf,
  served,
} from "../fixture.ts";
import { askedJobs, chiSquare, drawnNow, type Served } from "./turns-crowd.ts";

const MINIMUM = ETHER / 10n;
const JOBS = 2_000;
/** Tickets by worker id, from 1: the last one has stake for twelve, of which eight count. */
const TICKETS = [8, 1, 2, 3, 5, 8] as const;
const STAKES = [1n, 2n, 3n, 5n, 12n];
/** What one run in a billion exceeds, with five degrees of freedom. */
const ONE_IN_A_BILLION = 50.7;

const unequal = async () => {
  const base = await served();
  for (const [index, tickets] of STAKES.entries())
    await addWorker(base, base.versionId, index + 1, { stake: tickets * MINIMUM });
  return base;
};

const counted = (ids: readonly bigint[]) =>
  TICKETS.map((_, index) => ids.filter((id) => id === BigInt(index + 1)).length);

describe("how often a worker is drawn", function () {
  this.timeout(60_000);

  it(`is its capped share of the stake, first and second, over ${JOBS} jobs`, async () => {
    const base = await networkHelpers.loadFixture(unequal);
    const { asker, jobs } = await askedJobs(base, JOBS);
    const newest = jobs.at(-1);
    if (newest === undefined) throw new Error("there are no jobs");
    const first = await drawnNow(base, asker, jobs);
    const firsts = counted(first);
    expect(firsts.reduce((sum, count) => sum + count)).to.equal(JOBS);
    expect(chiSquare(firsts, TICKETS) < ONE_IN_A_BILLION).to.equal(true, `drawn first: ${firsts.join(" ")}`);

    const { requestedAt } = await base.market.describe(newest);
    await passTime(requestedAt + PARAMETERS.priorityWindow);
    const second = await drawnNow(base, asker, jobs);
    expect(second.some((id, index) => id === first[index])).to.equal(false);
    const all = TICKETS.reduce<number>((sum, tickets) => sum + tickets, 0);
    const shares = TICKETS.map((tickets, own) =>
      TICKETS.reduce((sum, other, index) => (index === own ? sum : sum + (other / all) * (tickets / (all - other))), 0),
    );
    const seconds = counted(second);
    expect(chiSquare(seconds, shares) < ONE_IN_A_BILLION).to.equal(true, `drawn second: ${seconds.join(" ")}`);

    // The test would notice if stake beyond the cap counted, or if it did not count at all.
    const meant = TICKETS.map((tickets) => (JOBS * tickets) / all);
    expect(chiSquare(meant, [10, 1, 2, 3, 5, 12]) > ONE_IN_A_BILLION).to.equal(true);
    expect(chiSquare(meant, [1, 1, 1, 1, 1, 1]) > ONE_IN_A_BILLION).to.equal(true);
  });
});

const FEW = 10;
/** A list of tickets starts a new word at every eighth, so the two lengths must leave the same rest. */
const MANY = 10_002;
/** As many as fit the gas of one transaction. */
const AT_ONCE = 84;

interface Sent {
  wait(): Promise<{ gasUsed: bigint } | null>;
}

async function gasOf(sent: Promise<Sent>): Promise<number> {
  const receipt = await (await sent).wait();
  if (receipt === null) throw new Error("not mined");
  return Number(receipt.gasUsed);
}

/** Until there are so many workers, each new one with one ticket for Vanilla. */
async function grow({ workers, versionId, admin }: Served, to: number): Promise<void> {
  await networkHelpers.setBalance(admin.address, 10n ** 24n);
  const join = (await ethers.deployContract("Crowd")).getFunction("join");
  for (let had = Number(await workers.workerCount()); had < to; had += AT_ONCE) {
    const count = Math.min(AT_ONCE, to - had);
    await join(workers, versionId, count, { value: BigInt(count) * MINIMUM, gasLimit: 16_000_000n });
  }
  expect(await workers.workerCount()).to.equal(BigInt(to));
}

/** Gas of a request, and of the acts of a worker that is not drawn, with the first miss of who was. */
async function measure(base: Served): Promise<Record<string, number>> {
  const { market, requester, versionId, worker } = base;
  await requestJob(base);
  const request = await gasOf(market.connect(requester).request(requestOf(versionId), "0x03"));
  // A miss costs more the first time that a worker has one, so each job is drawn for another worker.
  const missed = new Set([worker.id]);
  const others = async () => {
    for (;;) {
      const { job, terms } = await requestJob(base);
      const drawn = (await market.drawnWorker(job)).workerId;
      if (missed.has(drawn)) continue;
      missed.add(drawn);
      await passTime(terms.requestedAt + 2n * PARAMETERS.priorityWindow);
      return job;
    }
  };
  await market.connect(worker.key).execute(await others(), "0x06");
  return {
    request,
    execute: await gasOf(market.connect(worker.key).execute(await others(), "0x06")),
    "draw, gas of the call": Number(await market.drawnWorker.estimateGas((await requestJob(base)).job)),
  };
}

describe("the gas of a job", function () {
  this.timeout(120_000);

  it(`is the same with ${FEW} workers and with ${MANY}, to within 1 %`, async () => {
    const base = await networkHelpers.loadFixture(served);
    await grow(base, FEW);
    const before = await networkHelpers.takeSnapshot();
    const withFew = await measure(base);
    await before.restore();
    await grow(base, MANY);
    const withMany = await measure(base);
    if (process.env["SHOW_GAS"]) console.log(withFew, withMany);
    const moved = Object.entries(withFew).filter(([name, gas]) => Math.abs((withMany[name] ?? 0) - gas) > gas / 100);
    expect(moved.map(([name, gas]) => `${name}: ${gas} -> ${withMany[name]}`)).to.deep.equal([]);
    expect((await base.workers.candidates(base.versionId, LEVEL.Vanilla)).serving).to.equal(BigInt(MANY));
  });
});
