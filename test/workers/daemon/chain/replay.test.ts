import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import { pino } from "pino";

import { type Endpoint, openEndpoint } from "../../../../workers/daemon/chain/endpoint.ts";
import { chainJob } from "../../../../workers/daemon/chain/job-struct.ts";
import { replayBlocks, replayJob, type ReplaySources } from "../../../../workers/daemon/chain/replay.ts";
import type { Hex } from "../../../../workers/daemon/facts.ts";
import { reduce } from "../../../../workers/daemon/job/reduce.ts";
import { type Journal, openJournal } from "../../../../workers/daemon/journal/journal.ts";
import { createClient } from "../../../../workers/sdk/client.ts";
import { DEPLOYMENT } from "../sample-deployment.ts";
import { jobAt, KEY } from "../sample-job.ts";
import { MARKET, marketLog, type ScriptedNode, startScriptedNode } from "../scripted-node.ts";

const logger = pino({ level: "silent" });
const JOB: Hex = `0x${"0b".repeat(32)}`;
const OTHER_JOB: Hex = `0x${"0d".repeat(32)}`;
const requested = marketLog("JobRequested", [
  JOB,
  `0x${"01".repeat(32)}`,
  `0x${"bb".repeat(20)}`,
  chainJob(jobAt("Vanilla")),
  "0x05",
]);
const executed = marketLog("JobExecuted", [JOB, 7, "0x2a", 600]);
const othersClaim = marketLog("JobClaimed", [OTHER_JOB, 7, 500]);

describe("a replay", () => {
  let node: ScriptedNode;
  let directory: string;
  let journal: Journal;
  let endpoint: Endpoint;
  let sources: ReplaySources;

  const errorOf = (promise: Promise<unknown>): Promise<unknown> =>
    promise.then(
      () => "none",
      (error: unknown) => error,
    );
  const stateOf = async (jobId: Hex) => reduce(jobId, await journal.factsOf(jobId));
  /** The journal has read up to the newest block and found nothing there, as if the node had left everything out. */
  const haveReadNothing = async (): Promise<void> => {
    const block = await endpoint.provider.getBlock("latest");
    if (typeof block?.hash !== "string") throw new Error("no block");
    await journal.appendBlocks([], [{ number: block.number, hash: `0x${block.hash.slice(2)}` }]);
  };

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), "assay-replay-"));
    node = await startScriptedNode();
    node.mine("a", [], [requested], ...Array.from({ length: 70 }, () => []), [othersClaim, executed], []);
    const market: Hex = `0x${MARKET.slice(2)}`;
    journal = openJournal(join(directory, "journal.sqlite"), { chainId: 31337, market, workerKey: KEY });
    endpoint = await openEndpoint({ urls: [node.url], chainId: 31337, logger, timeout: 10_000, retries: 0 });
    sources = {
      endpoint,
      journal,
      client: await createClient({ provider: endpoint.provider, deployment: DEPLOYMENT }),
    };
  });
  afterEach(async () => {
    endpoint.close();
    await journal.close();
    await node.close();
    rmSync(directory, { recursive: true });
  });

  it("from a block journals what is missing from there on, once, and tells how far it is", async () => {
    await haveReadNothing();
    const progress: number[] = [];
    const added = await replayBlocks(sources, 2, (block) => progress.push(block));
    expect(added.map(({ job, fact }) => [job, fact.kind])).to.deep.equal([
      [OTHER_JOB, "claimed"],
      [JOB, "executed"],
    ]);
    expect(progress).to.deep.equal([33, 65, 73]);
    expect((await replayBlocks(sources, 0)).map(({ fact }) => fact.kind)).to.deep.equal(["requested"]);
    expect(await replayBlocks(sources, 0)).to.deep.equal([]);
    expect((await stateOf(JOB)).chain.state).to.equal("Executed");
  });

  it("of a job journals its history alone, and opens it again", async () => {
    await haveReadNothing();
    const { added, view } = await replayJob(sources, JOB);
    expect(added.map(({ job, fact }) => [job, fact.kind])).to.deep.equal([
      [JOB, "requested"],
      [JOB, "executed"],
    ]);
    expect([view.chain.state, view.closed]).to.deep.equal(["Executed", false]);
    await journal.append([{ job: JOB, fact: { kind: "closed", why: "done" } }]);
    expect((await stateOf(JOB)).closed).to.equal(true);
    expect((await replayJob(sources, JOB)).added).to.deep.equal([]);
    expect((await stateOf(JOB)).closed).to.equal(false);
  });

  it("refuses blocks and jobs that are not of what the journal has read", async () => {
    expect(await errorOf(replayBlocks(sources, 0))).to.include({ code: "REPLAY_INVALID" });
    await haveReadNothing();
    for (const block of [-1, 75])
      expect(await errorOf(replayBlocks(sources, block))).to.include({ code: "REPLAY_INVALID" });
    expect(await errorOf(replayJob(sources, `0x${"0e".repeat(32)}`))).to.include({ code: "REPLAY_INVALID" });
    expect(await journal.openJobs()).to.deep.equal([]);
  });
});
