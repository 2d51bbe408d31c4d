import { expect } from "chai";
import fc from "fast-check";

import { addWorker, DELAY, ethers, MINIMUM, native, networkHelpers, passTime } from "./fixture.ts";

const WORKERS = 3;
const LEVELS = [0, 1] as const;
const MOST_TICKETS = 8;
/** Amounts come in tenths of the minimum stake, so that they often end just at a ticket. */
const UNIT = MINIMUM / 10n;
const RUNS = { numRuns: 14, seed: 4 };

type Registered = Awaited<ReturnType<typeof addWorker>>;

/** The worker as plainly as it can be said, beside the real one. */
interface Plain extends Registered {
  stake: bigint;
  unbonding: bigint;
  reserved: bigint;
  bound: bigint;
  /** The delay after which what unbonds may leave is over. */
  ripe: boolean;
  draining: boolean;
  /** By level: its places in the list, for good, and how many tickets it holds there. */
  readonly places: readonly [number[], number[]];
  readonly held: [number, number];
}

interface World extends Awaited<ReturnType<typeof registered>> {
  readonly plain: readonly Plain[];
  /** By level: each place's ticket as "worker.index", or "-". */
  readonly lists: readonly [string[], string[]];
}

/** Does one thing in the plain world and sends it to the chain, and says which error the chain should revert with. */
interface Deed {
  readonly error?: string | undefined;
  readonly send: () => Promise<unknown>;
}

/** Three workers that serve nothing, with one, two and three minimum stakes. */
async function registered() {
  const base = await native();
  const all: Registered[] = [];
  for (let tickets = 1; tickets <= WORKERS; tickets++) all.push(await addWorker(base, tickets, BigInt(tickets)));
  return { ...base, registered: all };
}

async function load(): Promise<World> {
  const base = await networkHelpers.loadFixture(registered);
  const plain = base.registered.map((worker, index): Plain => ({
    ...worker,
    stake: BigInt(index + 1) * MINIMUM,
    unbonding: 0n,
    reserved: 0n,
    bound: 0n,
    ripe: false,
    draining: false,
    places: [[], []],
    held: [0, 0],
  }));
  return { ...base, plain, lists: [[], []] };
}

const deeds = {
  serve(all: World, it: Plain, amount: number): Deed {
    const levels = amount % 4;
    const send = () => all.workers.connect(it.key).serve(it.id, all.versionId, levels);
    if (levels !== 0 && weightOf(it) === 0) return { error: "StakeTooLow", send };
    for (const level of LEVELS) hold(all, it, level, (levels >> level) % 2 === 1 ? weightOf(it) : 0);
    return { send };
  },

  add(all: World, it: Plain, amount: number): Deed {
    const value = BigInt(amount) * UNIT;
    it.stake += value;
    return { send: () => all.workers.addStake(it.id, value, { value }) };
  },

  unbond(all: World, it: Plain, amount: number): Deed {
    const value = BigInt(amount) * UNIT;
    const send = () => all.workers.connect(it.operator).startUnbonding(it.id, value);
    if (value > it.stake) return { error: "StakeTooLow", send };
    if (value + it.unbonding === 0n) return { error: "NothingUnbonding", send };
    it.stake -= value;
    it.unbonding += value;
    it.ripe = false;
    return { send };
  },

  wait(all: World): Deed {
    for (const each of all.plain) each.ripe = true;
    return { send: () => passTime(DELAY) };
  },

  withdraw(all: World, it: Plain): Deed {
    const send = () => all.workers.connect(it.operator).withdrawStake(it.id, it.operator);
    if (it.unbonding === 0n) return { error: "NothingUnbonding", send };
    if (!it.ripe) return { error: "UnbondingNotOver", send };
    if (it.stake < it.reserved + it.bound) return { error: "StakeStillBound", send };
    it.unbonding = 0n;
    return { send };
  },

  /** As the market does: no more than is free. */
  bind(all: World, it: Plain, amount: number): Deed {
    it.bound += least(BigInt(amount) * UNIT, freeOf(it));
    return { send: () => all.setBound(it.id, it.bound) };
  },

  release(all: World, it: Plain, amount: number): Deed {
    it.bound -= least(BigInt(amount) * UNIT, it.bound);
    return { send: () => all.setBound(it.id, it.bound) };
  },

  reserve(all: World, it: Plain, amount: number): Deed {
    const value = BigInt(amount) * UNIT;
    const send = () => all.workers.connect(all.asAnchors).reserve(it.id, value);
    if (value > freeOf(it)) return { error: "StakeTooLow", send };
    it.reserved += value;
    return { send };
  },

  unreserve(all: World, it: Plain, amount: number): Deed {
    const value = BigInt(amount) * UNIT;
    const send = () => all.workers.connect(all.asAnchors).unreserve(it.id, value);
    if (value > it.reserved) return { error: "StakeTooLow", send };
    it.reserved -= value;
    return { send };
  },

  /** As the market does: no more than it bound. */
  slashBound(all: World, it: Plain, amount: number): Deed {
    const value = least(BigInt(amount) * UNIT, it.bound);
    it.bound -= value;
    take(it, value);
    return {
      async send() {
        await all.workers.connect(all.asMarket).slash(it.id, value);
        await all.setBound(it.id, it.bound);
      },
    };
  },

  slashReserved(all: World, it: Plain, amount: number): Deed {
    const value = BigInt(amount) * UNIT;
    const taken = least(value, it.reserved);
    it.reserved -= taken;
    take(it, taken);
    return { send: () => all.workers.connect(all.asAnchors).slash(it.id, value) };
  },

  drain(all: World, it: Plain, amount: number): Deed {
    it.draining = amount % 2 === 1;
    return { send: () => all.workers.connect(it.operator).setDraining(it.id, it.draining) };
  },
};

function hold({ lists }: World, it: Plain, level: 0 | 1, count: number): void {
  const [places, list] = [it.places[level], lists[level]];
  while (places.length < count) places.push(list.push("-") - 1);
  for (const [index, place] of places.entries()) list[place] = index < count ? `${it.id}.${index}` : "-";
  it.held[level] = count;
}

function take(it: Plain, amount: bigint): void {
  const fromStake = least(amount, it.stake);
  it.stake -= fromStake;
  it.unbonding -= amount - fromStake;
}

function freeOf({ stake, reserved, bound }: Plain): bigint {
  return stake > reserved + bound ? stake - reserved - bound : 0n;
}

function weightOf({ stake }: Plain): number {
  return Math.min(Number(stake / MINIMUM), MOST_TICKETS);
}

function least(one: bigint, other: bigint): bigint {
  return one < other ? one : other;
}

/** A ticket as the plain lists say it, and whether a draw should find it. */
function shown({ plain }: World, ticket: string): string {
  const it = plain.find(({ id }) => ticket.startsWith(`${id}.`));
  const live = it !== undefined && !it.draining && weightOf(it) > Number(ticket.split(".")[1]);
  return live ? `${ticket} live` : ticket;
}

/** Fails unless the chain tells the same as the plain world, and is solvent. */
async function compare(all: World): Promise<void> {
  const { workers, versionId, plain, lists } = all;
  for (const it of plain) {
    const { stake, unbonding, reserved, draining } = await workers.workerOf(it.id);
    expect({ stake, unbonding, reserved, draining }, `worker ${it.id}`).to.deep.equal({
      stake: it.stake,
      unbonding: it.unbonding,
      reserved: it.reserved,
      draining: it.draining,
    });
    expect(await workers.weightOf(it.id)).to.equal(BigInt(weightOf(it)));
    expect(stake + unbonding >= reserved + it.bound, "open business is covered").to.equal(true);
  }
  for (const level of LEVELS) {
    const page = await workers.ticketsOf(versionId, level, 0, 100);
    const tickets = page.map(({ workerId, index, live }) =>
      workerId === 0n ? "-" : `${workerId}.${index}${live ? " live" : ""}`,
    );
    expect(tickets, `level ${level}`).to.deep.equal(lists[level].map((ticket) => shown(all, ticket)));
    const { serving } = await workers.candidates(versionId, level);
    expect(serving).to.equal(BigInt(plain.filter(({ held }) => held[level] !== 0).length));
  }
  const owed = plain.reduce((sum, { stake, unbonding }) => sum + stake + unbonding, 0n);
  expect(await ethers.provider.getBalance(workers)).to.equal(owed);
}

const names = Object.keys(deeds).filter((name): name is keyof typeof deeds => name in deeds);
const step = fc.record({
  // Serving is what the lists are about: it comes more often than the rest.
  name: fc.constantFrom(...names, "serve" as const, "serve" as const),
  of: fc.nat({ max: WORKERS - 1 }),
  amount: fc.nat({ max: 45 }),
});

describe("the registry of workers, beside a plain model of it", function () {
  this.timeout(120_000);

  it("does the same at each step of any sequence, covers what is bound, and is solvent", () =>
    fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 15, maxLength: 30 }), async (steps) => {
        const all = await load();
        for (const { name, of, amount } of steps) {
          const it = all.plain[of];
          if (it === undefined) throw new Error("no such worker");
          const { error, send } = deeds[name](all, it, amount);
          if (error === undefined) await send();
          else await expect(send()).to.be.revertedWithCustomError(all.workers, error);
          await compare(all);
        }
      }),
      RUNS,
    ));
});
