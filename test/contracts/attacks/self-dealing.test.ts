import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { expect } from "chai";
import { AbiCoder, keccak256, ZeroHash } from "ethers";
import fc from "fast-check";

import {
  addVersion,
  addWorker,
  BURN,
  ETHER,
  ethers,
  type Job,
  LEVEL,
  networkHelpers,
  PARAMETERS,
  passTime,
  requestJob,
  ROYALTY,
  served,
  signatureFor,
  STATE,
  type WorkerActor,
} from "../fixture.ts";

const RIGHT = "0x06";
const WRONG = "0x07";
const VANILLA = 1;
const VANILLA_AND_TEE = 3;
const FEE_BASIS_POINTS = 100n;

/** Five workers, a requester and a challenger that all belong together. Their money is in the market already. */
async function conspiring() {
  const base = await served();
  const judged = await addVersion(base, { levels: VANILLA, manifestDigest: keccak256("0x61") });
  const signed = await addVersion(base, { levels: VANILLA_AND_TEE, manifestDigest: keccak256("0x62") });
  const gang = [base.worker];
  for (let index = 1; index < 5; index++) gang.push(await addWorker(base, base.versionId, index));
  for (const { id, key } of gang) {
    await base.workers.connect(key).serve(id, judged, VANILLA);
    await base.workers.connect(key).serve(id, signed, VANILLA_AND_TEE);
  }
  const people = [base.requester, base.challenger, ...gang.flatMap(({ operator, key }) => [operator, key])];
  for (const person of people) await base.market.deposit(person, ETHER, { value: ETHER });
  await base.market.connect(base.admin).setProtocolFee(FEE_BASIS_POINTS, base.treasury);
  return { ...base, judged, signed, gang, people };
}

const load = () => networkHelpers.loadFixture(conspiring);
type Conspiring = Awaited<ReturnType<typeof conspiring>>;

/** All that the coalition has: balances, earnings and stake. */
async function wealth({ market, workers, gang, people }: Conspiring): Promise<bigint> {
  let sum = 0n;
  for (const person of people) sum += await market.balanceOf(person);
  for (const { id } of gang) {
    const { stake, unbonding } = await workers.workerOf(id);
    sum += stake + unbonding + (await market.standingOf(id)).earned;
  }
  return sum;
}

/** What left the coalition: to the model's owner, the protocol, and nobody. */
async function leaked({ market, owner, treasury }: Conspiring): Promise<bigint> {
  const burnt = await ethers.provider.getBalance(BURN);
  return burnt + (await market.balanceOf(owner)) + (await market.balanceOf(treasury));
}

async function slashes({ market, gang }: Conspiring): Promise<bigint> {
  let sum = 0n;
  for (const { id } of gang) sum += (await market.standingOf(id)).slashed;
  return sum;
}

describe("a worker that asks itself", function () {
  this.timeout(60_000);

  const roles: Readonly<Record<string, (base: Conspiring, worker: WorkerActor) => HardhatEthersSigner>> = {
    "its operator": (_, { operator }) => operator,
    "its key": (_, { key }) => key,
    "another account": ({ requester }) => requester,
    "another worker": ({ gang }) => (gang[1] ?? gang[0])?.key ?? never(),
  };

  for (const [asking, asker] of Object.entries(roles))
    for (const [disputing, disputant] of Object.entries(roles))
      it(`as ${asking} and disputes as ${disputing} loses half of the stake at fault, and the shares of others`, async () => {
        const base = await load();
        const { market, worker, signed } = base;
        const before = await wealth(base);
        const [requester, challenger] = [asker(base, worker), disputant(base, worker)];
        const open = async (output: string) => {
          const { job, jobId, terms } = await requestJob({ ...base, requester, versionId: signed });
          await passTime(terms.requestedAt + 2n * PARAMETERS.priorityWindow);
          await market.connect(worker.key).execute(job, output);
          await market.connect(challenger).challenge(job);
          return { job, jobId };
        };
        const { job: wrong, jobId } = await open(WRONG);
        await passTime((await market.statusOf(jobId)).dueAt);
        await market.resolve(wrong);
        expect(before - (await wealth(base))).to.equal(PARAMETERS.jobStake / 2n);

        const afterWrong = await wealth(base);
        const { job: right } = await open(RIGHT);
        const fee = (await market.challengeOf(await market.jobIdOf(right))).fee;
        await market.connect(worker.key).fulfill(right, RIGHT, await signatureFor(base, right, worker, RIGHT));
        expect(afterWrong - (await wealth(base))).to.equal(ROYALTY + (fee * FEE_BASIS_POINTS) / 10_000n);
      });
});

const STEPS = {
  executeRight: (base: Conspiring, job: Job, one: WorkerActor) => base.market.connect(one.key).execute(job, RIGHT),
  executeWrong: (base: Conspiring, job: Job, one: WorkerActor) => base.market.connect(one.key).execute(job, WRONG),
  claim: (base: Conspiring, job: Job, one: WorkerActor) => base.market.connect(one.key).claim(job),
  fulfillRight: async (base: Conspiring, job: Job, one: WorkerActor) =>
    base.market.connect(one.key).fulfill(job, RIGHT, await signatureFor(base, job, one, RIGHT)),
  // The coalition's enclaves sign whatever they are told.
  fulfillWrong: async (base: Conspiring, job: Job, one: WorkerActor) =>
    base.market.connect(one.key).fulfill(job, WRONG, await signatureFor(base, job, one, WRONG)),
  challenge: (base: Conspiring, job: Job, one: WorkerActor) => base.market.connect(one.operator).challenge(job),
  challengeOwn: (base: Conspiring, job: Job) => base.market.connect(base.requester).challenge(job),
  commitRight: (base: Conspiring, job: Job, one: WorkerActor) => commit(base, job, one, RIGHT),
  commitWrong: (base: Conspiring, job: Job, one: WorkerActor) => commit(base, job, one, WRONG),
  revealRight: (base: Conspiring, job: Job, one: WorkerActor) =>
    base.market.connect(one.key).reveal(job, RIGHT, ZeroHash),
  revealWrong: (base: Conspiring, job: Job, one: WorkerActor) =>
    base.market.connect(one.key).reveal(job, WRONG, ZeroHash),
  verdictRight: (base: Conspiring, job: Job, one: WorkerActor) => commitVerdict(base, job, one, RIGHT),
  verdictWrong: (base: Conspiring, job: Job, one: WorkerActor) => commitVerdict(base, job, one, WRONG),
  showRight: (base: Conspiring, job: Job, one: WorkerActor) =>
    base.market.connect(one.key).revealVerdict(job, keccak256(RIGHT), ZeroHash),
  showWrong: (base: Conspiring, job: Job, one: WorkerActor) =>
    base.market.connect(one.key).revealVerdict(job, keccak256(WRONG), ZeroHash),
  unbond: ({ workers }: Conspiring, _: Job, one: WorkerActor) =>
    workers.connect(one.operator).startUnbonding(one.id, ETHER / 2n),
  openReveals: ({ market }: Conspiring, job: Job) => market.openReveals(job),
  tally: ({ market }: Conspiring, job: Job) => market.tally(job, "0x"),
  settle: ({ market }: Conspiring, job: Job) => market.settle(job, "0x"),
  resolve: ({ market }: Conspiring, job: Job) => market.resolve(job),
  expire: ({ market }: Conspiring, job: Job) => market.expire(job),
  waitShortly: () => networkHelpers.time.increase(100),
  waitLong: () => networkHelpers.time.increase(700),
} as const;

type StepName = keyof typeof STEPS;
const NAMES = Object.keys(STEPS).filter((name): name is StepName => name in STEPS);
/** What a job with so many copies can go through: random steps alone would seldom get far. */
const SCRIPTS: readonly (readonly [copies: bigint, names: readonly StepName[]])[] = [
  [1n, ["executeWrong", "challenge", "waitLong", "resolve"]],
  [1n, ["executeRight", "challengeOwn", "fulfillRight"]],
  [1n, ["executeRight", "waitLong", "settle"]],
  [1n, ["claim", "executeWrong", "fulfillWrong"]],
  [1n, ["claim", "waitLong", "expire"]],
  [1n, ["executeWrong", "challenge", "verdictRight", "verdictRight", "verdictRight", "showRight", "showRight"]],
  [1n, ["executeRight", "challenge", "verdictRight", "verdictWrong", "verdictRight", "showRight", "showWrong"]],
  [
    3n,
    ["commitRight", "commitRight", "commitRight", "revealRight", "revealRight", "revealRight", "tally", "challenge"],
  ],
  [3n, ["commitWrong", "commitWrong", "commitRight", "revealWrong", "revealWrong", "revealRight", "tally"]],
  [3n, ["commitRight", "commitWrong", "waitLong", "openReveals", "revealRight", "tally"]],
  [2n, ["commitWrong", "commitRight", "revealWrong", "revealRight", "tally", "fulfillRight"]],
];

interface Step {
  readonly name: StepName;
  readonly who: number;
}

interface Plan {
  readonly version: "judged" | "signed";
  readonly level: 0 | 1;
  readonly copies: bigint;
  readonly asker: number;
  readonly steps: readonly Step[];
}

describe("a coalition of requester, workers and challengers", function () {
  this.timeout(120_000);

  it("never has more in the end, whatever they do: it loses what others get, and a part of all stake at fault", async () => {
    const reached = { settled: 0, refunded: 0, slashed: 0, judged: 0, agreed: 0, disagreed: 0 };
    const step = fc.record({ name: fc.constantFrom(...NAMES), who: fc.nat(4) });
    const scripted = fc.tuple(fc.constantFrom(...SCRIPTS), fc.nat(4)).map(([[, names], first]) => cast(names, first));
    const plan: fc.Arbitrary<Plan> = fc.record({
      version: fc.constantFrom("judged" as const, "signed" as const),
      level: fc.constantFrom(LEVEL.Vanilla, LEVEL.Vanilla, LEVEL.Tee),
      copies: fc.constantFrom(1n, 1n, 2n, 3n),
      asker: fc.nat(11),
      steps: fc
        .array(fc.oneof({ weight: 2, arbitrary: step.map((one) => [one]) }, { weight: 3, arbitrary: scripted }), {
          minLength: 1,
          maxLength: 4,
        })
        .map((parts) => parts.flat()),
    });
    await fc.assert(
      fc.asyncProperty(plan, async ({ version, level, copies, asker, steps }) => {
        const base = await load();
        const { market, people } = base;
        const requester = people[asker] ?? base.requester;
        const isTee = version === "signed" && level === LEVEL.Tee;
        const terms = { level: isTee ? LEVEL.Tee : LEVEL.Vanilla, copies: isTee ? 1n : copies };
        const had = { wealth: await wealth(base), leaked: await leaked(base), slashed: await slashes(base) };
        const { job, jobId, terms: asked } = await requestJob({ ...base, requester, versionId: base[version] }, terms);
        await passTime(asked.requestedAt + 2n * PARAMETERS.priorityWindow);
        for (const { name, who } of steps) await tried(STEPS[name](base, job, base.gang[who] ?? base.worker));
        await finish(base, job);

        const lost = had.wealth - (await wealth(base));
        const slashed = (await slashes(base)) - had.slashed;
        expect(lost).to.equal((await leaked(base)) - had.leaked);
        expect(lost >= (slashed * PARAMETERS.jobStake) / 4n).to.equal(true, `lost ${lost} with ${slashed} slashes`);
        for (const { id } of base.gang) expect((await market.standingOf(id)).bound).to.equal(0n);

        const { state } = await market.statusOf(jobId);
        const seen = async (filter: Parameters<typeof market.queryFilter>[0]) =>
          (await market.queryFilter(filter, Number(asked.requestBlock))).length;
        if (state === BigInt(STATE.Settled)) reached.settled++;
        else reached.refunded++;
        reached.slashed += Number(slashed);
        reached.judged += await seen(market.filters.PanelJudged());
        reached.agreed += await seen(market.filters.CopiesAgreed());
        reached.disagreed += await seen(market.filters.CopiesDisagreed());
      }),
      {
        numRuns: 36,
        examples: SCRIPTS.flatMap(([copies, names]) =>
          (["judged", "signed"] as const).map((version): [Plan] => [
            { version, level: LEVEL.Vanilla, copies, asker: 0, steps: cast(names, 0) },
          ]),
        ),
      },
    );
    for (const [what, count] of Object.entries(reached)) expect(count, what).to.be.greaterThan(0);
  });
});

/** Seats are taken by one after the other, those of a panel without the first, who does all the rest. */
function cast(names: readonly StepName[], first: number): Step[] {
  const taken = new Map<string, number>([
    ["verdict", 1],
    ["show", 1],
  ]);
  return names.map((name) => {
    const [kind = name] = /^[a-z]+/.exec(name) ?? [];
    if (!["commit", "reveal", "verdict", "show"].includes(kind)) return { name, who: first };
    const seat = taken.get(kind) ?? 0;
    taken.set(kind, seat + 1);
    return { name, who: (first + seat) % 5 };
  });
}

/** Does whatever anyone may do after the last deadline, until the job is over. */
async function finish(base: Conspiring, job: Job): Promise<void> {
  const jobId = await base.market.jobIdOf(job);
  for (let round = 0; round < 4; round++) {
    if ((await base.market.statusOf(jobId)).state >= BigInt(STATE.Settled)) return;
    await networkHelpers.time.increase(90_000);
    for (const name of ["openReveals", "tally", "settle", "resolve", "expire"] as const)
      await tried(STEPS[name](base, job));
  }
  throw new Error("the job is stuck");
}

async function tried(step: Promise<unknown>): Promise<void> {
  await step.catch(() => undefined);
}

function commit({ market }: Conspiring, job: Job, one: WorkerActor, output: string) {
  return market.jobIdOf(job).then((jobId) => market.connect(one.key).commit(job, commitment(jobId, one, output)));
}

async function commitVerdict({ market }: Conspiring, job: Job, one: WorkerActor, output: string) {
  const panelId = await market.panelIdOf(await market.jobIdOf(job));
  return market.connect(one.key).commitVerdict(job, commitment(panelId, one, output));
}

function commitment(roundId: string, { key }: WorkerActor, output: string): string {
  const types = ["bytes32", "address", "bytes32", "bytes32"];
  const values = [roundId, key.address, keccak256(output), ZeroHash];
  return keccak256(AbiCoder.defaultAbiCoder().encode(types, values));
}

function never(): never {
  throw new Error("there is no such worker");
}
