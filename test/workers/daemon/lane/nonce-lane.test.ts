import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import { Transaction, Wallet } from "ethers";
import { pino } from "pino";

import { type Endpoint, openEndpoint } from "../../../../workers/daemon/chain/endpoint.ts";
import type { Fact, FactKind, Hex } from "../../../../workers/daemon/facts.ts";
import type { SendView } from "../../../../workers/daemon/job/job-view.ts";
import { reduce } from "../../../../workers/daemon/job/reduce.ts";
import { type Journal, openJournal } from "../../../../workers/daemon/journal/journal.ts";
import { batchCall, type BatchItem } from "../../../../workers/daemon/lane/batch.ts";
import { createNonceLane, type NonceLane } from "../../../../workers/daemon/lane/nonce-lane.ts";
import { interfaceOf } from "../../../../workers/sdk/contracts.ts";
import { chainJob } from "../../../../workers/daemon/chain/job-struct.ts";
import { DEPLOYMENT } from "../sample-deployment.ts";
import { JOB_ID, jobAt, place } from "../sample-job.ts";
import { MARKET, marketLog, type ScriptedNode, startScriptedNode } from "../scripted-node.ts";

const logger = pino({ level: "silent" });
const signer = new Wallet(`0x${"11".repeat(32)}`);
const CAP = 5n * 10n ** 9n;
const CALL = { label: "market.execute", to: MARKET, data: "0x01020304", value: 0n };

const JOBS: readonly Hex[] = [JOB_ID, `0x${"0d".repeat(32)}`, `0x${"0e".repeat(32)}`];
const SETTLE: BatchItem = {
  kind: "settle",
  answer: { job: chainJob(jobAt("Vanilla")), output: "0x2a", evidence: "0x" },
};

describe("the nonce lane", () => {
  let node: ScriptedNode;
  let directory: string;
  let journal: Journal;
  let endpoint: Endpoint;
  let lane: NonceLane;

  const openLane = async (replaceAfter = 60_000): Promise<NonceLane> => {
    const opened = await createNonceLane({
      endpoint,
      journal,
      signer,
      chainId: 31337,
      record: async (...entry) => opened.observe(await journal.append(...entry)),
      now: () => 1000,
      batchCall: (kind, items) => batchCall({ deployment: DEPLOYMENT }, kind, items),
      replaceAfter,
      maxFeePerGas: CAP,
      maxTipPerGas: CAP,
      logger,
    });
    return opened;
  };
  const facts = (): Promise<readonly Fact[]> => journal.factsOf(JOB_ID);
  const kinds = async (): Promise<FactKind[]> => (await facts()).map(({ kind }) => kind);
  const pending = async (): Promise<SendView> => {
    const send = reduce(JOB_ID, await facts()).sends.find(({ outcome }) => outcome === "pending");
    if (send === undefined) throw new Error("nothing is pending");
    return send;
  };
  const newestHash = async (): Promise<Hex> => (await pending()).bytes.at(-1)?.transactionHash ?? "0x";
  const sent = () =>
    node.calls.filter(({ method }) => method === "eth_sendRawTransaction").map(({ params }) => String(params[0]));
  /** As the follower does when it has read the newest block. */
  const followBlock = async (): Promise<void> => {
    node.mine("a", []);
    await journal.appendBlocks([], [{ number: 2, hash: place(2).blockHash }]);
  };

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), "assay-lane-"));
    node = await startScriptedNode();
    node.mine("a", [], []);
    const workerKey: Hex = `0x${signer.address.slice(2)}`;
    journal = openJournal(join(directory, "journal.sqlite"), {
      chainId: 31337,
      market: `0x${"cc".repeat(20)}`,
      workerKey,
    });
    endpoint = await openEndpoint({ urls: [node.url], chainId: 31337, logger, timeout: 300, retries: 1 });
    lane = await openLane();
  });
  afterEach(async () => {
    endpoint.close();
    await journal.close();
    await node.close();
    rmSync(directory, { recursive: true });
  });

  it("journals the signed bytes before a node sees them", async () => {
    let journaling: Promise<FactKind[]> | undefined;
    node.misbehave(({ method }) => {
      if (method === "eth_sendRawTransaction") journaling = kinds();
      return undefined;
    });
    await lane.send(JOB_ID, "execute", CALL);
    expect(await journaling).to.deep.equal(["signed"]);
    expect(sent()).to.deep.equal([(await pending()).bytes[0]?.raw]);
  });

  it("gives transactions that are asked for at once nonces in a row", async () => {
    await Promise.all([1, 2, 3].map(() => lane.send(JOB_ID, "claim", CALL)));
    expect(sent().map((raw) => Transaction.from(raw).nonce)).to.deep.equal([0, 1, 2]);
  });

  it("counts a transaction as mined once its block was read, with its outcome", async () => {
    await lane.send(JOB_ID, "execute", CALL);
    const send = await pending();
    node.mine("a", []);
    node.include(await newestHash(), { ok: false });
    await lane.lookUp(JOB_ID, send);
    expect(await kinds()).to.deep.equal(["signed"]);
    await followBlock();
    await lane.lookUp(JOB_ID, send);
    expect((await facts()).at(-1)).to.include({ kind: "mined", ok: false, nonce: 0 });
  });

  it("does not count as mined what a reorganisation took back while it was looked up", async () => {
    await lane.send(JOB_ID, "execute", CALL);
    const send = await pending();
    const hash = await newestHash();
    await followBlock();
    node.include(hash);
    let rewound: Promise<unknown> | undefined;
    node.misbehave(({ method }) => {
      if (method === "eth_getTransactionReceipt") rewound ??= journal.rewind(1, []);
      return undefined;
    });
    await lane.lookUp(JOB_ID, send);
    await rewound;
    expect(rewound).to.not.equal(undefined);
    expect(await kinds()).to.deep.equal(["signed"]);
  });

  it("keeps looking when the node said nothing to a transaction, and broadcasts the same bytes again", async () => {
    node.misbehave(({ method }) => (method === "eth_sendRawTransaction" ? "silence" : undefined));
    await lane.send(JOB_ID, "execute", CALL);
    expect((await pending()).nonce).to.equal(0);
    node.misbehave(() => undefined);
    await lane.lookUp(JOB_ID, await pending());
    expect(new Set(sent()).size).to.equal(1);
    expect(node.pool.has(await newestHash())).to.equal(true);
  });

  it("does the same after a restart", async () => {
    await lane.send(JOB_ID, "execute", CALL);
    node.pool.clear();
    lane = await openLane();
    await lane.lookUp(JOB_ID, await pending());
    expect(new Set(sent()).size).to.equal(1);
    expect(sent()).to.have.length(2);
    await lane.send(JOB_ID, "claim", CALL);
    expect(Transaction.from(sent().at(-1) ?? "0x").nonce).to.equal(1);
  });

  it("gives bytes up that no node has and that would revert now, and uses their nonce again", async () => {
    await lane.send(JOB_ID, "execute", CALL);
    node.pool.clear();
    node.failEstimates({ code: 3, message: "execution reverted", data: jobTooLate() });
    await lane.lookUp(JOB_ID, await pending());
    expect(await kinds()).to.deep.equal(["signed", "rejected"]);
    node.failEstimates(undefined);
    await lane.send(JOB_ID, "claim", CALL);
    expect((await pending()).nonce).to.equal(0);
  });

  it("signs anew, at the same nonce, what takes more gas than it brought once no node has it any more", async () => {
    await lane.send(JOB_ID, "execute", CALL);
    const first = Transaction.from(sent()[0] ?? "0x");
    node.pool.clear();
    node.answerEstimates(2n * first.gasLimit);
    await lane.lookUp(JOB_ID, await pending());
    expect(await kinds()).to.deep.equal(["signed", "rejected"]);
    await lane.send(JOB_ID, "execute", CALL);
    const second = Transaction.from(sent().at(-1) ?? "0x");
    expect(second.nonce).to.equal(first.nonce);
    expect(second.gasLimit > 2n * first.gasLimit).to.equal(true);
  });

  it("broadcasts bytes that would revert all the same if later nonces wait for them", async () => {
    await lane.send(JOB_ID, "execute", CALL);
    const first = await pending();
    await lane.send(`0x${"0d".repeat(32)}`, "execute", CALL);
    node.pool.clear();
    node.failEstimates({ code: 3, message: "execution reverted", data: jobTooLate() });
    await lane.lookUp(JOB_ID, first);
    expect(await kinds()).to.deep.equal(["signed"]);
    expect(node.pool.has(first.bytes[0]?.transactionHash ?? "")).to.equal(true);
  });

  it("replaces bytes that wait too long, at the same nonce with at least a tenth more, up to the cap", async () => {
    lane = await openLane(0);
    await lane.send(JOB_ID, "execute", CALL);
    for (let round = 0; round < 10; round++) {
      await new Promise((resolve) => setTimeout(resolve, 2));
      await lane.lookUp(JOB_ID, await pending());
    }
    const fees = (await pending()).bytes.map(({ maxFeePerGas }) => maxFeePerGas);
    expect(fees.length).to.be.greaterThan(3);
    fees.slice(1).forEach((fee, index) => expect(Number(fee) / Number(fees[index])).to.be.at.least(1.1));
    expect(fees.every((fee) => fee <= CAP)).to.equal(true);
    expect(fees.length, "no more once the cap is reached").to.be.lessThan(10);
    expect(new Set(sent().map((raw) => Transaction.from(raw).nonce))).to.deep.equal(new Set([0]));

    const older = (await pending()).bytes[1]?.transactionHash ?? "0x";
    await followBlock();
    node.include(older);
    await lane.lookUp(JOB_ID, await pending());
    expect((await facts()).at(-1)).to.include({ kind: "mined", ok: true, transactionHash: older });
  });

  it("keeps its nonce while older bytes wait, though the node does not know the newest", async () => {
    lane = await openLane(0);
    await lane.send(JOB_ID, "execute", CALL);
    await new Promise((resolve) => setTimeout(resolve, 2));
    await lane.lookUp(JOB_ID, await pending());
    expect((await pending()).bytes).to.have.length(2);
    node.pool.delete(await newestHash());
    node.failEstimates({ code: 3, message: "execution reverted", data: jobTooLate() });
    lane = await openLane();
    await lane.lookUp(JOB_ID, await pending());
    expect(await kinds()).to.deep.equal(["signed", "signed"]);
  });

  it("notices that somebody else used its nonce, but not at the first sight", async () => {
    await lane.send(JOB_ID, "execute", CALL);
    const send = await pending();
    node.setCount(1);
    await lane.lookUp(JOB_ID, send);
    expect(await kinds()).to.deep.equal(["signed"]);
    for (let round = 0; round < 4; round++) await lane.lookUp(JOB_ID, send);
    expect(await kinds()).to.deep.equal(["signed", "lost"]);
  });

  it("signs nothing that reverts in simulation, and names the contract's error", async () => {
    node.failEstimates({ code: 3, message: "execution reverted", data: jobTooLate() });
    await lane.send(JOB_ID, "execute", CALL);
    expect(await facts()).to.have.length(1);
    expect((await facts())[0]).to.include({ kind: "refused", send: "execute", error: "JobTooLate" });
    expect(sent()).to.deep.equal([]);
  });

  it("records what a unit of gas cost", async () => {
    await lane.send(JOB_ID, "execute", CALL);
    const send = await pending();
    await followBlock();
    node.include(send.bytes[0]?.transactionHash ?? "0x");
    await lane.lookUp(JOB_ID, send);
    expect((await facts()).at(-1)).to.include({ kind: "mined", effectiveGasPrice: 1n });
  });

  it("offers the tips of recent blocks, higher ones when it is due soon", async () => {
    node.setFees(10n ** 8n, [1n, 2n, 3n]);
    const dueTimes = [null, 1200, 1030];
    for (const dueAt of dueTimes) await lane.send(JOB_ID, "execute", CALL, undefined, { dueAt, most: null });
    const offers = sent().map((raw) => Transaction.from(raw));
    expect(offers.map(({ maxPriorityFeePerGas }) => maxPriorityFeePerGas)).to.deep.equal([1n, 2n, 3n]);
    expect(offers.map(({ maxFeePerGas }) => maxFeePerGas)).to.deep.equal([
      2n * 10n ** 8n + 1n,
      2n * 10n ** 8n + 2n,
      4n * 10n ** 8n + 3n,
    ]);
  });

  it("signs nothing that would cost more than it may, and offers no more than that in all", async () => {
    node.setFees(10n ** 9n, [1n, 1n, 1n]);
    const gasLimit = (21_000n * 125n) / 100n;
    const terms = (most: bigint) => ({ dueAt: null, most });
    await lane.send(JOB_ID, "execute", CALL, undefined, terms(gasLimit * 10n ** 9n));
    expect((await facts()).at(-1)).to.include({ kind: "refused", send: "execute", error: "GAS_TOO_DEAR" });
    expect(sent()).to.deep.equal([]);
    const most = (gasLimit * 15n * 10n ** 9n) / 10n;
    await lane.send(JOB_ID, "execute", CALL, undefined, terms(most));
    const { maxFeePerGas, gasLimit: signed } = Transaction.from(sent()[0] ?? "0x");
    expect((maxFeePerGas ?? 0n) * signed <= most).to.equal(true);
  });

  it("replaces bytes only as far as the job pays for it", async () => {
    lane = await openLane(0);
    const terms = { dueAt: null, most: (21_000n * 125n * 35n * 10n ** 8n) / 100n };
    await lane.send(JOB_ID, "execute", CALL, undefined, terms);
    for (let round = 0; round < 5; round++) {
      await new Promise((resolve) => setTimeout(resolve, 2));
      await lane.lookUp(JOB_ID, await pending(), terms);
    }
    const fees = (await pending()).bytes.map(({ maxFeePerGas }) => maxFeePerGas);
    expect(fees).to.have.length(2);
    expect(fees.every((fee) => fee <= 35n * 10n ** 8n)).to.equal(true);
  });

  it("signs nothing that the key cannot pay for", async () => {
    node.setBalance(1000n);
    await lane.send(JOB_ID, "execute", CALL);
    expect(await kinds()).to.deep.equal(["unfunded"]);
    node.setBalance(10n ** 18n);
    await lane.send(JOB_ID, "execute", CALL);
    expect(await kinds()).to.deep.equal(["unfunded", "signed"]);
  });

  describe("for several jobs at once", () => {
    const settleAll = (): Promise<unknown> =>
      Promise.all(JOBS.map((job) => lane.send(job, "settle", { ...CALL, label: "market.settle" }, SETTLE)));
    const pendingOf = async (job: Hex): Promise<SendView[]> =>
      reduce(job, await journal.factsOf(job)).sends.filter(({ outcome }) => outcome === "pending");
    const lookUpAll = async (): Promise<void> => {
      for (const job of JOBS) for (const send of await pendingOf(job)) await lane.lookUp(job, send);
    };
    const outcomes = () =>
      Promise.all(JOBS.map(async (job) => reduce(job, await journal.factsOf(job)).sends.map(({ outcome }) => outcome)));

    it("sends one transaction, with the gas that all would take alone, and journals it for each job", async () => {
      await settleAll();
      expect(sent()).to.have.length(1);
      const { data, gasLimit } = Transaction.from(sent()[0] ?? "0x");
      expect(interfaceOf("market").parseTransaction({ data })?.name).to.equal("settleBatch");
      expect(gasLimit).to.equal((3n * 21_000n * 125n) / 100n);
      for (const job of JOBS) expect((await pendingOf(job))[0]).to.deep.include({ nonce: 0, batch: JOBS });
    });

    it("reads back which items failed", async () => {
      await settleAll();
      const hash = await newestHash();
      await followBlock();
      node.include(hash, { logs: [marketLog("BatchItemFailed", [1, "0x12345678"])] });
      await lookUpAll();
      expect(await outcomes()).to.deep.equal([["mined"], ["reverted"], ["mined"]]);
    });

    it("leaves out what would be refused alone", async () => {
      let asked = 0;
      node.misbehave(({ method }) =>
        method === "eth_estimateGas" && ++asked === 2
          ? { error: { code: 3, message: "execution reverted", data: jobTooLate() } }
          : undefined,
      );
      await settleAll();
      const [, refused = JOB_ID] = JOBS;
      expect((await journal.factsOf(refused)).map(({ kind }) => kind)).to.deep.equal(["refused"]);
      expect((await pendingOf(JOB_ID))[0]?.batch).to.deep.equal(JOBS.filter((job) => job !== refused));
    });

    it("pays for as many as it can", async () => {
      node.setBalance(10n ** 14n);
      await settleAll();
      expect(await outcomes()).to.deep.equal([["pending"], [], []]);
      const others = await Promise.all(JOBS.slice(1).map((job) => journal.factsOf(job)));
      expect(others.flat().map(({ kind }) => kind)).to.deep.equal(["unfunded", "unfunded"]);
    });

    it("is replaced and given up as a whole", async () => {
      lane = await openLane(0);
      await settleAll();
      await new Promise((resolve) => setTimeout(resolve, 2));
      await lookUpAll();
      for (const job of JOBS) expect((await pendingOf(job))[0]?.bytes).to.have.length(2);
      node.pool.clear();
      node.failEstimates({ code: 3, message: "execution reverted", data: jobTooLate() });
      await lookUpAll();
      expect(await outcomes()).to.deep.equal([["free"], ["free"], ["free"]]);
    });
  });

  it("signs nothing when the node is away", async () => {
    await node.close();
    const error: unknown = await lane.send(JOB_ID, "execute", CALL).catch((reason: unknown) => reason);
    expect(error).to.include({ code: "RPC_UNREACHABLE" });
    expect(await facts()).to.deep.equal([]);
  });
});

function jobTooLate(): string {
  return interfaceOf("market").encodeErrorResult("JobTooLate", [JOB_ID, 5]);
}
