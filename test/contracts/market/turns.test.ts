import { expect } from "chai";
import { AbiCoder, keccak256 } from "ethers";

import {
  addWorker,
  type Deployed,
  ethers,
  expectSolvent,
  lastJob,
  LEVEL,
  MAX_FEE,
  MIN_FEE,
  networkHelpers,
  PARAMETERS,
  passTime,
  plainJob,
  PRICE,
  requestJob,
  requestOf,
  ROYALTY,
  served,
  signatureFor,
  STAKE,
  STATE,
  TIME_TO_LIVE,
  WORK_UNITS,
  type WorkerActor,
} from "../fixture.ts";
import { byId, type Crowded, crowded, holderOf, jobFor } from "./turns-crowd.ts";

const load = () => networkHelpers.loadFixture(crowded);
const loadOne = () => networkHelpers.loadFixture(served);

const WINDOW = PARAMETERS.priorityWindow;
const ATTEMPTS = 16;

type Requested = Awaited<ReturnType<typeof requestJob>>;

/** Distinct workers in the order in which a job's attempts find them, worked out from block hash and tickets. */
async function orderOf({ workers, versionId }: Crowded, { jobId, terms }: Requested): Promise<bigint[]> {
  const block = await ethers.provider.getBlock(Number(terms.requestBlock));
  const tickets = await workers.ticketsOf(versionId, terms.level, 0, terms.candidates);
  const found = new Set<bigint>();
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const seed = AbiCoder.defaultAbiCoder().encode(["bytes32", "bytes32", "uint256"], [block?.hash, jobId, attempt]);
    const ticket = tickets[Number(BigInt(keccak256(seed)) % terms.candidates)];
    if (ticket?.live) found.add(ticket.workerId);
  }
  return [...found];
}

/** Each of them is told who has priority, and until when. */
async function expectRefused(base: Crowded, { job, jobId }: Requested, holder: bigint, until: bigint): Promise<void> {
  for (const other of base.crowd.filter(({ id }) => id !== holder))
    await expect(base.market.connect(other.key).execute(job, "0x06"))
      .to.be.revertedWithCustomError(base.market, "NotDrawn")
      .withArgs(jobId, holder, until);
}

describe("whose turn it is", function () {
  this.timeout(60_000);

  it("is first that of the worker at the place that the request's block hash decides, and only its", async () => {
    const base = await load();
    const asked = await requestJob(base);
    const [first = 0n] = await orderOf(base, asked);
    const until = asked.terms.requestedAt + WINDOW;
    expect([...(await base.market.drawnWorker(asked.job))]).to.deep.equal([first, until]);
    await expectRefused(base, asked, first, until);
    await base.market.connect(byId(base.crowd, first).key).execute(asked.job, "0x06");
    expect((await base.market.statusOf(asked.jobId)).workerId).to.equal(first);
  });

  it("is then that of the next one, and no longer the first one's", async () => {
    const base = await load();
    const asked = await requestJob(base);
    const [, second = 0n] = await orderOf(base, asked);
    await passTime(asked.terms.requestedAt + WINDOW);
    const until = asked.terms.requestedAt + 2n * WINDOW;
    expect([...(await base.market.drawnWorker(asked.job))]).to.deep.equal([second, until]);
    await expectRefused(base, asked, second, until);
    await base.market.connect(byId(base.crowd, second).key).execute(asked.job, "0x06");
    expect((await base.market.statusOf(asked.jobId)).workerId).to.equal(second);
  });

  it("changes at the second at which a window ends", async () => {
    const base = await load();
    const asked = await requestJob(base);
    const [first = 0n, second = 0n] = await orderOf(base, asked);
    const at = (time: bigint) => networkHelpers.time.increaseTo(asked.terms.requestedAt + time);
    await at(WINDOW - 1n);
    expect((await base.market.drawnWorker(asked.job)).workerId).to.equal(first);
    await at(WINDOW);
    expect((await base.market.drawnWorker(asked.job)).workerId).to.equal(second);
    await at(2n * WINDOW - 1n);
    expect((await base.market.drawnWorker(asked.job)).workerId).to.equal(second);
    await at(2n * WINDOW);
    expect((await base.market.drawnWorker(asked.job)).workerId).to.equal(0n);
  });

  it("is at last that of anybody who serves, at a fee that ramps, rounded down", async () => {
    const base = await load();
    const { market, crowd, requester, stranger, workers } = base;
    const asked = await requestJob(base);
    const { job, jobId, terms } = asked;
    const order = await orderOf(base, asked);
    const outsider = crowd.find(({ id }) => id !== order[0] && id !== order[1]) ?? base.worker;
    const start = terms.requestedAt + 2n * WINDOW;
    expect(await market.feeAt(job, start)).to.equal(MIN_FEE);
    expect(await market.feeAt(job, terms.deadline)).to.equal(MAX_FEE);
    expect(await market.feeAt(job, terms.deadline + 1n)).to.equal(MAX_FEE);
    const ramp = TIME_TO_LIVE - 2n * WINDOW;
    for (const passed of [1n, 7n, ramp / 2n, ramp - 1n])
      expect(await market.feeAt(job, start + passed)).to.equal(MIN_FEE + ((MAX_FEE - MIN_FEE) * passed) / ramp);

    await passTime(start + 500n);
    await expect(market.connect(stranger).execute(job, "0x06")).to.be.revertedWithCustomError(workers, "WorkerUnknown");
    const before = await market.balanceOf(requester);
    await market.connect(outsider.key).execute(job, "0x06");
    const fee = await market.feeAt(job, BigInt(await networkHelpers.time.latest()));
    expect(fee > MIN_FEE && fee < MAX_FEE).to.equal(true);
    expect(await market.balanceOf(requester)).to.equal(before + MAX_FEE - fee);
    await passTime((await market.statusOf(jobId)).dueAt);
    await market.settle(job, "0x");
    expect((await market.standingOf(outsider.id)).earned).to.equal(fee - ROYALTY);
    await expectSolvent(base, [job]);
  });

  it("is nobody's in the block of the request", async () => {
    const base = await load();
    const { market, requester, versionId, crowd } = base;
    await market.connect(requester).request(requestOf(versionId, { level: LEVEL.Tee }), "0x03");
    const event = (await market.queryFilter(market.filters.JobRequested(), "latest")).at(-1);
    if (event === undefined) throw new Error("no job was requested");
    const job = plainJob(event.args.job);
    const here = { blockTag: "latest" } as const;
    for (const { key } of crowd)
      for (const call of [
        () => market.drawnWorker.staticCall(job, here),
        () => market.connect(key).execute.staticCall(job, "0x06", here),
        () => market.connect(key).claim.staticCall(job, here),
        () => market.connect(key).fulfill.staticCall(job, "0x06", "0x", here),
      ])
        await expect(call()).to.be.revertedWithCustomError(market, "DrawNotReady").withArgs(event.args.jobId);
  });

  it("is anybody's when the chain has forgotten the block hash, and no turn is missed", async () => {
    const base = await load();
    const { market, crowd } = base;
    const { job, terms } = await requestJob(base, { timeToLive: 80_000n });
    const first = await holderOf(base, job);
    await networkHelpers.mine(257, { interval: 0 });
    expect(BigInt(await networkHelpers.time.latest()) < terms.requestedAt + WINDOW).to.equal(true);
    expect((await market.drawnWorker(job)).workerId).to.equal(0n);
    const other = crowd.find(({ id }) => id !== first.id) ?? first;
    await passTime(terms.requestedAt + WINDOW);
    await market.connect(other.key).execute(job, "0x06");
    expect((await market.standingOf(first.id)).late).to.equal(0n);
  });

  it("is over after the deadline", async () => {
    const base = await loadOne();
    const { market, worker } = base;
    const { job, jobId, terms } = await requestJob(base);
    await passTime(terms.deadline);
    for (const call of [() => market.drawnWorker(job), () => market.connect(worker.key).execute(job, "0x06")])
      await expect(call()).to.be.revertedWithCustomError(market, "JobTooLate").withArgs(jobId, terms.deadline);
  });

  it("is not that of workers that joined after the request", async () => {
    const base = await loadOne();
    const { job, terms } = await requestJob(base);
    expect(terms.candidates).to.equal(8n);
    await addWorker(base, base.versionId, 1);
    expect((await base.market.drawnWorker(job)).workerId).to.equal(base.worker.id);
    await passTime(terms.requestedAt + WINDOW);
    expect((await base.market.drawnWorker(job)).workerId).to.equal(0n);
  });
});

describe("who is passed over, so that the next attempt is drawn", function () {
  this.timeout(60_000);

  type Leave = (base: Crowded, worker: WorkerActor) => Promise<unknown>;
  const reasons: Readonly<Record<string, Leave>> = {
    "stopped serving": ({ workers, versionId }, { id, key }) => workers.connect(key).serve(id, versionId, 0),
    drains: ({ workers }, { id, operator }) => workers.connect(operator).setDraining(id, true),
    "asks more than the least fee covers": ({ workers }, { id, operator }) =>
      workers.connect(operator).setPrice(id, MIN_FEE),
    "unbonds all its stake": ({ workers }, { id, operator }) => workers.connect(operator).startUnbonding(id, STAKE),
    "has its stake reserved by receipts": async (base, { id }) => reserve(base, id, STAKE - PARAMETERS.jobStake + 1n),
    "has its stake bound by other jobs": async (base, worker) => {
      const { job } = await jobFor(base, worker, { level: LEVEL.Tee });
      await reserve(base, worker.id, STAKE - 2n * PARAMETERS.jobStake + 1n);
      await base.market.connect(worker.key).claim(job);
    },
    "is suspended": async (base, worker) => suspend(base, worker),
  };

  for (const [reason, leave] of Object.entries(reasons))
    it(`is a worker that ${reason}`, async () => {
      const base = await load();
      const { market, crowd } = base;
      const [leaving = base.worker] = crowd;
      await leave(base, leaving);
      const holders = new Set<bigint>();
      for (let round = 0; round < 12; round++) {
        const asked = await requestJob(base);
        const order = (await orderOf(base, asked)).filter((id) => id !== leaving.id);
        const { workerId } = await market.drawnWorker(asked.job);
        expect(workerId).to.equal(order[0] ?? 0n);
        holders.add(workerId);
        if (round !== 0) continue;
        await passTime(asked.terms.requestedAt + WINDOW);
        expect((await market.drawnWorker(asked.job)).workerId).to.equal(order[1] ?? 0n);
      }
      expect(holders.has(leaving.id)).to.equal(false);
    });

  it("is a worker that leaves after it was drawn: the turn goes to the next at once", async () => {
    const base = await load();
    const { market, workers } = base;
    const asked = await requestJob(base);
    const [first = 0n, second = 0n] = await orderOf(base, asked);
    const leaving = byId(base.crowd, first);
    await workers.connect(leaving.operator).setDraining(first, true);
    expect((await market.drawnWorker(asked.job)).workerId).to.equal(second);
    await market.connect(byId(base.crowd, second).key).execute(asked.job, "0x06");
  });

  it("is no worker with stake for just one job more", async () => {
    const base = await loadOne();
    await reserve(base, base.worker.id, STAKE - PARAMETERS.jobStake);
    const { job } = await requestJob(base);
    expect((await base.market.drawnWorker(job)).workerId).to.equal(base.worker.id);
    await base.market.connect(base.worker.key).execute(job, "0x06");
    const { job: another } = await requestJob(base);
    expect((await base.market.drawnWorker(another)).workerId).to.equal(0n);
    await expect(base.market.connect(base.worker.key).execute(another, "0x06"))
      .to.be.revertedWithCustomError(base.market, "StakeMissing")
      .withArgs(base.worker.id, PARAMETERS.jobStake, 2n * PARAMETERS.jobStake);
  });

  it("leaves the job to anybody when nobody is left to draw", async () => {
    const base = await load();
    const { market, workers, crowd, worker } = base;
    const { job } = await requestJob(base);
    for (const { id, operator } of crowd) await workers.connect(operator).setPrice(id, MIN_FEE);
    expect((await market.drawnWorker(job)).workerId).to.equal(0n);
    await market.connect(worker.key).execute(job, "0x06");
  });
});

describe("a worker's price", function () {
  this.timeout(60_000);

  it("counts as it is when somebody acts, not as it was at the request", async () => {
    const base = await loadOne();
    const { market, workers, worker } = base;
    const operator = workers.connect(worker.operator);
    await operator.setPrice(worker.id, MIN_FEE);
    const { job, terms } = await requestJob(base);
    expect((await market.drawnWorker(job)).workerId).to.equal(0n);
    await operator.setPrice(worker.id, terms.maxPrice);
    expect((await market.drawnWorker(job)).workerId).to.equal(worker.id);
  });

  it("is at most what the least fee covers after royalty and protocol fee, also if that fee changes", async () => {
    const base = await loadOne();
    const { market, admin, treasury, workers, worker } = base;
    const operator = workers.connect(worker.operator);
    await market.connect(admin).setProtocolFee(500, treasury);
    const { job, terms } = await requestJob(base, { level: LEVEL.Tee });
    const covered = (MIN_FEE - (MIN_FEE * 5n) / 100n - ROYALTY) / WORK_UNITS;
    expect(terms.maxPrice).to.equal(covered);
    expect(PRICE < covered).to.equal(true);
    await market.connect(admin).setProtocolFee(0, treasury);
    await operator.setPrice(worker.id, covered);
    expect((await market.drawnWorker(job)).workerId).to.equal(worker.id);
    await operator.setPrice(worker.id, covered + 1n);
    expect((await market.drawnWorker(job)).workerId).to.equal(0n);
  });

  it("is divided by the copies", async () => {
    const base = await load();
    const { terms } = await requestJob(base, { copies: 3n });
    expect(terms.maxPrice).to.equal((MIN_FEE - ROYALTY) / (3n * WORK_UNITS));
  });

  it("raised after the worker is bound raises nothing: the job's fee is paid", async () => {
    const base = await loadOne();
    const { market, workers, worker } = base;
    const { job, jobId } = await requestJob(base);
    await market.connect(worker.key).execute(job, "0x06");
    await workers.connect(worker.operator).setPrice(worker.id, MAX_FEE);
    await passTime((await market.statusOf(jobId)).dueAt);
    await market.settle(job, "0x");
    expect((await market.standingOf(worker.id)).earned).to.equal(MIN_FEE - ROYALTY);
  });
});

describe("a turn that is let pass", function () {
  this.timeout(60_000);

  const counters = async ({ market }: Deployed, { id }: WorkerActor) => {
    const { done, late, slashed, misses, suspended } = await market.standingOf(id);
    return { done, late, slashed, misses, suspended };
  };
  const NONE = { done: 0n, late: 0n, slashed: 0n, misses: 0n, suspended: false };

  it("counts when another one acts after the window, whichever way, and only against the first", async () => {
    const base = await load();
    const { market, crowd } = base;
    const [late = base.worker, other = base.worker] = crowd;
    const acts = [
      (job: Requested["job"]) => market.connect(other.key).claim(job),
      (job: Requested["job"]) => market.connect(other.key).execute(job, "0x06"),
      async (job: Requested["job"]) =>
        market.connect(other.key).fulfill(job, "0x06", await signatureFor(base, job, other, "0x06")),
    ];
    for (const [index, act] of acts.entries()) {
      const { job, terms } = await jobFor(base, late, { level: LEVEL.Tee });
      await passTime(terms.requestedAt + 2n * WINDOW);
      await act(job);
      expect((await market.standingOf(late.id)).late).to.equal(BigInt(index + 1));
    }
    for (const { id } of crowd.slice(1)) expect((await market.standingOf(id)).late).to.equal(0n);
  });

  it("counts for the second window, too, if the second one acts there", async () => {
    const base = await load();
    const { market, crowd } = base;
    const asked = await requestJob(base);
    const [first = 0n, second = 0n] = await orderOf(base, asked);
    await passTime(asked.terms.requestedAt + WINDOW);
    await market.connect(byId(crowd, second).key).execute(asked.job, "0x06");
    expect(await counters(base, byId(crowd, first))).to.deep.equal({ ...NONE, late: 1n, misses: 1n });
    expect(await counters(base, byId(crowd, second))).to.deep.equal(NONE);
  });

  it("counts against who is first by then, if the one that was has left", async () => {
    const base = await load();
    const { market, workers, crowd } = base;
    const asked = await requestJob(base);
    const [first = 0n, second = 0n] = await orderOf(base, asked);
    await passTime(asked.terms.requestedAt + 2n * WINDOW);
    await workers.connect(byId(crowd, first).operator).setDraining(first, true);
    const other = crowd.find(({ id }) => id !== first && id !== second) ?? base.worker;
    await market.connect(other.key).execute(asked.job, "0x06");
    expect(await counters(base, byId(crowd, first))).to.deep.equal(NONE);
    expect(await counters(base, byId(crowd, second))).to.deep.equal({ ...NONE, late: 1n, misses: 1n });
  });

  it("does not count if the first one acts in the end, if nobody does, or in its own window", async () => {
    const base = await load();
    const { market, crowd } = base;
    const [first = base.worker] = crowd;
    const late = await jobFor(base, first);
    await passTime(late.terms.requestedAt + 2n * WINDOW);
    await market.connect(first.key).execute(late.job, "0x06");
    const lost = await jobFor(base, first);
    await passTime(lost.terms.deadline);
    await market.expire(lost.job);
    const punctual = await jobFor(base, first);
    await market.connect(first.key).execute(punctual.job, "0x06");
    expect(await counters(base, first)).to.deep.equal(NONE);
  });

  it("suspends from draws after as many in a row as the limit, until operator or key says that it is back", async () => {
    const base = await load();
    const { market, workers, crowd, stranger } = base;
    const [idle = base.worker] = crowd;
    const { missLimit } = PARAMETERS;
    for (let misses = 1n; misses <= missLimit; misses++) {
      const sent = await miss(base, idle);
      const { suspended, misses: counted } = await market.standingOf(idle.id);
      expect([counted, suspended]).to.deep.equal([misses, misses === missLimit]);
      if (suspended) await expect(sent).to.emit(market, "WorkerSuspended").withArgs(idle.id);
      else await expect(sent).not.to.emit(market, "WorkerSuspended");
    }

    // It may still act once nobody else has priority, and that does not end the suspension.
    const { job, jobId, terms } = await requestJob(base);
    await passTime(terms.requestedAt + 2n * WINDOW);
    await market.connect(idle.key).execute(job, "0x06");
    await passTime((await market.statusOf(jobId)).dueAt);
    await market.settle(job, "0x");
    expect(await counters(base, idle)).to.deep.equal({ ...NONE, done: 1n, late: missLimit, suspended: true });

    for (const caller of [stranger, ...crowd.slice(1).map(({ operator }) => operator)])
      await expect(market.connect(caller).returnToDraws(idle.id)).to.be.revertedWithCustomError(
        workers,
        "WorkerUnknown",
      );
    for (const { key } of crowd.slice(1))
      await expect(market.connect(key).returnToDraws(idle.id))
        .to.be.revertedWithCustomError(market, "NotWorkersOperator")
        .withArgs(idle.id, key.address);
    await expect(market.connect(idle.key).returnToDraws(idle.id)).to.emit(market, "WorkerReturned").withArgs(idle.id);
    await expect(market.connect(idle.operator).returnToDraws(idle.id))
      .to.be.revertedWithCustomError(market, "NotSuspended")
      .withArgs(idle.id);
    await jobFor(base, idle);
    await suspend(base, idle);
    await market.connect(idle.operator).returnToDraws(idle.id);
    await jobFor(base, idle);
  });

  it("is forgiven by a job that is done, and stays in the record", async () => {
    const base = await load();
    const { market } = base;
    const { worker } = base;
    for (let misses = 1n; misses < PARAMETERS.missLimit; misses++) await miss(base, worker);
    const { job, jobId } = await jobFor(base, worker);
    await market.connect(worker.key).execute(job, "0x06");
    expect((await market.standingOf(worker.id)).misses).to.equal(PARAMETERS.missLimit - 1n);
    await passTime((await market.statusOf(jobId)).dueAt);
    await market.settle(job, "0x");
    const late = PARAMETERS.missLimit - 1n;
    expect(await counters(base, worker)).to.deep.equal({ ...NONE, done: 1n, late });
    await miss(base, worker);
    expect(await counters(base, worker)).to.deep.equal({ ...NONE, done: 1n, late: late + 1n, misses: 1n });
  });

  it("counts apart from stake that is lost", async () => {
    const base = await loadOne();
    const { market, worker } = base;
    const { job, jobId } = await requestJob(base, { level: LEVEL.Tee });
    await market.connect(worker.key).claim(job);
    expect((await market.standingOf(worker.id)).bound).to.equal(PARAMETERS.jobStake);
    await passTime((await market.statusOf(jobId)).dueAt);
    await market.expire(job);
    expect(await counters(base, worker)).to.deep.equal({ ...NONE, slashed: 1n });
    expect((await market.standingOf(worker.id)).bound).to.equal(0n);
    expect((await market.statusOf(jobId)).state).to.equal(BigInt(STATE.Refunded));
    await lastJob(base);
  });
});

/** Somebody else does a job that the worker was drawn for first. */
async function miss(base: Crowded, { id: missing }: WorkerActor) {
  const idle = byId(base.crowd, missing);
  const other = base.crowd.find(({ id }) => id !== missing) ?? idle;
  const { job, terms } = await jobFor(base, idle);
  await passTime(terms.requestedAt + 2n * WINDOW);
  return base.market.connect(other.key).execute(job, "0x06");
}

async function suspend(base: Crowded, worker: WorkerActor): Promise<void> {
  for (let misses = 0n; misses < PARAMETERS.missLimit; misses++) await miss(base, worker);
  expect((await base.market.standingOf(worker.id)).suspended).to.equal(true);
}

/** As an anchored batch of receipts does. */
async function reserve({ workers, anchors }: Pick<Deployed, "workers" | "anchors">, id: bigint, amount: bigint) {
  const address = await anchors.getAddress();
  await networkHelpers.impersonateAccount(address);
  await networkHelpers.setBalance(address, STAKE);
  await workers.connect(await ethers.getSigner(address)).reserve(id, amount);
}
