import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import { pino } from "pino";

import { type Endpoint, openEndpoint } from "../../../../workers/daemon/chain/endpoint.ts";
import { createFollower, type Follower, type FollowerOptions } from "../../../../workers/daemon/chain/follower.ts";
import { type Journal, openJournal, type SubjectFact } from "../../../../workers/daemon/journal/journal.ts";
import { reduce } from "../../../../workers/daemon/job/reduce.ts";
import type { Hex } from "../../../../workers/daemon/facts.ts";
import { KEY } from "../sample-job.ts";
import { MARKET, marketLog, type ScriptedNode, startScriptedNode } from "../scripted-node.ts";

const logger = pino({ level: "silent" });
const JOB: Hex = `0x${"0b".repeat(32)}`;
const claimed = marketLog("JobClaimed", [JOB, 7, 500]);
const executed = marketLog("JobExecuted", [JOB, 7, "0x2a", 600]);
const settled = marketLog("JobSettled", [JOB, 7, 1000, 0, 0]);

/** Enough blocks for those before them to be read by ranges. */
const FAR: readonly [][] = Array.from({ length: 80 }, () => []);

describe("following the chain", () => {
  let node: ScriptedNode;
  let directory: string;
  let journal: Journal;
  let endpoint: Endpoint;
  let follower: Follower;

  const follow = (overrides: Partial<FollowerOptions> = {}): Promise<Follower> => {
    const settings = { confirmations: 0, maxRange: 100, lagPatience: 0 };
    return createFollower({
      ...{ endpoint, journal, logger, deployment: { market: MARKET, fromBlock: 1 } },
      ...settings,
      ...overrides,
    });
  };
  const catchUp = async (by: Follower = follower): Promise<SubjectFact[]> => {
    const all: SubjectFact[] = [];
    for (let rounds = 0; rounds < 50; rounds++) {
      const { fresh, caughtUp } = await by.poll();
      all.push(...fresh);
      if (caughtUp) return all;
    }
    throw new Error("it never catches up");
  };
  const stateOf = async (): Promise<string> => reduce(JOB, await journal.factsOf(JOB)).chain.state;
  const openedEndpoint = (options: { timeout?: number; chainId?: number } = {}) =>
    openEndpoint({ urls: [node.url], chainId: 31337, logger, timeout: 2000, retries: 3, ...options });

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), "assay-follower-"));
    node = await startScriptedNode();
    node.mine("a", [], [claimed], []);
    journal = openJournal(join(directory, "journal.sqlite"), {
      chainId: 31337,
      market: `0x${"cc".repeat(20)}`,
      workerKey: KEY,
    });
    endpoint = await openedEndpoint();
    follower = await follow();
  });
  afterEach(async () => {
    endpoint.close();
    await journal.close();
    await node.close();
    rmSync(directory, { recursive: true });
  });

  it("turns every log into one fact, and reads nothing twice", async () => {
    expect((await catchUp()).map(({ fact }) => fact.kind)).to.deep.equal(["claimed"]);
    expect(await catchUp()).to.deep.equal([]);
    node.mine("a", [executed, settled]);
    expect((await catchUp()).map(({ fact }) => fact.kind)).to.deep.equal(["executed", "settled"]);
    expect(await stateOf()).to.equal("Settled");
  });

  it("goes on from its cursor after a restart", async () => {
    await catchUp();
    node.mine("a", [executed]);
    const before = node.calls.length;
    expect(await catchUp(await follow())).to.have.length(1);
    const asked = node.calls.slice(before).filter(({ method }) => method === "eth_getBlockByNumber");
    expect(asked.map(({ params }) => params[0])).to.deep.equal(["0x3"]);
  });

  it("revokes what a reorganisation orphaned, and reads the other branch", async () => {
    node.mine("a", [executed], [settled]);
    await catchUp();
    expect(await stateOf()).to.equal("Settled");
    node.orphan(3);
    node.mine("b", [], [executed]);
    const facts = await catchUp();
    expect(facts.map(({ fact }) => fact.kind)).to.deep.equal(["revoked", "revoked", "executed"]);
    expect(await stateOf()).to.equal("Executed");
    expect(await journal.factsOf(JOB)).to.have.length(6);
  });

  it("takes an orphaned block back when its branch wins after all", async () => {
    node.mine("a", [executed]);
    await catchUp();
    node.orphan(3);
    node.mine("b", []);
    await catchUp();
    expect(await stateOf()).to.equal("Claimed");
    node.orphan(3);
    node.mine("a", [executed]);
    await catchUp();
    expect(await stateOf()).to.equal("Executed");
  });

  it("notices that the chain became shorter", async () => {
    node.mine("a", [executed], [], []);
    await catchUp();
    node.orphan(3);
    await catchUp();
    expect(await stateOf()).to.equal("Claimed");
  });

  it("makes mined transactions pending again when their block is orphaned", async () => {
    await catchUp();
    const [block] = await journal.blocks(1);
    if (block === undefined) throw new Error("no cursor");
    const transactionHash: Hex = "0x01";
    const fact = { kind: "mined", nonce: 3, transactionHash, ok: true, gasUsed: 1n } as const;
    await journal.append([{ job: JOB, fact: { ...fact, blockNumber: block.number, blockHash: block.hash } }]);
    node.orphan(2);
    node.mine("b", []);
    const facts = await catchUp();
    expect(facts).to.deep.include({ job: JOB, fact: { kind: "unmined", nonce: 3, transactionHash } });
  });

  it("waits for confirmations", async () => {
    const careful = await follow({ confirmations: 2 });
    expect(await catchUp(careful)).to.deep.equal([]);
    node.mine("a", []);
    expect(await catchUp(careful)).to.have.length(1);
  });

  it("halves a range that the node refuses, until it is small enough", async () => {
    node.mine("a", ...Array.from({ length: 90 }, (_, index) => (index === 35 ? [executed] : [])));
    node.misbehave(({ method, params }) => {
      if (method !== "eth_getLogs") return undefined;
      const { fromBlock, toBlock } = params[0] as { fromBlock?: string; toBlock?: string };
      if (fromBlock === undefined) return undefined;
      const blocks = Number(toBlock) - Number(fromBlock) + 1;
      return blocks > 5 ? { error: { code: -32005, message: "query returned more than 10000 results" } } : undefined;
    });
    expect((await catchUp()).map(({ fact }) => fact.kind)).to.deep.equal(["claimed", "executed"]);
  });

  it("does not file logs of one branch under the marks of another", async () => {
    node.mine("a", [executed], ...FAR);
    let once = true;
    node.misbehave(({ method }) => {
      // The chain changes between the logs and the block that ends their range.
      if (method === "eth_getLogs" && once) {
        once = false;
        queueMicrotask(() => {
          node.orphan(3);
          node.mine("b", [settled], ...FAR);
        });
      }
      return undefined;
    });
    await catchUp();
    expect(await stateOf()).to.equal("Settled");
    expect((await journal.factsOf(JOB)).map(({ kind }) => kind)).to.deep.equal(["claimed", "settled"]);
  });

  it("repeats calls that got no answer", async () => {
    endpoint.close();
    endpoint = await openedEndpoint({ timeout: 400 });
    let silent = 2;
    node.misbehave(({ method }) => (method === "eth_getLogs" && silent-- > 0 ? "silence" : undefined));
    expect(await catchUp(await follow())).to.have.length(1);
    expect(silent).to.be.lessThan(1);
  });

  it("says that the node is away when it stays away", async () => {
    await node.close();
    const error: unknown = await follower.poll().catch((reason: unknown) => reason);
    expect(error).to.include({ code: "RPC_UNREACHABLE", retryable: true });
  });

  it("refuses a node of another chain", async () => {
    const error: unknown = await openedEndpoint({ chainId: 1 }).catch((reason: unknown) => reason);
    expect(error).to.include({ code: "CHAIN_ID_MISMATCH", retryable: false });
  });
});
