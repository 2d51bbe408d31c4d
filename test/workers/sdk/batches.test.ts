import { expect } from "chai";

import {
  executeBatch,
  fulfillBatch,
  getJob,
  getStanding,
  returnToDraws,
  settleBatch,
  verifyResult,
  withdrawEarnings,
} from "../../../workers/sdk/index.ts";
import { ASK, failure, type Market, openMarket, ROYALTY } from "./fixture.ts";

const ANSWER = Uint8Array.of(42);

describe("a batch", () => {
  let market: Market;

  before(async () => {
    market = await openMarket();
  });

  after(() => market.close());

  it("says of each item why it had no effect, and settles the others", async () => {
    const { worker, requester } = market;
    const [first, second] = [await market.ask("Vanilla"), await market.ask("Vanilla")];
    const answers = [
      { job: first.job, output: ANSWER },
      { job: first.job, output: ANSWER },
      { job: second.job, output: Uint8Array.of(1, 2) },
      { job: second.job, output: ANSWER },
    ];
    const executed = await executeBatch(worker, { answers });
    expect(executed.errors).to.deep.equal([null, "JobStateMismatch", "OutputLength", null]);

    const { status } = await getJob(requester, { jobId: second.jobId });
    await market.passTime(status.dueAt);
    const third = await market.ask("Vanilla");
    const settled = await settleBatch(requester, { answers: [first, second, third].map(({ job }) => ({ job })) });
    expect(settled.errors).to.deep.equal([null, null, "JobStateMismatch"]);
    expect(await getJob(requester, { jobId: first.jobId })).to.include({ state: "Settled" });
  });

  it("proves several jobs at once, each of which is verified from it", async () => {
    const { worker, requester } = market;
    const [first, second] = [await market.ask("Zkml", 21n), await market.ask("Zkml", 5n)];
    const good = { job: first.job, output: ANSWER, evidence: await market.prove(first.job, 21) };
    const other = { job: second.job, output: Uint8Array.of(10), evidence: await market.prove(second.job, 5) };
    const bad = { ...good, evidence: other.evidence };
    const { errors } = await fulfillBatch(worker, { answers: [bad, good, other] });
    expect(errors).to.have.length(3);
    expect([errors[0] === null, errors[1], errors[2]]).to.deep.equal([false, null, null]);
    for (const { jobId } of [first, second])
      expect(await verifyResult(requester, { jobId })).to.include({ evidence: "proof", worker: market.workerKey });
  });

  it("earns what its operator takes out, and reputation", async () => {
    const { worker, operator, workerId, provider } = market;
    const { earned, done, late, slashed, isSuspended } = await getStanding(worker, { workerId });
    expect([earned, done, late, slashed, isSuspended]).to.deep.equal([4n * (ASK - ROYALTY), 4n, 0n, 0n, false]);
    expect(await failure(withdrawEarnings(worker, { workerId }))).to.include({ code: "NotWorkersOperator" });
    const to = "0x00000000000000000000000000000000000000aa";
    await withdrawEarnings(operator, { workerId, to });
    expect(await provider.getBalance(to)).to.equal(earned);
    expect(await getStanding(worker, { workerId })).to.include({ earned: 0n, done: 4n });
    expect(await failure(returnToDraws(worker, { workerId }))).to.include({ code: "NotSuspended" });
  });
});
