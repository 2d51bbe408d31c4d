import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import { pino } from "pino";

import { type Endpoint, openEndpoint } from "../../../../workers/daemon/chain/endpoint.ts";
import { createFollower, type Follower } from "../../../../workers/daemon/chain/follower.ts";
import { checkGenesis, checkMarket } from "../../../../workers/daemon/chain/market-check.ts";
import type { Hex } from "../../../../workers/daemon/facts.ts";
import { type Journal, openJournal } from "../../../../workers/daemon/journal/journal.ts";
import { type FaultyProxy, faultsOf, startFaultyProxy } from "../../../faulty-proxy.ts";
import { KEY } from "../sample-job.ts";
import { MARKET, marketLog, type ScriptedNode, startScriptedNode } from "../scripted-node.ts";

const logger = pino({ level: "silent" });
const JOB: Hex = `0x${"0b".repeat(32)}`;
const claimed = marketLog("JobClaimed", [JOB, 7, 500]);
const executed = marketLog("JobExecuted", [JOB, 7, "0x2a", 600]);
const settled = marketLog("JobSettled", [JOB, 7, 1000, 0, 0]);
const empty = (count: number): [][] => Array.from({ length: count }, () => []);

describe("following a chain by nodes that do not tell the truth", () => {
  let node: ScriptedNode;
  let directory: string;
  let journal: Journal;
  let proxies: FaultyProxy[];
  let endpoint: Endpoint;
  let follower: Follower;
  let now: number;

  const open = async (doors: number): Promise<FaultyProxy[]> => {
    proxies = [];
    for (let door = 0; door < doors; door++) proxies.push(await startFaultyProxy(node.url));
    const urls = proxies.map(({ url }) => url);
    endpoint = await openEndpoint({ urls, chainId: 31337, logger, timeout: 10_000, retries: 0 });
    follower = await createFollower({
      ...{ endpoint, journal, logger, deployment: { market: MARKET, fromBlock: 1 } },
      ...{ confirmations: 0, maxRange: 100, lagPatience: 1000, clock: () => now },
    });
    return proxies;
  };
  const catchUp = async (): Promise<string[]> => {
    const kinds: string[] = [];
    for (let rounds = 0; rounds < 50; rounds++) {
      const { fresh, caughtUp } = await follower.poll();
      kinds.push(...fresh.map(({ fact }) => fact.kind));
      if (caughtUp) return kinds;
    }
    throw new Error("it never catches up");
  };
  const errorOf = (promise: Promise<unknown>): Promise<unknown> =>
    promise.then(
      () => "none",
      (error: unknown) => error,
    );
  const readTo = async (): Promise<number> => (await journal.blocks(1))[0]?.number ?? -1;
  /** The node's answers to `eth_getLogs` without one of them. */
  const withoutOne = (index: number) =>
    faultsOf("eth_getLogs", {
      kind: "change",
      change: (logs) => (Array.isArray(logs) ? logs.filter((_, place) => place !== index) : logs),
    });

  beforeEach(async () => {
    now = 0;
    directory = mkdtempSync(join(tmpdir(), "assay-untrue-"));
    node = await startScriptedNode();
    node.mine("a", [], [claimed], []);
    journal = openJournal(join(directory, "journal.sqlite"), { chainId: 31337, market: MARKET_HEX, workerKey: KEY });
  });
  afterEach(async () => {
    endpoint.close();
    for (const proxy of proxies) await proxy.close();
    await journal.close();
    await node.close();
    rmSync(directory, { recursive: true });
  });

  describe("that leave logs out", () => {
    beforeEach(() => node.mine("a", [executed, settled]));

    for (const [place, index] of [
      ["first", 0],
      ["last", 1],
    ] as const)
      it(`believes no node that leaves the ${place} log of a block out`, async () => {
        const [only] = await open(1);
        only?.misbehave(withoutOne(index));
        expect(await errorOf(catchUp())).to.include({ code: "RPC_INCOMPLETE", retryable: true });
        expect(await readTo()).to.equal(-1);
        only?.behave();
        expect(await catchUp()).to.deep.equal(["claimed", "executed", "settled"]);
      });

    it("reads them from another node at once", async () => {
      const [first] = await open(2);
      first?.misbehave(faultsOf("eth_getLogs", { kind: "lie", result: [] }));
      expect(await catchUp()).to.deep.equal(["claimed", "executed", "settled"]);
    });

    it("asks for no logs of blocks whose filter rules the market out", async () => {
      const [only] = await open(1);
      await catchUp();
      node.mine("a", []);
      const before = only?.calls.length ?? 0;
      only?.misbehave(faultsOf("eth_getBlockByNumber", { kind: "change", change: withForeignBloom }));
      expect(await catchUp()).to.deep.equal([]);
      expect(only?.calls.slice(before).map(({ method }) => method)).to.not.include("eth_getLogs");
    });

    it("asks for the market's alone if no node gives all logs of a block at once", async () => {
      const [only] = await open(1);
      only?.misbehave(({ method, params: [filter] }) =>
        method === "eth_getLogs" && typeof filter === "object" && filter !== null && !("address" in filter)
          ? { kind: "error", code: -32_005, message: "query returned more than 10000 results" }
          : undefined,
      );
      expect(await catchUp()).to.deep.equal(["claimed", "executed", "settled"]);
    });

    it("files no far range on which its nodes differ, and follows the majority of three", async () => {
      node.mine("a", ...empty(80));
      const [, second] = await open(2);
      second?.misbehave(withoutOne(1));
      expect(await errorOf(catchUp())).to.include({ code: "RPC_DISAGREEMENT", retryable: true });
      expect(await readTo()).to.equal(-1);
      endpoint.close();
      for (const proxy of proxies) await proxy.close();
      const [first] = await open(3);
      first?.misbehave(withoutOne(1));
      expect(await catchUp()).to.deep.equal(["claimed", "executed", "settled"]);
    });

    it("files no logs of other blocks than it asked for", async () => {
      node.mine("a", ...empty(80));
      const [only] = await open(1);
      only?.misbehave(faultsOf("eth_getLogs", { kind: "change", change: withOtherNumbers }));
      expect(await errorOf(catchUp())).to.include({ code: "RPC_INCOMPLETE" });
    });
  });

  describe("about the newest block", () => {
    it("files nothing for blocks that nobody has, and says so", async () => {
      const [only] = await open(1);
      await catchUp();
      only?.misbehave(faultsOf("eth_blockNumber", { kind: "lie", result: "0x5" }));
      expect(await errorOf(catchUp())).to.include({ code: "RPC_INCOMPLETE", retryable: true });
      expect(await readTo()).to.equal(2);
      only?.misbehave(faultsOf("eth_blockNumber", { kind: "lie", result: "0xf4240" }));
      expect(await errorOf(catchUp())).to.include({ code: "RPC_INCOMPLETE", retryable: true });
      only?.behave();
      node.mine("a", [executed]);
      expect(await catchUp()).to.deep.equal(["executed"]);
    });

    it("goes by the hash at each height where blocks do not name the parents that they have", async () => {
      node.mine("a", [executed], [settled]);
      const [only] = await open(1);
      only?.misbehave(faultsOf("eth_getBlockByNumber", { kind: "change", change: withForeignParent }));
      expect(await catchUp()).to.deep.equal(["claimed", "executed", "settled"]);
      node.orphan(3);
      node.mine("b", [], []);
      expect(await catchUp()).to.deep.equal(["revoked", "revoked"]);
    });

    it("takes no node that is behind for a reorganisation, until it has been so for long", async () => {
      node.mine("a", [executed], []);
      const [only] = await open(1);
      await catchUp();
      const behind = await startScriptedNode();
      behind.mine("a", [], [claimed], []);
      try {
        only?.passOnTo(behind.url);
        expect(await catchUp()).to.deep.equal([]);
        now = 999;
        expect(await catchUp()).to.deep.equal([]);
        now = 1000;
        expect(await catchUp()).to.deep.equal(["revoked"]);
        only?.passOnTo(node.url);
        expect(await catchUp()).to.deep.equal(["executed"]);
      } finally {
        await behind.close();
      }
    });

    it("forgets that a node was behind once it is not", async () => {
      node.mine("a", [executed]);
      const [only] = await open(1);
      await catchUp();
      only?.misbehave(faultsOf("eth_blockNumber", { kind: "lie", result: "0x2" }));
      await catchUp();
      only?.behave();
      await catchUp();
      now = 1000;
      only?.misbehave(faultsOf("eth_blockNumber", { kind: "lie", result: "0x2" }));
      expect(await catchUp()).to.deep.equal([]);
      // It has the block all the same.
      now = 5000;
      expect(await catchUp()).to.deep.equal([]);
    });

    it("revokes at once when a shorter chain has other blocks", async () => {
      node.mine("a", [], [executed], []);
      await open(1);
      await catchUp();
      node.orphan(3);
      node.mine("b", [settled]);
      expect(await catchUp()).to.deep.equal(["revoked", "settled"]);
    });
  });

  describe("of a chain that was reset", () => {
    it("refuses to go on with what was known of the old one", async () => {
      await open(1);
      await checkGenesis(endpoint, journal);
      await catchUp();
      node.orphan(0);
      node.mine("b", [], []);
      const error = await errorOf(catchUp());
      expect(error).to.include({ code: "CHAIN_RESET", retryable: false });
      expect(error).to.have.property("message").that.includes("empty directory");
      expect(await errorOf(checkGenesis(endpoint, journal))).to.include({ code: "CHAIN_RESET" });
      expect(await journal.factsOf(JOB)).to.have.length(1);
    });

    it("is tied to its chain once, and goes on where nodes have forgotten the first block", async () => {
      const [only] = await open(1);
      await checkGenesis(endpoint, journal);
      await checkGenesis(endpoint, journal);
      expect(await journal.factsOfKinds(["anchored"])).to.have.length(1);
      only?.misbehave(faultsOf("eth_getBlockByNumber", { kind: "lie", result: null }));
      await checkGenesis(endpoint, journal);
    });

    it("says that there is no market, and whether the node may be behind", async () => {
      const [only] = await open(1);
      const deployment = { market: MARKET, chainId: 31337, fromBlock: 1 };
      only?.misbehave(faultsOf("eth_getCode", { kind: "lie", result: "0x60" }));
      await checkMarket(endpoint, deployment);
      only?.misbehave(faultsOf("eth_getCode", { kind: "lie", result: "0x" }));
      expect(await errorOf(checkMarket(endpoint, deployment)))
        .to.include({ code: "MARKET_MISSING", retryable: false })
        .and.have.property("message")
        .that.includes("deployment file");
      expect(await errorOf(checkMarket(endpoint, { ...deployment, fromBlock: 99 })))
        .to.have.property("message")
        .that.includes("block 2, the contracts came with block 99");
    });
  });
});

const MARKET_HEX: Hex = `0x${MARKET.slice(2)}`;

/** A filter in which there is something, and not the market. */
function withForeignBloom(block: unknown): unknown {
  return typeof block === "object" && block !== null ? { ...block, logsBloom: `0x01${"00".repeat(255)}` } : block;
}

function withForeignParent(block: unknown): unknown {
  return typeof block === "object" && block !== null ? { ...block, parentHash: `0x${"ee".repeat(32)}` } : block;
}

function withOtherNumbers(logs: unknown): unknown {
  return Array.isArray(logs)
    ? logs.map((log: unknown) => (typeof log === "object" ? { ...log, blockNumber: "0x3e7" } : log))
    : logs;
}
