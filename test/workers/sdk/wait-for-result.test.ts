import { expect } from "chai";

import {
  challenge,
  claim,
  type Client,
  execute,
  expire,
  fulfill,
  getJob,
  resolve,
  settle,
  verifyResult,
  waitForResult,
} from "../../../workers/sdk/index.ts";
import { ASK, failure, type Market, openMarket, through } from "./fixture.ts";

const ANSWER = Uint8Array.of(42);
const pollingInterval = 20;

describe("waiting for a result", () => {
  let market: Market;
  let requester: Client;
  let worker: Client;

  before(async () => {
    market = await openMarket();
    ({ requester, worker } = market);
  });

  after(() => market.close());

  it("ends with the first answer, or with the final one", async () => {
    const { jobId, job } = await market.ask("Vanilla");
    const first = waitForResult(requester, { jobId, pollingInterval });
    const final = waitForResult(requester, { jobId, finality: "final", pollingInterval });
    await execute(worker, { job, output: ANSWER });
    const early = await first;
    expect(early).to.deep.include({ outputs: [[42n]], isFinal: false, workerIds: [market.workerId], fee: undefined });
    expect(early.transactions).to.have.all.keys("JobRequested", "JobExecuted");

    await market.passTime((await getJob(requester, { jobId })).status.dueAt);
    const { hash } = await settle(worker, { job });
    const late = await final;
    expect(late).to.deep.include({ outputs: [[42n]], isFinal: true, fee: ASK, packedOutput: ANSWER });
    expect(late.transactions.JobSettled).to.equal(hash);
  });

  it("ends at once, and finally, when evidence comes with the answer", async () => {
    const { jobId, job } = await market.ask("Tee");
    await fulfill(worker, { job, output: ANSWER, evidence: market.sign(job, ANSWER) });
    expect(await waitForResult(requester, { jobId })).to.deep.include({
      level: "Tee",
      outputs: [[42n]],
      isFinal: true,
    });
  });

  it("gives up when the time is over, not before, however rarely it asks", async () => {
    const { jobId } = await market.ask("Zkml");
    const start = Date.now();
    const error = await failure(waitForResult(requester, { jobId, timeout: 150, pollingInterval: 3_600_000 }));
    expect(error).to.include({ code: "TIMEOUT", retryable: true });
    expect(error.details).to.deep.equal({ jobId, state: "Requested" });
    expect(Date.now() - start).to.be.at.least(149);
  });

  it("gives up on a node that never answers", async () => {
    const { jobId } = await market.ask("Zkml");
    const silent = through(market, requester, () => new Promise(() => undefined));
    const error = await failure(waitForResult(silent, { jobId, timeout: 100, pollingInterval }));
    expect(error).to.include({ code: "TIMEOUT" });
    const aborted = waitForResult(silent, { jobId, signal: AbortSignal.timeout(20) });
    expect(await failure(aborted)).to.include({ code: "ABORTED" });
  });

  it("goes on when the node was away for a moment", async () => {
    const { jobId, job } = await market.ask("Vanilla");
    await execute(worker, { job, output: ANSWER });
    let away = 3;
    const shaky = through(market, requester, (_method, _parameters, ask) =>
      away-- > 0 ? Promise.reject(new TypeError("fetch failed")) : ask(),
    );
    expect((await waitForResult(shaky, { jobId, pollingInterval })).outputs).to.deep.equal([[42n]]);
    expect(away).to.be.lessThan(0);
  });

  it("stops when the caller gives up, before or while it waits", async () => {
    const { jobId } = await market.ask("Zkml");
    const during = failure(waitForResult(requester, { jobId, signal: AbortSignal.timeout(50) }));
    const before = failure(waitForResult(requester, { jobId, signal: AbortSignal.abort() }));
    expect((await Promise.all([during, before])).map(({ code }) => code)).to.deep.equal(["ABORTED", "ABORTED"]);
  });

  it("tells a refund when nobody answered", async () => {
    const { jobId, job, terms } = await market.ask("Zkml");
    const waiting = failure(waitForResult(requester, { jobId, pollingInterval }));
    await market.passTime(terms.deadline);
    await expire(requester, { job });
    const { code, details } = await waiting;
    expect([code, details["workerId"], details["refund"], details["slashed"]]).to.deep.equal([
      "JOB_REFUNDED",
      0n,
      2n * ASK,
      0n,
    ]);
  });

  it("tells a refund when a worker was late with evidence", async () => {
    const { jobId, job } = await market.ask("Zkml");
    await claim(worker, { job });
    await market.passTime((await getJob(requester, { jobId })).status.dueAt);
    await expire(requester, { job });
    const error = await failure(waitForResult(requester, { jobId }));
    expect([error.code, error.details["workerId"]]).to.deep.equal(["JOB_REFUNDED", market.workerId]);
    expect(error.details["slashed"]).to.satisfy((slashed: bigint) => slashed > 0n);
  });

  it("tells that an answer was revoked after a challenge", async () => {
    const { jobId, job } = await market.ask("Vanilla");
    await execute(worker, { job, output: Uint8Array.of(41) });
    expect((await waitForResult(requester, { jobId })).outputs).to.deep.equal([[41n]]);
    const final = failure(waitForResult(requester, { jobId, finality: "final", pollingInterval }));
    await challenge(requester, { job });
    expect(await failure(resolve(requester, { job }))).to.include({ code: "JobNotDue", retryable: true });
    await market.passTime((await getJob(requester, { jobId })).status.dueAt);
    await resolve(requester, { job });
    expect(await final).to.include({ code: "JOB_REFUNDED" });
    expect(await failure(verifyResult(requester, { jobId }))).to.include({ code: "JOB_REFUNDED" });
  });

  it("does not know a job that was never requested", async () => {
    const error = await failure(waitForResult(requester, { jobId: market.versionId }));
    expect(error).to.include({ code: "JOB_UNKNOWN" });
  });
});
