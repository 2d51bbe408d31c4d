import { expect } from "chai";
import type { BaseContract } from "ethers";

import {
  CALLBACK_AT,
  ETHER,
  ethers,
  expectSolvent,
  LEVEL,
  networkHelpers,
  passTime,
  type RequestedJob,
  signatureFor,
  STATE,
} from "../fixture.ts";
import { codeOf, DONE, PLENTY, sendBatch, statesOf } from "./batching.ts";
import { asking, consuming, type Mood, setMood, told } from "./consuming.ts";
import { together } from "./jobs.ts";

const load = () => networkHelpers.loadFixture(consumers);
const MOODS = ["Good", "Reverts", "BurnsGas", "ReturnsBomb", "RevertsWithBomb", "SelfDestructs"] as const;
const FAILING: readonly Mood[] = ["Reverts", "BurnsGas", "RevertsWithBomb"];

/** A consumer for each mood, all with money in the market. */
async function consumers() {
  const base = await consuming();
  const moody: { mood: Mood; consumer: BaseContract }[] = [];
  for (const mood of MOODS) {
    const consumer = await ethers.deployContract("MoodyConsumer", [base.market]);
    await base.market.deposit(consumer, ETHER, { value: ETHER });
    moody.push({ mood, consumer });
  }
  return { ...base, moody };
}

type Base = Awaited<ReturnType<typeof consumers>>;

async function askAll(base: Base, overrides: Parameters<typeof asking>[1]): Promise<RequestedJob[]> {
  const { moody, versionId } = base;
  const jobs = await together(
    base,
    moody.map(
      ({ consumer }) =>
        () =>
          asking({ consumer, versionId }, overrides),
    ),
  );
  for (const { consumer, mood } of moody) await setMood({ consumer }, mood);
  return jobs;
}

async function expectDelivered(base: Base, jobs: readonly RequestedJob[], state: number): Promise<void> {
  const { market, moody } = base;
  expect(await statesOf(base, jobs)).to.deep.equal(jobs.map(() => state));
  const owed = await Promise.all(jobs.map(async ({ jobId }) => (await market.statusOf(jobId)).callbackOwed));
  expect(owed).to.deep.equal(moody.map(({ mood }) => FAILING.includes(mood)));
  await expectSolvent(
    base,
    jobs.map(({ job }) => job),
    [base.consumer, ...moody.map(({ consumer }) => consumer)],
  );
}

describe("a batch that calls consumers", function () {
  this.timeout(60_000);

  it("gives early answers to all of them, whatever each does", async () => {
    const base = await load();
    const jobs = await askAll(base, {});
    const items = jobs.map(({ job }) => ({ job, output: "0x06" }));
    const { codes } = await sendBatch(base, base.market.connect(base.worker.key).executeBatch, items);
    expect(codes).to.deep.equal(MOODS.map(() => DONE));
    await expectDelivered(base, jobs, STATE.Executed);
  });

  it("gives final answers to all of them, whatever each does", async () => {
    const base = await load();
    const { market, worker } = base;
    const jobs = await askAll(base, { callbackAt: CALLBACK_AT.Final });
    const items = jobs.map(({ job }) => ({ job, output: "0x06" }));
    await sendBatch(base, market.connect(worker.key).executeBatch, items);
    for (const { jobId } of jobs.slice(-1)) await passTime((await market.statusOf(jobId)).dueAt);
    expect((await sendBatch(base, market.settleBatch, items)).codes).to.deep.equal(MOODS.map(() => DONE));
    await expectDelivered(base, jobs, STATE.Settled);
  });

  it("gives answers with evidence to all of them, whatever each does", async () => {
    const base = await load();
    const { market, worker } = base;
    const jobs = await askAll(base, { level: LEVEL.Tee });
    const items = [];
    for (const { job } of jobs)
      items.push({ job, output: "0x06", evidence: await signatureFor(base, job, worker, "0x06") });
    const { codes } = await sendBatch(base, market.connect(worker.key).fulfillBatch, items);
    expect(codes).to.deep.equal(MOODS.map(() => DONE));
    await expectDelivered(base, jobs, STATE.Settled);
  });

  it("skips an item whose consumer cannot be given its gas, and does the rest", async () => {
    const base = await load();
    const { market, worker, consumer, versionId } = base;
    const [first, greedy, last] = await together(
      base,
      [100_000n, 2_000_000n, 100_000n].map((callbackGas) => () => asking({ consumer, versionId }, { callbackGas })),
    );
    if (!first || !greedy || !last) throw new Error("a job is missing");
    const items = [first, greedy, last].map(({ job }) => ({ job, output: "0x06" }));
    const batch = market.connect(worker.key).executeBatch;
    const { codes } = await sendBatch(base, batch, items, { gasLimit: 1_500_000n });
    expect(codes).to.deep.equal([DONE, codeOf(market, "CallbackGasMissing"), DONE]);
    expect(await statesOf(base, [first, greedy, last])).to.deep.equal([
      STATE.Executed,
      STATE.Requested,
      STATE.Executed,
    ]);
    expect((await sendBatch(base, batch, [{ job: greedy.job, output: "0x06" }])).codes).to.deep.equal([DONE]);
  });

  it("lets no consumer take the steps of other items, or those of the batch itself", async () => {
    const base = await load();
    const { market, worker, consumer, versionId } = base;
    const hot = await ethers.getContractAt("InferenceMarket", market);
    const own = await consumer.getAddress();
    const guard = codeOf(hot, "ReentrancyGuardReentrantCall");
    const notSelf = market.interface.encodeErrorResult("NotSelf", [own]);
    const calls = ({ job }: RequestedJob) =>
      [
        [market.interface.encodeFunctionData("execute", [job, "0x06"]), guard],
        [market.interface.encodeFunctionData("executeBatch", [[{ job, output: "0x06" }]]), guard],
        [market.interface.encodeFunctionData("settleBatch", [[{ job, output: "0x06" }]]), guard],
        [market.interface.encodeFunctionData("fulfillBatch", [[{ job, output: "0x06", evidence: "0x" }]]), guard],
        [hot.interface.encodeFunctionData("executeItem", [job, "0x06", worker.key.address]), notSelf],
        [hot.interface.encodeFunctionData("fulfillItem", [job, "0x06", "0x", worker.key.address, true]), notSelf],
      ] as const;
    for (let call = 0; call < 6; call++) {
      const jobs = await together(
        base,
        [1_000_000n, 0n].map((callbackGas) => () => asking({ consumer, versionId }, { callbackGas })),
      );
      const [calling, next] = jobs;
      if (!calling || !next) throw new Error("a job is missing");
      const [data, refusal] = calls(next)[call] ?? [];
      if (data === undefined) throw new Error("a call is missing");
      await setMood(base, "Probes", data);
      const items = jobs.map(({ job }) => ({ job, output: "0x06" }));
      const { codes } = await sendBatch(base, market.connect(worker.key).executeBatch, items, PLENTY);
      expect(codes).to.deep.equal([DONE, DONE]);
      const { probeDone, probeResult } = await told(base);
      expect([probeDone, probeResult]).to.deep.equal([false, refusal]);
    }
  });
});
