import { expect } from "chai";
import type { ContractTransactionResponse } from "ethers";

import {
  BURN,
  ethers,
  expectSolvent,
  type Job,
  LEVEL,
  networkHelpers,
  PARAMETERS,
  passTime,
  type RequestedJob,
  requestJob,
  signatureFor,
  STATE,
} from "../fixture.ts";
import {
  ask,
  CALLBACK_GAS,
  type Consuming,
  consuming,
  gasUsed,
  type Mood,
  PLENTY,
  reasonOf,
  setMood,
  told,
} from "./consuming.ts";

const load = () => networkHelpers.loadFixture(consuming);

/** Longest reason that is kept: a selector and four words, as hex with its prefix. */
const LONGEST_REASON = 2 + 2 * 132;
const HOSTILE = ["Reverts", "BurnsGas", "ReturnsBomb", "RevertsWithBomb", "ReEnters", "SelfDestructs"] as const;

type Send = () => Promise<ContractTransactionResponse>;

interface Way {
  readonly request: Parameters<typeof ask>[1];
  /** Brings the job to where its consumer is about to be called. */
  readonly approach: (base: Consuming, job: RequestedJob) => Promise<Send>;
  readonly ends: number;
}

/** Every way in which a consumer is called. */
const ways: Record<string, Way> = {
  "an early answer": {
    request: {},
    approach: async ({ market, worker }, { job }) =>
      Promise.resolve(() => market.connect(worker.key).execute(job, "0x06", PLENTY)),
    ends: STATE.Executed,
  },
  "a settled answer": {
    request: { callbackAt: 1n },
    approach: async ({ market, worker }, { job, jobId }) => {
      await market.connect(worker.key).execute(job, "0x06");
      await passTime((await market.statusOf(jobId)).dueAt);
      return () => market.settle(job, "0x06", PLENTY);
    },
    ends: STATE.Settled,
  },
  "an answer with evidence": {
    request: { level: LEVEL.Tee },
    approach: async (base, { job }) => {
      const signature = await signatureFor(base, job, base.worker, "0x06");
      return () => base.market.connect(base.worker.key).fulfill(job, "0x06", signature, PLENTY);
    },
    ends: STATE.Settled,
  },
  "the revocation of a challenged answer": {
    request: {},
    approach: async ({ market, worker, challenger }, { job, jobId }) => {
      await market.connect(worker.key).execute(job, "0x07");
      await market.connect(challenger).challenge(job, { value: PARAMETERS.challengeBond });
      await passTime((await market.statusOf(jobId)).dueAt);
      return () => market.resolve(job, PLENTY);
    },
    ends: STATE.Refunded,
  },
  "the revocation of an answer without evidence": {
    request: { level: LEVEL.Zkml },
    approach: async ({ market, worker }, { job, jobId }) => {
      await market.connect(worker.key).execute(job, "0x07");
      await passTime((await market.statusOf(jobId)).dueAt);
      return () => market.expire(job, PLENTY);
    },
    ends: STATE.Refunded,
  },
};

/** All that a consumer might want to change: money, stake, counters, and the states of its own and of another's job. */
async function aftermath({ way, mood }: { way: Way; mood: Mood }) {
  const base = await load();
  const { market, worker, consumer } = base;
  const { job: bystander, jobId: bystanderId } = await requestJob(base);
  await market.connect(worker.key).execute(bystander, "0x06");
  const asked = await ask(base, way.request);
  const send = await way.approach(base, asked);
  await setMood(base, mood, market.interface.encodeFunctionData("withdraw", [1n, await consumer.getAddress()]));
  const gas = await gasUsed(send());
  await expectSolvent(base, [asked.job, bystander], [consumer]);

  const accounts = [base.requester, base.owner, base.challenger, worker.operator, worker.key, consumer, BURN];
  const { callbackOwed, state } = await market.statusOf(asked.jobId);
  const { earned, bound, done, slashed, misses } = await market.standingOf(worker.id);
  return {
    gas,
    callbackOwed,
    rest: {
      state,
      bystander: (await market.statusOf(bystanderId)).state,
      standing: { earned, bound, done, slashed, misses },
      balances: await Promise.all(accounts.map((account) => market.balanceOf(account))),
      burnt: await ethers.provider.getBalance(BURN),
    },
    base,
    asked,
  };
}

for (const [name, way] of Object.entries(ways))
  describe(`a consumer called with ${name}`, function () {
    this.timeout(60_000);

    let good: Awaited<ReturnType<typeof aftermath>>;
    before(async () => {
      good = await aftermath({ way, mood: "Good" });
      expect([good.callbackOwed, good.rest.state]).to.deep.equal([false, BigInt(way.ends)]);
    });

    for (const mood of HOSTILE)
      it(`that ${mood} changes nothing for anybody else, and costs its caller no more than its gas`, async () => {
        const { gas, callbackOwed, rest, base, asked } = await aftermath({ way, mood });
        expect(rest).to.deep.equal(good.rest);
        expect(gas < good.gas + CALLBACK_GAS).to.equal(true);
        expect(callbackOwed).to.equal(mood !== "ReturnsBomb" && mood !== "SelfDestructs");
        if (callbackOwed) await repeatsByAnyone(base, asked);
      });
  });

async function repeatsByAnyone(base: Consuming, { job, jobId }: RequestedJob): Promise<void> {
  const { market, stranger } = base;
  const retry = () => market.connect(stranger).retryCallback(job, "0x06", PLENTY);
  expect((await reasonOf(base, retry()))?.length).to.be.at.most(LONGEST_REASON);
  await setMood(base, "Good");
  await expect(retry()).to.emit(market, "CallbackDelivered").withArgs(jobId);
  const { answer, revocations, isFinal } = await told(base);
  const { state } = await market.statusOf(jobId);
  if (state === BigInt(STATE.Refunded)) expect(revocations).to.equal(1n);
  else expect([answer, isFinal]).to.deep.equal(["0x06", state === BigInt(STATE.Settled)]);
  await expect(retry()).to.be.revertedWithCustomError(market, "NoCallbackOwed");
}

describe("a consumer's gas", function () {
  this.timeout(60_000);

  it("is the same however much the caller has, or the delivery reverts", async () => {
    const base = await load();
    const { market, worker } = base;
    const execute = (job: Job, gasLimit: bigint) => market.connect(worker.key).execute(job, "0x06", { gasLimit });
    const { job: first } = await ask(base, { callbackGas: 1_000_000n });
    await execute(first, 6_000_000n);
    const { job: second } = await ask(base, { callbackGas: 1_000_000n });
    await execute(second, 6_000_000n);
    const { gasSeen } = await told(base);

    const { job, jobId } = await ask(base, { callbackGas: 1_000_000n });
    const least = await leastGas((gasLimit) =>
      market.connect(worker.key).execute.staticCall(job, "0x06", { gasLimit }),
    );
    await expect(execute(job, least - 1n)).to.be.revertedWithCustomError(market, "CallbackGasMissing");
    expect((await market.statusOf(jobId)).state).to.equal(BigInt(STATE.Requested));
    await expect(execute(job, least)).to.emit(market, "CallbackDelivered");
    expect((await told(base)).gasSeen).to.equal(gasSeen);
  });

  for (const mood of ["BurnsGas", "RevertsWithBomb"] as const)
    it(`leaves enough to note the failure where it ${mood}, with the least gas that is accepted`, async () => {
      const base = await load();
      const { market, worker } = base;
      const { job, jobId } = await ask(base, { callbackGas: 1_000_000n });
      await setMood(base, mood);
      const least = await leastGas((gasLimit) =>
        market.connect(worker.key).execute.staticCall(job, "0x06", { gasLimit }),
      );
      const execute = (gasLimit: bigint) => market.connect(worker.key).execute(job, "0x06", { gasLimit });
      await expect(execute(least - 1n)).to.be.revertedWithCustomError(market, "CallbackGasMissing");
      await expect(execute(least)).to.emit(market, "CallbackFailed");
      expect((await market.statusOf(jobId)).callbackOwed).to.equal(true);
    });
});

/** The least gas with which a call succeeds. */
async function leastGas(call: (gasLimit: bigint) => Promise<unknown>): Promise<bigint> {
  let [low, high] = [100_000n, 6_000_000n];
  while (high - low > 1n) {
    const middle = (low + high) / 2n;
    const succeeds = await call(middle).then(
      () => true,
      () => false,
    );
    if (succeeds) high = middle;
    else low = middle;
  }
  return high;
}
