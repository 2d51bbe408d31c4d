import { expect } from "chai";
import { keccak256, MaxUint256, Result } from "ethers";

import { addWorker, BOTH, ethers, LEVEL, MINIMUM, native, networkHelpers, PRICE, TEE, VANILLA } from "./fixture.ts";

const load = () => networkHelpers.loadFixture(native);

type Base = Awaited<ReturnType<typeof native>>;

/** Tickets of a list as "worker.index", with "-" for a gap and "!" behind one that is not live. */
async function list({ workers, versionId }: Base, level: number = LEVEL.Vanilla, start = 0, limit = 100) {
  const page = await workers.ticketsOf(versionId, level, start, limit);
  return page
    .map(({ workerId, index, live }) => (workerId === 0n ? "-" : `${workerId}.${index}${live ? "" : "!"}`))
    .join(" ");
}

describe("the tickets of a worker", function () {
  this.timeout(60_000);

  it("are one for each minimum stake, at most eight", async () => {
    const base = await load();
    const { workers } = base;
    for (const [index, tickets] of [1n, 2n, 8n, 12n].entries()) {
      const { id, operator } = await addWorker(base, index, tickets);
      await workers.connect(operator).addStake(id, MINIMUM - 1n, { value: MINIMUM - 1n });
      expect(await workers.weightOf(id)).to.equal(tickets < 8n ? tickets : 8n);
    }
  });

  it("are appended to the list of each level that it serves, and to no other", async () => {
    const base = await load();
    const { workers, versionId } = base;
    const first = await addWorker(base, 0, 3n);
    await expect(workers.connect(first.key).serve(first.id, versionId, BOTH))
      .to.emit(workers, "ServingChanged")
      .withArgs(first.id, versionId, LEVEL.Vanilla, 3)
      .to.emit(workers, "ServingChanged")
      .withArgs(first.id, versionId, LEVEL.Tee, 3);
    await addWorker(base, 1, 9n, TEE);
    expect(await list(base)).to.equal("1.0 1.1 1.2");
    expect(await list(base, LEVEL.Tee)).to.equal("1.0 1.1 1.2 2.0 2.1 2.2 2.3 2.4 2.5 2.6 2.7");
    expect(await list(base, LEVEL.Tee, 2, 2)).to.equal("1.2 2.0");
    expect(await list(base, LEVEL.Tee, 10, 5)).to.equal("2.7");
    expect(await list(base, LEVEL.Tee, 11, 5)).to.equal("");
    expect([...(await workers.candidates(versionId, LEVEL.Tee))]).to.deep.equal([11n, 2n]);
    expect([...(await workers.candidates(versionId, LEVEL.Zkml))]).to.deep.equal([0n, 0n]);
    expect(await workers.isServing(2, versionId, LEVEL.Tee)).to.equal(true);
    expect(await workers.isServing(2, versionId, LEVEL.Vanilla)).to.equal(false);
  });

  it("leave gaps when it stops, and come back to the same places", async () => {
    const base = await load();
    const { workers, versionId } = base;
    const one = await addWorker(base, 0, 2n, VANILLA);
    await addWorker(base, 1, 1n, VANILLA);
    await expect(workers.connect(one.key).serve(one.id, versionId, 0))
      .to.emit(workers, "ServingChanged")
      .withArgs(one.id, versionId, LEVEL.Vanilla, 0);
    expect(await list(base)).to.equal("- - 2.0");
    expect([...(await workers.candidates(versionId, LEVEL.Vanilla))]).to.deep.equal([3n, 1n]);
    await workers.connect(one.operator).serve(one.id, versionId, VANILLA);
    expect(await list(base)).to.equal("1.0 1.1 2.0");
    await expect(workers.connect(one.key).serve(one.id, versionId, VANILLA)).not.to.emit(workers, "ServingChanged");
    expect([...(await workers.candidates(versionId, LEVEL.Vanilla))]).to.deep.equal([3n, 2n]);
  });

  it("grow and shrink with its stake when it serves again, and die at once when the stake is gone", async () => {
    const base = await load();
    const { workers, versionId, asMarket } = base;
    const one = await addWorker(base, 0, 2n, VANILLA);
    await addWorker(base, 1, 1n, VANILLA);
    const serve = () => workers.connect(one.key).serve(one.id, versionId, VANILLA);
    await workers.addStake(one.id, 2n * MINIMUM, { value: 2n * MINIMUM });
    expect(await list(base)).to.equal("1.0 1.1 2.0");
    await serve();
    expect(await list(base)).to.equal("1.0 1.1 2.0 1.2 1.3");
    await workers.connect(one.operator).startUnbonding(one.id, 1n);
    expect(await list(base)).to.equal("1.0 1.1 2.0 1.2 1.3!");
    await workers.connect(asMarket).slash(one.id, 2n * MINIMUM);
    expect(await list(base)).to.equal("1.0 1.1! 2.0 1.2! 1.3!");
    await serve();
    expect(await list(base)).to.equal("1.0 - 2.0 - -");
    await workers.addStake(one.id, 4n * MINIMUM, { value: 4n * MINIMUM });
    await serve();
    expect(await list(base)).to.equal("1.0 1.1 2.0 1.2 1.3 1.4");
    await workers.connect(one.operator).setDraining(one.id, true);
    expect(await list(base)).to.equal("1.0! 1.1! 2.0 1.2! 1.3! 1.4!");
  });

  it("keep the places that a length noted earlier spans, for who never left", async () => {
    const base = await load();
    const { workers, versionId } = base;
    const crowd = [];
    for (let index = 0; index < 6; index++) crowd.push(await addWorker(base, index, BigInt(index + 1), VANILLA));
    const noted = (await list(base)).split(" ");
    for (const [index, { id, operator, key }] of crowd.entries()) {
      if (index % 3 === 0) await workers.connect(key).serve(id, versionId, 0);
      if (index % 3 === 1) await workers.addStake(id, 3n * MINIMUM, { value: 3n * MINIMUM });
      if (index % 3 === 1) await workers.connect(operator).serve(id, versionId, BOTH);
    }
    const left = new Set(["1", "4"]);
    const now = (await list(base)).split(" ");
    expect(now.slice(0, noted.length)).to.deep.equal(
      noted.map((ticket) => (left.has(ticket.slice(0, 1)) ? "-" : ticket)),
    );
    expect(now.length).to.equal(noted.length + 6);
  });

  it("are refused to strangers, to the poor, and at levels that are unknown or not allowed", async () => {
    const base = await load();
    const { workers, models, versionId, stranger } = base;
    const { id, operator, key } = await addWorker(base, 0, 1n);
    const serve = (levels: number, caller = key, version = versionId) =>
      workers.connect(caller).serve(id, version, levels);
    await expect(serve(VANILLA, stranger))
      .to.be.revertedWithCustomError(workers, "NotOperator")
      .withArgs(id, stranger.address);
    await expect(workers.connect(key).serve(9, versionId, VANILLA))
      .to.be.revertedWithCustomError(workers, "WorkerIdUnknown")
      .withArgs(9);
    await expect(serve(8)).to.be.revertedWithCustomError(models, "LevelsInvalid").withArgs(8);
    await expect(serve(5)).to.be.revertedWithCustomError(workers, "LevelNotAllowed").withArgs(versionId, LEVEL.Zkml);
    await expect(serve(VANILLA, key, keccak256("0x"))).to.be.revertedWithCustomError(models, "VersionUnknown");
    await serve(VANILLA);
    await workers.connect(operator).startUnbonding(id, 1n);
    await expect(serve(BOTH))
      .to.be.revertedWithCustomError(workers, "StakeTooLow")
      .withArgs(MINIMUM - 1n, MINIMUM);
    await serve(0);
    expect(await list(base)).to.equal("-");
  });
});

describe("a draw", function () {
  this.timeout(60_000);

  async function crowded() {
    const base = await native();
    const drawn = await addWorker(base, 0, 2n, VANILLA);
    const other = await addWorker(base, 1, 3n, VANILLA);
    const idle = await addWorker(base, 2, 1n, TEE);
    await base.workers.connect(other.operator).setPrice(other.id, 9n);
    return { ...base, drawn, other, idle };
  }
  const loadCrowd = () => networkHelpers.loadFixture(crowded);

  it("finds the worker whose live ticket is at the place, with price and unreserved stake", async () => {
    const { workers, versionId, drawn, other, asAnchors } = await loadCrowd();
    const at = async (place: bigint) => [...(await workers.candidateAt(versionId, LEVEL.Vanilla, place))];
    await workers.connect(asAnchors).reserve(other.id, MINIMUM);
    expect(await at(1n)).to.deep.equal([drawn.id, PRICE, 2n * MINIMUM]);
    expect(await at(4n)).to.deep.equal([other.id, 9n, 2n * MINIMUM]);
    await workers.connect(other.operator).startUnbonding(other.id, MINIMUM);
    for (const nobody of [4n, 5n, 10n ** 30n, MaxUint256]) expect(await at(nobody)).to.deep.equal([0n, 0n, 0n]);
    expect(await at(3n)).to.deep.equal([other.id, 9n, MINIMUM]);
    await workers.connect(asAnchors).reserve(other.id, MINIMUM);
    await workers.connect(other.operator).startUnbonding(other.id, MINIMUM);
    expect(await at(2n)).to.deep.equal([other.id, 9n, 0n]);
  });

  it("tells who acts and who is drawn in one call", async () => {
    const { workers, versionId, drawn, other, asAnchors } = await loadCrowd();
    await workers.connect(asAnchors).reserve(other.id, MINIMUM);
    const turn = async (key: typeof drawn.key, place: bigint) => [
      ...(await workers.turnOf(key, versionId, LEVEL.Vanilla, place)),
    ];
    expect(await turn(drawn.key, 0n)).to.deep.equal([drawn.id, 2n * MINIMUM, drawn.id, PRICE, 2n * MINIMUM]);
    expect(await turn(other.key, 0n)).to.deep.equal([other.id, 2n * MINIMUM, drawn.id, PRICE, 2n * MINIMUM]);
    expect(await turn(drawn.key, 4n)).to.deep.equal([drawn.id, 2n * MINIMUM, other.id, 9n, 2n * MINIMUM]);
    for (const nobody of [5n, MaxUint256])
      expect(await turn(drawn.key, nobody)).to.deep.equal([drawn.id, 2n * MINIMUM, 0n, 0n, 0n]);
  });

  it("lets nobody act who does not serve the level, drains, or is unknown", async () => {
    const { workers, versionId, drawn, idle, stranger } = await loadCrowd();
    const refuses = async (key: typeof idle.key, id: bigint) => {
      for (const call of [
        () => workers.turnOf(key, versionId, LEVEL.Vanilla, 0),
        () => workers.turnOf(key, versionId, LEVEL.Vanilla, MaxUint256),
        () => workers.requireServing(key, versionId, LEVEL.Vanilla),
      ])
        await expect(call())
          .to.be.revertedWithCustomError(workers, "NotServing")
          .withArgs(id, versionId, LEVEL.Vanilla);
    };
    await refuses(idle.key, idle.id);
    expect(await workers.requireServing(drawn.key, versionId, LEVEL.Vanilla)).to.equal(drawn.id);
    await workers.connect(drawn.operator).setDraining(drawn.id, true);
    await refuses(drawn.key, drawn.id);
    await expect(workers.turnOf(stranger, versionId, LEVEL.Vanilla, 0))
      .to.be.revertedWithCustomError(workers, "WorkerUnknown")
      .withArgs(stranger.address);
  });

  it("lets a worker act whose own ticket at the place died", async () => {
    const { workers, versionId, drawn } = await loadCrowd();
    await workers.connect(drawn.operator).startUnbonding(drawn.id, MINIMUM);
    const turn = await workers.turnOf(drawn.key, versionId, LEVEL.Vanilla, 1);
    expect([turn.workerId, turn.free, turn.drawn]).to.deep.equal([drawn.id, MINIMUM, 0n]);
  });

  it("finds workers as often as their capped stake says, and nobody as often as there are gaps", async () => {
    const base = await load();
    const { workers, versionId } = base;
    const stakes = [1n, 2n, 5n, 8n, 12n];
    for (const [index, tickets] of stakes.entries()) await addWorker(base, index, tickets, VANILLA);
    const left = await addWorker(base, stakes.length, 3n, VANILLA);
    const draining = await addWorker(base, stakes.length + 1, 2n, VANILLA);
    await workers.connect(left.key).serve(left.id, versionId, 0);
    await workers.connect(draining.operator).setDraining(draining.id, true);

    const tally = await ethers.deployContract("Tally");
    const hits = Array.from({ length: 8 }, () => 0);
    for (let seed = 0; seed < DRAWS; seed += DRAWS / 8) {
      const drawn: unknown = await tally.getFunction("draw").staticCall(workers, versionId, seed, DRAWS / 8);
      if (!(drawn instanceof Result)) throw new Error("the tally is not ethers' own");
      for (const [id, count] of drawn.toArray().entries()) hits[id] = (hits[id] ?? 0) + Number(count);
    }

    // By worker id, nobody first: gaps and dead tickets.
    const weights = [5, 1, 2, 5, 8, 8];
    expect(hits.slice(weights.length)).to.deep.equal([0, 0]);
    const total = weights.reduce((sum, weight) => sum + weight);
    const statistic = weights
      .map((weight, id) => ({ expected: (DRAWS * weight) / total, had: hits[id] ?? 0 }))
      .reduce((sum, { expected, had }) => sum + (had - expected) ** 2 / expected, 0);
    expect(statistic < CHI_SQUARE_5_DEGREES).to.equal(true, `chi-square ${statistic}: ${hits.join(" ")}`);
  });
});

const DRAWS = 16_000;
/** The 0.999 quantile of six classes. */
const CHI_SQUARE_5_DEGREES = 20.515;
