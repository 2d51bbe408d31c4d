import { expect } from "chai";

import { addWorker, ethers, inToken, LEVEL, MINIMUM, native, networkHelpers, PRICE, VANILLA } from "./fixture.ts";

type Base = Awaited<ReturnType<typeof native>>;
interface Sent {
  wait(): Promise<{ gasUsed: bigint } | null>;
}

const FEW = 10;
/** A list of tickets starts a new word at every eighth, so the two lengths must leave the same rest. */
const MANY = 10_002;
/** As many as fit the gas of one transaction. */
const AT_ONCE = 84;

const withToken = () => inToken("PermitToken");

async function few() {
  const base = await native();
  await grow(base, FEW);
  return base;
}

async function grow({ workers, versionId, admin }: Base, to: number): Promise<void> {
  await networkHelpers.setBalance(admin.address, 10n ** 24n);
  const crowd = await ethers.deployContract("Crowd");
  const join = crowd.getFunction("join");
  for (let had = Number(await workers.workerCount()); had < to; had += AT_ONCE) {
    const count = Math.min(AT_ONCE, to - had);
    await join(workers, versionId, count, { value: BigInt(count) * MINIMUM, gasLimit: 16_000_000 });
  }
  expect(await workers.workerCount()).to.equal(BigInt(to));
}

async function gasOf(sent: Promise<Sent>): Promise<number> {
  const receipt = await (await sent).wait();
  if (receipt === null) throw new Error("not mined");
  return Number(receipt.gasUsed);
}

async function measure(base: Base): Promise<Record<string, number>> {
  const { workers, versionId, operator, key } = base;
  const serve = (levels: number) => gasOf(workers.connect(key).serve(id, versionId, levels));
  const stake = 8n * MINIMUM;
  const register = await gasOf(workers.connect(operator).register(key, PRICE, stake, { value: stake }));
  const id = await workers.workerIdOf(key);
  const { places } = await workers.candidates(versionId, LEVEL.Vanilla);
  return {
    register,
    "serve with eight tickets": await serve(VANILLA),
    "draw, gas of the call": Number(await workers.candidateAt.estimateGas(versionId, LEVEL.Vanilla, places)),
    "turn, gas of the call": Number(await workers.turnOf.estimateGas(key, versionId, LEVEL.Vanilla, places - 1n)),
    "stop with eight tickets": await serve(0),
    "serve again": await serve(VANILLA),
  };
}

describe("the gas of the registry of workers", function () {
  this.timeout(120_000);

  it(`is the same with ${FEW} workers and with ${MANY}, to within 1 %`, async () => {
    const base = await networkHelpers.loadFixture(few);
    const before = await networkHelpers.takeSnapshot();
    const withFew = await measure(base);
    await before.restore();
    await grow(base, MANY);
    const withMany = await measure(base);
    const moved = Object.entries(withFew).filter(([name, gas]) => Math.abs((withMany[name] ?? 0) - gas) > gas / 100);
    expect(moved.map(([name, gas]) => `${name}: ${gas} -> ${withMany[name]}`)).to.deep.equal([]);
  });

  it("stays within its ceilings", async () => {
    const base = await networkHelpers.loadFixture(few);
    const figures = await measure(base);
    const { workers, versionId } = base;
    const one = await addWorker(base, 0, 1n);
    const own = workers.connect(one.operator);
    figures["serve with one ticket"] = await gasOf(own.serve(one.id, versionId, VANILLA));
    figures["stop with one ticket"] = await gasOf(own.serve(one.id, versionId, 0));
    figures["start unbonding"] = await gasOf(own.startUnbonding(one.id, MINIMUM));
    const token = await networkHelpers.loadFixture(withToken);
    await token.workers.connect(token.stranger).register(token.stranger, PRICE, MINIMUM);
    figures["register in an ERC-20"] = await gasOf(
      token.workers.connect(token.operator).register(token.key, PRICE, MINIMUM),
    );
    if (process.env["SHOW_GAS"]) console.log(figures);
    const over = Object.entries(CEILINGS).filter(([name, ceiling]) => (figures[name] ?? Infinity) > ceiling);
    expect(over.map(([name, ceiling]) => `${name}: ${figures[name]} > ${ceiling}`)).to.deep.equal([]);
    expect(Object.keys(figures)).to.have.members(Object.keys(CEILINGS));
  });
});

const CEILINGS: Readonly<Record<string, number>> = {
  register: 125_000,
  "register in an ERC-20": 150_000,
  "serve with one ticket": 77_000,
  "serve with eight tickets": 107_000,
  "serve again": 88_000,
  "stop with one ticket": 51_000,
  "stop with eight tickets": 57_000,
  "draw, gas of the call": 28_000,
  "turn, gas of the call": 37_000,
  "start unbonding": 42_000,
};
