import { expect } from "chai";
import { getBytes, hexlify } from "ethers";

import { packTensors } from "../../../circuits/format/tensor.ts";
import { bloomOf } from "../../../workers/daemon/chain/bloom.ts";
import { hexOf } from "../../../workers/daemon/chain/job-struct.ts";
import { replay, type RunningWorker } from "../../../workers/daemon/index.ts";
import { getStanding } from "../../../workers/sdk/actions/get-standing.ts";
import { request } from "../../../workers/sdk/actions/request.ts";
import type { Client } from "../../../workers/sdk/client.ts";
import { NODE_KINDS, type NodeKind } from "../../nodes.ts";
import { type MarketChain, startMarketChain } from "./market-chain.ts";
import { ofKind, runWorkers, type WorkerRunner } from "./running-workers.ts";
import { regress, tinyRegressor } from "./tiny-model.ts";

const INPUT = [3n, -1n, 4n, -1n, 5n, -9n, 2n, 6n];
/** In seconds: longer than all reorganisations together, so that nothing is settled in between. */
const WINDOW = 86_400n;
/** Blocks that are orphaned. */
const DEPTHS: Readonly<Record<NodeKind, readonly number[]>> = {
  hardhat: [1, 10, 20],
  // In a process of its own, and therefore faster.
  anvil: Array.from({ length: 20 }, (_, index) => index + 1),
};

for (const kind of NODE_KINDS)
  describe(`a worker on a chain of ${kind} that is reorganised`, function () {
    this.timeout(240_000);
    let chain: MarketChain;
    let workers: WorkerRunner;
    let worker: RunningWorker;
    let workerId: bigint;
    let requester: Client;
    let versionId: string;

    const mine = (blocks = 1): Promise<unknown> => chain.provider.send("hardhat_mine", [`0x${blocks.toString(16)}`]);
    const blockNumber = (): Promise<number> => chain.provider.getBlockNumber();
    const rightAnswer = (): string =>
      hexlify(packTensors(chain.regressor.manifest.outputs, [regress(INPUT.map(Number))]));
    /** In a block of its own. */
    const ask = async (): Promise<string> => {
      const asked = request(requester, {
        versionId,
        level: "Vanilla",
        input: [INPUT],
        maxFee: 10n ** 12n,
        challengeWindow: WINDOW,
      });
      await workers.patiently("request", async () => ((await pendingOf(9)) ? true : undefined));
      await mine();
      return (await asked).jobId;
    };
    /** Whether an account has a transaction that waits for a block. */
    const pendingOf = async (index: number): Promise<boolean> => {
      const { address } = chain.wallet(index);
      const [mined, all] = await Promise.all(
        ["latest", "pending"].map((tag) => chain.provider.getTransactionCount(address, tag)),
      );
      return (all ?? 0) > (mined ?? 0);
    };
    /** Mines the worker's next transaction, and waits until the worker knows that it was mined. */
    const mineAnswer = async (jobId: string): Promise<void> => {
      await workers.patiently("answer", async () => ((await pendingOf(1)) ? true : undefined));
      await mine();
      await workers.patiently("look-up", async () => {
        const view = await worker.jobs.get(hexOf(jobId));
        return view?.sends.some(({ outcome }) => outcome === "mined") ? true : undefined;
      });
    };

    /** Blocks that came faster than the worker can look at them would test something else. */
    const atHead = async (): Promise<void> => {
      const newest = await blockNumber();
      await workers.patiently("newest block", () => (worker.status().head >= newest ? true : undefined));
    };

    before(async () => {
      chain = await startMarketChain(kind);
      workers = runWorkers(chain);
      requester = await chain.clientOf(9);
      versionId = await chain.publish(tinyRegressor("steady"), ["Vanilla"]);
      workerId = await chain.enlist(1, versionId, ["Vanilla"]);
      await chain.provider.send("evm_setAutomine", [false]);
      worker = await workers.start(1);
    });
    after(async () => {
      await workers.stopAll();
      await chain.close();
    });

    const answered: string[] = [];
    for (const depth of DEPTHS[kind])
      it(`answers once, and with the same bytes if they can do it, when ${depth} blocks with its answer are orphaned`, async () => {
        const kept = await ask();
        const fork = await blockNumber();
        const snapshot: unknown = await chain.provider.send("evm_snapshot", []);
        await mineAnswer(kept);
        const orphaned = depth < 2 ? null : await ask();
        if (orphaned !== null && depth > 2) await mineAnswer(orphaned);
        if ((await blockNumber()) < fork + depth) await mine(fork + depth - (await blockNumber()));
        await atHead();
        if (orphaned !== null)
          await workers.patiently("journaled request", async () =>
            (await worker.jobs.get(hexOf(orphaned))) === null ? undefined : true,
          );

        await chain.provider.send("evm_revert", [snapshot]);
        await chain.provider.send("evm_increaseTime", [1]);
        await mine(depth);
        const timeline = await workers.patiently("answer on the other branch", async () => {
          await mine();
          await atHead();
          const facts = await workers.timelineOf(kept);
          return ofKind(facts, "JobExecuted").length > 0 ? facts : undefined;
        });

        expect(ofKind(timeline, "JobExecuted").map(({ output }) => output)).to.deep.equal([rightAnswer()]);
        const facts = await workers.journaled(1, kept);
        const signed = new Set(facts.flatMap((fact) => (fact.kind === "signed" ? [fact.raw] : [])));
        // The same call may need more gas on another branch: only bytes that failed in a block may be followed by others.
        const failed = facts.filter((fact) => fact.kind === "mined" && !fact.ok);
        expect(signed.size).to.equal(1 + failed.length);
        expect(facts.filter(({ kind }) => kind === "answered")).to.have.length(1);
        answered.push(kept);
        if (orphaned === null) return;
        const gone = await workers.patiently("revocation", async () => {
          const view = await worker.jobs.get(hexOf(orphaned));
          return view?.chain.state === "Unknown" ? view : undefined;
        });
        expect(gone.sends.every(({ outcome }) => outcome !== "mined")).to.equal(true);
      });

    it("has lost no job and no stake in the end", async () => {
      await chain.provider.send("evm_increaseTime", [Number(WINDOW) + 1]);
      for (const jobId of answered)
        await workers.patiently("settlement", async () => {
          await mine();
          await atHead();
          return ofKind(await workers.timelineOf(jobId), "JobSettled").length === 1 ? true : undefined;
        });
      const standing = await getStanding(requester, { workerId });
      expect([Number(standing.done), Number(standing.slashed)]).to.deep.equal([DEPTHS[kind].length, 0]);
      expect(worker.status().nodes).to.deep.include({ ...worker.status().nodes[0], failures: 0, dissents: 0 });
    });

    it("finds that the filters of real blocks are those of their logs", async () => {
      const newest = await blockNumber();
      let checked = 0;
      for (let number = chain.deployment.fromBlock; number <= newest; number++) {
        const block: unknown = await chain.provider.send("eth_getBlockByNumber", [`0x${number.toString(16)}`, false]);
        const logs = await chain.provider.getLogs({ fromBlock: number, toBlock: number });
        if (typeof block !== "object" || block === null || !("logsBloom" in block)) throw new Error("no block");
        expect(getBytes(String(block.logsBloom))).to.deep.equal(bloomOf(logs));
        checked += logs.length;
      }
      expect(checked).to.be.greaterThan(DEPTHS[kind].length);
    });

    it("has left no log of the chain out, as a replay finds once it is stopped", async () => {
      const config = {
        deployment: chain.deployment,
        rpcUrls: [chain.url],
        signer: chain.wallet(1),
        directory: workers.directoryOf(1),
        lockDirectory: workers.lockDirectory,
        logLevel: "silent",
      };
      const from = { block: chain.deployment.fromBlock };
      const error: unknown = await replay(config, from).catch((reason: unknown) => reason);
      expect(error).to.include({ code: "KEY_IN_USE" });
      await workers.stopAll();
      expect(await replay(config, from)).to.deep.equal({ added: [], view: null });
    });

    it("looks at the chain when a websocket tells of a block, long before it would by itself", async () => {
      await chain.provider.send("evm_setAutomine", [true]);
      await workers.start(1, { pollInterval: 3_600_000, websocketUrl: chain.url.replace("http", "ws") });
      const { jobId } = await request(requester, {
        versionId,
        level: "Vanilla",
        input: [INPUT],
        maxFee: 10n ** 12n,
        challengeWindow: WINDOW,
      });
      await workers.until(jobId, "JobExecuted");
    });
  });
