import { fork } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { expect } from "chai";
import { getBytes, hexlify, keccak256 } from "ethers";

import { evaluate } from "../../../circuits/compiler/index.ts";
import { packTensors } from "../../../circuits/format/tensor.ts";
import type { FaultPoint } from "../../../workers/daemon/index.ts";
import { read, write } from "../../../workers/sdk/access.ts";
import { getJob } from "../../../workers/sdk/actions/get-job.ts";
import { request } from "../../../workers/sdk/actions/request.ts";
import { panelIdOf, commitmentOf } from "../../../workers/sdk/round.ts";
import { type MarketChain, startMarketChain } from "./market-chain.ts";
import { ofKind, runWorkers, type WorkerRunner } from "./running-workers.ts";
import { regress, tinyRegressor } from "./tiny-model.ts";
import type { WorkerProcessOrder } from "./worker-process.ts";

const INPUT = [3n, -1n, 4n, -1n, 5n, -9n, 2n, 6n];
const MAX_FEE = 9n * 10n ** 12n;
const REQUESTER = 9;
const SALT = `0x${"77".repeat(32)}`;
/** Seconds, as the deployment has them. */
const PRIORITY = 120;
const CHALLENGE_WINDOW = 300;
const EVIDENCE_WINDOW = 600;
const REVEAL_WINDOW = 120;
const PROCESS = fileURLToPath(new URL("./worker-process.ts", import.meta.url));

describe("workers that sit in rounds", function () {
  this.timeout(240_000);
  let chain: MarketChain;
  let runner: WorkerRunner;
  /** Of a version without evidence, by the index of their account. */
  const ids = new Map<number, bigint>();
  let versionId: string;

  const ask = async (version: string, copies: bigint): Promise<string> => {
    const wanted = { versionId: version, level: "Vanilla", input: [INPUT], maxFee: MAX_FEE, copies } as const;
    return (await request(await chain.clientOf(REQUESTER), wanted)).jobId;
  };
  const rightAnswer = (): Uint8Array => packTensors(chain.regressor.manifest.outputs, [regress(INPUT.map(Number))]);
  const wrongAnswer = (mark = 1): string => hexlify(rightAnswer().map((byte) => byte ^ mark));
  const standingOf = async (workerId: bigint) =>
    read(await chain.clientOf(REQUESTER), { contract: "market", functionName: "standingOf", args: [workerId] });
  const jobOf = async (jobId: string) => (await getJob(await chain.clientOf(REQUESTER), { jobId })).job;

  /** A worker that is no process: it commits what the test says. */
  const commitAs = async (index: number, jobId: string, output: string): Promise<void> => {
    const worker = chain.wallet(index).address;
    const commitment = commitmentOf({ roundId: jobId, worker, outputHash: keccak256(output), salt: SALT });
    const args = [await jobOf(jobId), commitment] as const;
    await write(await chain.clientOf(index), { contract: "market", functionName: "commit", args });
  };
  const revealAs = async (index: number, jobId: string, output: string): Promise<void> => {
    const args = [await jobOf(jobId), output, SALT] as const;
    await write(await chain.clientOf(index), { contract: "market", functionName: "reveal", args });
  };
  const challenge = async (jobId: string): Promise<void> => {
    const client = await chain.clientOf(REQUESTER);
    const { challengeBond } = await read(client, { contract: "market", functionName: "parameters", args: [] });
    const args = [await jobOf(jobId)] as const;
    await write(client, { contract: "market", functionName: "challenge", args, value: challengeBond });
  };

  /** Worker 3 in a process of its own that dies at that point. */
  const dieAt = async (point: FaultPoint): Promise<void> => {
    const child = fork(PROCESS, { stdio: "ignore" });
    const exited = new Promise<NodeJS.Signals | null>((resolve) => child.once("exit", (_, signal) => resolve(signal)));
    const order: WorkerProcessOrder = {
      deployment: chain.deployment,
      rpcUrls: [chain.url],
      privateKey: chain.wallet(3).privateKey,
      directory: runner.directoryOf(3),
      lockDirectory: runner.lockDirectory,
      store: join(chain.directory, "store"),
      enclave: null,
      dieAt: point,
    };
    child.send(order);
    const late = setTimeout(() => child.kill("SIGTERM"), 60_000);
    expect(await exited, `${point} was not reached`).to.equal("SIGKILL");
    clearTimeout(late);
  };

  before(async function () {
    this.timeout(240_000);
    chain = await startMarketChain();
    runner = runWorkers(chain);
    versionId = await chain.publish(tinyRegressor("judged by panels"), ["Vanilla"]);
    for (const index of [1, 2, 3, 4]) ids.set(index, await chain.enlist(index, versionId, ["Vanilla"]));
  });
  afterEach(() => runner.stopAll());
  after(() => chain.close());

  it("agree on an answer without seeing each other's, and are paid in equal parts", async () => {
    for (const index of [1, 2, 3, 4]) await runner.start(index);
    const jobId = await ask(versionId, 3n);
    const agreed = await runner.until(jobId, "CopiesAgreed");
    expect(ofKind(agreed, "Committed")).to.have.length(3);
    expect(ofKind(agreed, "Revealed").map(({ output }) => output)).to.deep.equal(Array(3).fill(hexlify(rightAnswer())));
    await chain.passTime(CHALLENGE_WINDOW + 1);
    const settled = await runner.until(jobId, "JobSettled");
    const paid = ofKind(settled, "WorkerPaid").map(({ amount }) => amount);
    expect(paid).to.have.length(3);
    expect(Number(paid[0]) - Number(paid[2])).to.be.within(0, 2);
    expect(ofKind(settled, "SeatLost")).to.deep.equal([]);
  });

  it("leave the one that lies without its stake", async () => {
    const jobId = await ask(versionId, 3n);
    // Whoever is drawn, now anybody may take a seat.
    await chain.passTime(PRIORITY + 1);
    await commitAs(4, jobId, wrongAnswer());
    for (const index of [1, 2]) await runner.start(index);
    await runner.until(jobId, "RevealsOpened");
    await revealAs(4, jobId, wrongAnswer());
    await runner.until(jobId, "Revealed", 3);
    // The liar's seat is the first, whose turn it is to tally.
    await chain.passTime(REVEAL_WINDOW + 5);
    // Who was outvoted may still challenge, and keeps its stake until the job ends.
    await runner.until(jobId, "CopiesAgreed");
    expect((await standingOf(ids.get(4) ?? 0n)).slashed).to.equal(0n);
    await chain.passTime(CHALLENGE_WINDOW + 1);
    const settled = await runner.until(jobId, "JobSettled");
    expect(ofKind(settled, "SeatLost").map(({ workerId }) => workerId)).to.deep.equal([ids.get(4)]);
    expect((await standingOf(ids.get(4) ?? 0n)).slashed).to.equal(1n);
    expect(ofKind(settled, "WorkerPaid")).to.have.length(2);
  });

  it("begin the reveals without seats that stay empty", async () => {
    const jobId = await ask(versionId, 3n);
    await chain.passTime(PRIORITY + 1);
    for (const index of [1, 2]) await runner.start(index);
    await runner.until(jobId, "Committed", 2);
    await chain.passTime(3600);
    await runner.until(jobId, "CopiesAgreed");
  });

  it("get their stake back when too few came", async () => {
    const jobId = await ask(versionId, 3n);
    await chain.passTime(PRIORITY + 1);
    await runner.start(1);
    await runner.until(jobId, "Committed");
    await chain.passTime(3600);
    const [refund] = ofKind(await runner.until(jobId, "JobRefunded"), "JobRefunded");
    expect(refund).to.include({ refund: MAX_FEE, slashed: 0n });
  });

  it("reveal what they committed to, though they were killed in between", async () => {
    const jobId = await ask(versionId, 3n);
    await chain.passTime(PRIORITY + 1);
    for (const index of [1, 2]) await runner.start(index);
    for (const point of ["after-salted", "after-signed", "after-committed"] as const) await dieAt(point);
    await runner.start(3);
    const facts = await runner.until(jobId, "CopiesAgreed");
    expect(ofKind(facts, "Revealed")).to.have.length(3);
    expect(ofKind(facts, "SeatLost")).to.deep.equal([]);
    const journaled = await runner.journaled(3, jobId);
    expect(journaled.filter(({ kind }) => kind === "salted")).to.have.length(1);
    expect(journaled.filter(({ kind }) => kind === "answered")).to.have.length(1);
  });

  it("judge a challenged answer for which there is no evidence, and take the liar's stake", async () => {
    const { slashed } = await standingOf(ids.get(4) ?? 0n);
    const jobId = await ask(versionId, 1n);
    await chain.passTime(PRIORITY + 1);
    const args = [await jobOf(jobId), wrongAnswer()] as const;
    await write(await chain.clientOf(4), { contract: "market", functionName: "execute", args });
    for (const index of [1, 2, 3]) await runner.start(index);
    await challenge(jobId);
    const facts = await runner.until(jobId, "JobRefunded");
    expect(ofKind(facts, "PanelJudged")[0]).to.include({ decided: true, upheld: false });
    const seats = ofKind(facts, "Committed").filter(({ roundId }) => roundId === panelIdOf(jobId));
    expect(seats.map(({ workerId }) => workerId)).to.have.members([1, 2, 3].map((index) => ids.get(index)));
    expect(ofKind(facts, "WorkerPaid")).to.have.length(3);
    expect(ofKind(facts, "JobRefunded")[0]?.workerId).to.equal(ids.get(4));
    expect((await standingOf(ids.get(4) ?? 0n)).slashed).to.equal(slashed + 1n);
  });

  it("keep their seat in a panel, though they were killed between its commitment and its reveal", async () => {
    const { slashed } = await standingOf(ids.get(3) ?? 0n);
    const jobId = await ask(versionId, 1n);
    await chain.passTime(PRIORITY + 1);
    const args = [await jobOf(jobId), wrongAnswer()] as const;
    await write(await chain.clientOf(4), { contract: "market", functionName: "execute", args });
    await challenge(jobId);
    await dieAt("after-committed");
    expect(ofKind(await runner.timelineOf(jobId), "Committed").map(({ workerId }) => workerId)).to.deep.equal([
      ids.get(3),
    ]);
    for (const index of [1, 2, 3]) await runner.start(index);
    const facts = await runner.until(jobId, "JobRefunded");
    expect(ofKind(facts, "Revealed").filter(({ roundId }) => roundId === panelIdOf(jobId))).to.have.length(3);
    expect(ofKind(facts, "SeatLost")).to.deep.equal([]);
    expect((await standingOf(ids.get(3) ?? 0n)).slashed).to.equal(slashed);
    expect((await runner.journaled(3, jobId)).filter(({ kind }) => kind === "salted")).to.have.length(1);
  });

  it("uphold an answer that is right, though one of the panel stays away", async () => {
    const jobId = await ask(versionId, 1n);
    await chain.passTime(PRIORITY + 1);
    await runner.start(1);
    await runner.until(jobId, "JobExecuted");
    for (const index of [2, 3]) await runner.start(index);
    await challenge(jobId);
    await runner.until(jobId, "Committed", 2);
    await chain.passTime(EVIDENCE_WINDOW);
    const facts = await runner.until(jobId, "JobSettled");
    expect(ofKind(facts, "PanelJudged")[0]).to.include({ decided: true, upheld: true });
    expect(ofKind(facts, "JobSettled")[0]?.workerId).to.equal(ids.get(1));
  });

  it("prove their own answer when copies disagree", async () => {
    const { graph, manifest } = chain.classifier;
    if (graph === null) throw new Error("the classifier has a circuit");
    const right = hexlify(packTensors(manifest.outputs, evaluate(graph, [INPUT])));
    const wrong = [1, 2].map((mark) => hexlify(getBytes(right).map((byte) => byte ^ mark)));
    const honest = await chain.enlist(5, chain.classifierId, ["Vanilla"]);
    const liars = [6, 7];
    for (const index of liars) await chain.enlist(index, chain.classifierId, ["Vanilla"]);
    const jobId = await ask(chain.classifierId, 3n);
    await chain.passTime(PRIORITY + 1);
    for (const [place, index] of liars.entries()) await commitAs(index, jobId, wrong[place] ?? "0x");
    await runner.start(5);
    await runner.until(jobId, "RevealsOpened");
    for (const [place, index] of liars.entries()) await revealAs(index, jobId, wrong[place] ?? "0x");
    await runner.until(jobId, "Revealed", 3);
    await chain.passTime(REVEAL_WINDOW + 5);
    await runner.until(jobId, "CopiesDisagreed");
    // Those who sit before it would prove first.
    await chain.passTime(60);
    const facts = await runner.until(jobId, "JobSettled");
    expect(ofKind(facts, "CopiesDisagreed")).to.have.length(1);
    expect(ofKind(facts, "JobFulfilled")[0]).to.include({ workerId: honest, output: right });
    expect(ofKind(facts, "WorkerPaid").map(({ workerId }) => workerId)).to.deep.equal([honest]);
    expect(ofKind(facts, "SeatLost")).to.have.length(2);
  });
});
