import { expect } from "chai";
import { hexlify, keccak256, randomBytes } from "ethers";

import { answerOf } from "../../../workers/sdk/answer.ts";
import {
  challenge,
  type Client,
  commit,
  commitmentOf,
  commitVerdict,
  endJob,
  execute,
  fulfill,
  getJob,
  getRound,
  getStanding,
  type Job,
  panelIdOf,
  publishModel,
  read,
  request,
  reveal,
  revealVerdict,
  serve,
  verifyResult,
  waitForResult,
} from "../../../workers/sdk/index.ts";
import { ASK, failure, type Market, openMarket } from "./fixture.ts";

const [RIGHT, WRONG, ODD] = [Uint8Array.of(42), Uint8Array.of(43), Uint8Array.of(44)];
const WINDOWS = 120n;

interface Member {
  readonly client: Client;
  readonly key: string;
  readonly workerId: bigint;
}

describe("a job with several copies", function () {
  this.timeout(60_000);
  let market: Market;
  let requester: Client;
  let members: [Member, Member, Member];

  before(async () => {
    market = await openMarket();
    ({ requester } = market);
    const first = { client: market.worker, key: market.workerKey, workerId: market.workerId };
    members = [first, await market.join(10), await market.join(11)];
  });

  after(() => market.close());

  /** Asks for three copies, and waits until everybody may answer. */
  const ask = async (versionId = market.versionId) => {
    const wanted = { versionId, level: "Vanilla", input: [[21n]], maxFee: 6n * ASK, copies: 3n } as const;
    const asked = await request(requester, wanted);
    await market.passTime(asked.terms.requestedAt + WINDOWS);
    return asked;
  };
  /** Commits each member to its answer, and returns what it shows later. */
  const commitAll = async ({ job, jobId }: { job: Job; jobId: string }, outputs: readonly Uint8Array[]) => {
    const shows: (() => Promise<unknown>)[] = [];
    for (const [index, output] of outputs.entries()) {
      const { client, key } = memberAt(index);
      const salt = hexlify(randomBytes(32));
      const outputHash = keccak256(output);
      await commit(client, { job, commitment: commitmentOf({ roundId: jobId, worker: key, outputHash, salt }) });
      shows.push(() => reveal(client, { job, output, salt }));
    }
    return shows;
  };
  const memberAt = (index: number): Member => {
    const member = members[index];
    if (member === undefined) throw new RangeError(`no member ${index}`);
    return member;
  };
  const dueAt = async (jobId: string) => (await getJob(requester, { jobId })).status.dueAt;

  it("is refused when fewer workers serve", async () => {
    const wanted = { versionId: market.versionId, level: "Vanilla", input: [[21n]], maxFee: 20n * ASK } as const;
    const error = await failure(request(requester, { ...wanted, copies: 4n }));
    expect([error.code, error.details["needed"]]).to.deep.equal(["NO_WORKER", 4n]);
  });

  it("has the answer that most workers gave, and slashes who answered otherwise", async () => {
    const asked = await ask();
    const { jobId } = asked;
    const slashedBefore = (await getStanding(requester, { workerId: memberAt(2).workerId })).slashed;
    const shows = await commitAll(asked, [RIGHT, RIGHT, WRONG]);
    expect(await getRound(requester, { roundId: jobId })).to.include({ phase: "Revealing", seats: 3n, quorum: 2n });
    for (const show of shows) await show();
    expect(await failure(waitForResult(requester, { jobId, timeout: 10 }))).to.include({ code: "TIMEOUT" });
    expect(await failure(verifyResult(requester, { jobId }))).to.include({ code: "JOB_UNANSWERED" });

    await endJob(requester, { jobId });
    const agreed = [memberAt(0).workerId, memberAt(1).workerId];
    expect(await waitForResult(requester, { jobId })).to.deep.include({
      outputs: [[42n]],
      workerIds: agreed,
      isFinal: false,
    });
    const early = await verifyResult(requester, { jobId });
    expect(early).to.deep.include({ evidence: "stake", packedOutput: RIGHT });
    expect(early.caveats[0]).to.match(/^2 of 3 workers/);

    expect(await failure(endJob(requester, { jobId }))).to.include({ code: "JobNotDue", retryable: true });
    await market.passTime(await dueAt(jobId));
    await endJob(requester, { jobId });
    const final = await waitForResult(requester, { jobId, finality: "final" });
    expect(final.fee).to.satisfy((fee: bigint) => fee > 0n);
    expect((await verifyResult(requester, { jobId })).caveats).to.have.length(1);
    expect((await getStanding(requester, { workerId: memberAt(2).workerId })).slashed).to.equal(slashedBefore + 1n);
    const { terms, timeline } = await getJob(requester, { jobId });
    expect(terms.copies).to.equal(3n);
    expect(new Set(timeline.map(({ kind }) => kind))).to.deep.equal(
      new Set([
        "JobRequested",
        "Committed",
        "RevealsOpened",
        "Revealed",
        "CopiesAgreed",
        "SeatLost",
        "WorkerPaid",
        "JobSettled",
      ]),
    );
  });

  it("is not believed from a node that shows no reveal of the majority", async () => {
    const asked = await ask();
    for (const show of await commitAll(asked, [RIGHT, RIGHT, RIGHT])) await show();
    await endJob(requester, { jobId: asked.jobId });
    const { timeline, ...found } = await getJob(requester, { jobId: asked.jobId });
    const hidden = timeline.filter(({ kind }) => kind !== "Revealed");
    expect(() => answerOf({ ...found, timeline: hidden })).to.throw("no reveal");
  });

  it("counts without those who do not commit or reveal in time", async () => {
    const asked = await ask();
    const { jobId, terms } = asked;
    const [first, second] = await commitAll(asked, [RIGHT, RIGHT]);
    expect(await failure(endJob(requester, { jobId }))).to.include({ code: "RoundNotOver", retryable: true });
    await market.passTime(terms.deadline);
    await endJob(requester, { jobId });
    await first?.();
    await second?.();
    await endJob(requester, { jobId });
    expect(await waitForResult(requester, { jobId })).to.deep.include({ outputs: [[42n]] });
  });

  it("is refunded when too few commit", async () => {
    const asked = await ask();
    await commitAll(asked, [RIGHT]);
    await market.passTime(asked.terms.deadline);
    await endJob(requester, { jobId: asked.jobId });
    const refused = await failure(waitForResult(requester, { jobId: asked.jobId }));
    expect(refused.message).to.contain("too few workers answered in time");
  });

  it("is decided by evidence when no answer has a majority", async () => {
    const asked = await ask();
    const { jobId, job } = asked;
    for (const show of await commitAll(asked, [RIGHT, WRONG, ODD])) await show();
    await endJob(requester, { jobId });
    expect(await getJob(requester, { jobId })).to.include({ state: "Challenged" });
    expect(await failure(verifyResult(requester, { jobId }))).to.include({ code: "JOB_UNANSWERED" });
    await fulfill(market.worker, { job, output: RIGHT, evidence: await market.prove(job, 21) });
    expect(await verifyResult(requester, { jobId })).to.deep.include({ evidence: "proof", packedOutput: RIGHT });
    expect(await waitForResult(requester, { jobId, finality: "final" })).to.deep.include({
      workerIds: [market.workerId],
    });
  });

  it("is refunded when nobody brings the evidence that decides", async () => {
    const asked = await ask();
    const { jobId } = asked;
    for (const show of await commitAll(asked, [RIGHT, WRONG, ODD])) await show();
    await endJob(requester, { jobId });
    await market.passTime(await dueAt(jobId));
    await endJob(requester, { jobId });
    expect((await failure(waitForResult(requester, { jobId }))).message).to.contain("brought no evidence");
  });

  describe("without any evidence", () => {
    let versionId: string;
    let panel: [Member, Member, Member];

    before(async () => {
      const { store, uri, manifest, files, royalty, workUnits } = market.publication;
      const publication = { store, uri, manifest, files, royalty, workUnits, levels: ["Vanilla"] } as const;
      ({ versionId } = await publishModel(market.owner, publication));
      for (const { client, workerId } of members) await serve(client, { workerId, versionId, levels: ["Vanilla"] });
      panel = [memberAt(1), memberAt(2), await market.join(12, ["Vanilla"], versionId)];
    });

    /** The first worker answers alone, is challenged, and a panel gives these answers. */
    const judge = async (answer: Uint8Array, verdicts: readonly Uint8Array[]) => {
      const wanted = { versionId, level: "Vanilla", input: [[21n]], maxFee: 2n * ASK } as const;
      const { jobId, job, terms } = await request(requester, wanted);
      await market.passTime(terms.requestedAt + WINDOWS);
      await execute(market.worker, { job, output: answer });
      await challenge(requester, { job });
      await market.provider.send("evm_mine", []);
      const roundId = panelIdOf(jobId);
      const salt = hexlify(randomBytes(32));
      for (const [index, verdict] of verdicts.entries()) {
        const { client, key } = panel[index] ?? memberAt(index);
        const outputHash = keccak256(verdict);
        await commitVerdict(client, { job, commitment: commitmentOf({ roundId, worker: key, outputHash, salt }) });
      }
      if (verdicts.length < 3) {
        await market.passTime((await getRound(requester, { roundId })).dueAt);
        await endJob(requester, { jobId });
      }
      for (const [index, verdict] of verdicts.entries())
        if (verdicts.length > 1)
          await revealVerdict((panel[index] ?? memberAt(index)).client, {
            job,
            outputHash: keccak256(verdict),
            salt,
          });
      return { jobId, roundId };
    };

    it("a panel upholds a right answer", async () => {
      const { jobId, roundId } = await judge(RIGHT, [RIGHT, RIGHT, WRONG]);
      expect(await read(requester, { contract: "market", functionName: "panelIdOf", args: [jobId] })).to.equal(roundId);
      const open = await verifyResult(requester, { jobId });
      expect(open.caveats.join()).to.contain("It is challenged");
      await endJob(requester, { jobId });
      const { caveats } = await verifyResult(requester, { jobId });
      expect(caveats.join()).to.contain("a panel of other workers gave the same answer");
      const { timeline } = await getJob(requester, { jobId });
      expect(timeline.filter((fact) => fact.kind === "Revealed" && fact.roundId === roundId)).to.have.length(3);
    });

    it("a panel overturns a wrong answer, with two of three seats taken", async () => {
      const { jobId } = await judge(WRONG, [RIGHT, RIGHT]);
      await endJob(requester, { jobId });
      const refused = await failure(waitForResult(requester, { jobId }));
      expect(refused.message).to.contain("a panel judged the answer to be wrong");
    });

    it("a panel to which too few come has no verdict", async () => {
      const { jobId } = await judge(RIGHT, [RIGHT]);
      const refused = await failure(waitForResult(requester, { jobId }));
      expect(refused.message).to.contain("its panel came to no verdict");
    });

    it("copies that disagree are refunded if too few others serve for a panel", async () => {
      const asked = await ask(versionId);
      for (const show of await commitAll(asked, [RIGHT, WRONG, ODD])) await show();
      await endJob(requester, { jobId: asked.jobId });
      const refused = await failure(waitForResult(requester, { jobId: asked.jobId }));
      expect(refused.message).to.contain("no answer of its copies had a majority");
    });

    it("a panel can uphold what one copy says, against the others", async () => {
      const judges = [await market.join(13, ["Vanilla"], versionId), await market.join(14, ["Vanilla"], versionId)];
      const { jobId, job } = await askAndDisagree();
      await market.provider.send("evm_mine", []);
      const roundId = panelIdOf(jobId);
      const salt = hexlify(randomBytes(32));
      const outputHash = keccak256(RIGHT);
      const sitting = [panel[2], ...judges];
      for (const { client, key } of sitting)
        await commitVerdict(client, { job, commitment: commitmentOf({ roundId, worker: key, outputHash, salt }) });
      for (const { client } of sitting) await revealVerdict(client, { job, outputHash, salt });
      expect(await failure(verifyResult(requester, { jobId }))).to.include({ code: "JOB_UNANSWERED" });

      await endJob(requester, { jobId });
      expect(await waitForResult(requester, { jobId, finality: "final" })).to.deep.include({
        outputs: [[42n]],
        workerIds: [memberAt(0).workerId],
      });
      const { caveats } = await verifyResult(requester, { jobId });
      expect(caveats[0]).to.match(/^1 of 3 workers/);
      const { timeline } = await getJob(requester, { jobId });
      const hidden = timeline.filter((fact) => fact.kind !== "Revealed" || fact.roundId === jobId);
      expect(() => answerOf({ jobId, timeline: hidden })).to.throw("no reveal of the verdict");
    });

    const askAndDisagree = async () => {
      const asked = await ask(versionId);
      for (const show of await commitAll(asked, [RIGHT, WRONG, ODD])) await show();
      await endJob(requester, { jobId: asked.jobId });
      return asked;
    };
  });
});
