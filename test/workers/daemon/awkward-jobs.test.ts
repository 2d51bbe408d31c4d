import { readFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";
import { Contract, ContractFactory, hexlify, parseEther, toQuantity } from "ethers";
import { pino } from "pino";

import { evaluate } from "../../../circuits/compiler/index.ts";
import { packTensors } from "../../../circuits/format/tensor.ts";
import { type RunningWorker, startWorker, type WorkerConfig } from "../../../workers/daemon/index.ts";
import type { DeclineReason, Fact, FactKind } from "../../../workers/daemon/facts.ts";
import { hexOf } from "../../../workers/daemon/chain/job-struct.ts";
import { openJournal } from "../../../workers/daemon/journal/journal.ts";
import { write } from "../../../workers/sdk/access.ts";
import { getJob, type JobFact } from "../../../workers/sdk/actions/get-job.ts";
import { request } from "../../../workers/sdk/actions/request.ts";
import type { Client } from "../../../workers/sdk/client.ts";
import { decodeMarketLogs } from "../../../workers/sdk/facts.ts";
import { findFact } from "../../../workers/sdk/find-fact.ts";
import { type Level, levelNumber } from "../../../workers/sdk/level.ts";
import { CALLBACK_TIMES } from "../../../workers/sdk/job.ts";
import type { ArtifactSource } from "../../../workers/sdk/store/artifact-store.ts";
import { type MarketChain, startMarketChain } from "./market-chain.ts";
import { tinyRegressor } from "./tiny-model.ts";

const INPUT = [3n, -1n, 4n, -1n, 5n, -9n, 2n, 6n];
const MAX_FEE = 10n ** 12n;
const WORKER = 1;
const REQUESTER = 9;
const MOOD = { good: 0, reverts: 1 } as const;
const logger = pino({ level: process.env["ASSAY_TEST_LOG"] ?? "silent" });

describe("a worker on a chain, when a job is awkward", function () {
  this.timeout(240_000);
  let chain: MarketChain;
  let requester: Client;
  const running: RunningWorker[] = [];
  const directoryOf = (name: string): string => join(chain.directory, name);

  const start = async (name: string, overrides: Partial<WorkerConfig> = {}): Promise<RunningWorker> => {
    const worker = await startWorker({
      deployment: chain.deployment,
      rpcUrls: [chain.url],
      signer: chain.wallet(WORKER),
      directory: directoryOf(name),
      lockDirectory: directoryOf("locks"),
      stores: [chain.store],
      pollInterval: 50,
      proverThreads: 1,
      logger,
      ...overrides,
      policy: { claim: "never", recheckSeconds: 1, ...overrides.policy },
    });
    running.push(worker);
    return worker;
  };
  const stopAll = async (): Promise<void> => {
    for (const worker of running.splice(0)) await worker.stop();
  };
  const ask = async (level: Level): Promise<string> => {
    const parameters = { versionId: chain.classifierId, level, input: [INPUT], maxFee: MAX_FEE };
    return (await request(requester, parameters)).jobId;
  };
  const patiently = async <T>(what: string, look: () => Promise<T | undefined> | T | undefined): Promise<T> => {
    for (let tries = 0; tries < 1200; tries++) {
      const found = await look();
      if (found !== undefined) return found;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`no ${what}`);
  };
  /** The job's facts on the chain once one of this kind is among them. */
  const until = (jobId: string, kind: JobFact["kind"]): Promise<readonly JobFact[]> =>
    patiently(`${kind} for ${jobId}`, async () => {
      const { timeline } = await getJob(requester, { jobId });
      return timeline.some((fact) => fact.kind === kind) ? timeline : undefined;
    });
  const kinds = (facts: readonly JobFact[]): string[] => facts.map(({ kind }) => kind);
  /** What the worker in that directory journaled about a job; a journal may be read while it is written. */
  const journaled = async (
    name: string,
    jobId: string,
    key = chain.wallet(WORKER).address,
  ): Promise<readonly Fact[]> => {
    const workerKey = hexOf(key);
    const identity = { chainId: chain.deployment.chainId, market: hexOf(chain.deployment.market), workerKey };
    const journal = openJournal(join(directoryOf(name), "journal.sqlite"), identity);
    try {
      return await journal.factsOf(hexOf(jobId));
    } finally {
      await journal.close();
    }
  };
  const noted = (name: string, jobId: string, kind: FactKind, key?: string): Promise<readonly Fact[]> =>
    patiently(`${kind} in the journal`, async () => {
      const facts = await journaled(name, jobId, key);
      return facts.some((fact) => fact.kind === kind) ? facts : undefined;
    });
  const declined = (facts: readonly Fact[], reason: DeclineReason): string | undefined =>
    facts.flatMap((fact) => (fact.kind === "declined" && fact.reason === reason ? [fact.detail] : []))[0];
  const rightAnswer = (): string => {
    const { graph } = chain.classifier;
    if (graph === null) throw new Error("the classifier has a circuit");
    return hexlify(packTensors(chain.classifier.manifest.outputs, evaluate(graph, [INPUT])));
  };
  const packedInput = (): string => hexlify(packTensors(chain.classifier.manifest.inputs, [INPUT]));

  const deployConsumer = async (): Promise<Contract> => {
    const artifact: unknown = JSON.parse(
      readFileSync("artifacts/test/contracts/MoodyConsumer.sol/MoodyConsumer.json", "utf8"),
    );
    const factory = ContractFactory.fromSolidity(artifact, chain.wallet(REQUESTER));
    const deployed = await factory.deploy(chain.deployment.market);
    await deployed.waitForDeployment();
    return new Contract(await deployed.getAddress(), factory.interface, chain.wallet(REQUESTER));
  };
  /** A job that a contract asked for, which wants to be called back. */
  const askAs = async (consumer: Contract, level: Level, callbackAt: "Executed" | "Final"): Promise<string> => {
    const wanted = {
      versionId: chain.classifierId,
      level: levelNumber(level),
      callbackAt: CALLBACK_TIMES.indexOf(callbackAt),
      callbackGas: 200_000,
      minFee: MAX_FEE,
      maxFee: MAX_FEE,
      timeToLive: 3600,
      challengeWindow: 0,
      copies: 1,
    };
    const sent = await consumer.getFunction("ask").send(wanted, packedInput(), { value: MAX_FEE });
    const receipt = await sent.wait();
    if (receipt === null) throw new Error("the request was not mined");
    return findFact(receipt, chain.deployment.market, decodeMarketLogs, "JobRequested").jobId;
  };
  const setBalance = (wei: bigint): Promise<unknown> =>
    chain.provider.send("hardhat_setBalance", [chain.wallet(WORKER).address, toQuantity(wei)]);

  before(async function () {
    this.timeout(240_000);
    chain = await startMarketChain();
    requester = await chain.clientOf(REQUESTER);
    await chain.enlist(WORKER, chain.classifierId, ["Vanilla", "Zkml"]);
  });
  afterEach(stopAll);
  after(() => chain.close());

  it("claims before it proves, if it always claims", async () => {
    await start("claiming", { policy: { claim: "always" } });
    const facts = await until(await ask("Zkml"), "JobSettled");
    expect(kinds(facts)).to.deep.equal(["JobRequested", "JobClaimed", "JobFulfilled", "JobSettled"]);
  });

  it("binds itself to no more jobs at once than it has places for", async () => {
    const jobs = [await ask("Zkml"), await ask("Zkml"), await ask("Zkml")];
    await start("busy", { policy: { claim: "always", concurrency: 1 } });
    const timelines = await Promise.all(jobs.map((jobId) => until(jobId, "JobSettled")));
    const steps = timelines
      .flat()
      .filter(({ kind }) => kind === "JobClaimed" || kind === "JobSettled")
      .sort((one, other) => one.blockNumber - other.blockNumber);
    expect(kinds(steps)).to.deep.equal(jobs.flatMap(() => ["JobClaimed", "JobSettled"]));
  });

  it("gives a consumer that cannot wait its answer at once, and proves it afterwards", async () => {
    const consumer = await deployConsumer();
    const jobId = await askAs(consumer, "Zkml", "Executed");
    await start("early");
    const facts = await until(jobId, "JobSettled");
    expect(kinds(facts)).to.deep.equal([
      "JobRequested",
      "JobExecuted",
      "CallbackDelivered",
      "JobFulfilled",
      "JobSettled",
    ]);
    expect(await consumer.getFunction("answer").staticCall()).to.equal(rightAnswer());
  });

  it("repeats a callback that failed", async () => {
    const consumer = await deployConsumer();
    const moodOf = async (mood: number): Promise<void> => {
      const sent = await consumer.getFunction("setMood").send(mood, "0x");
      await sent.wait();
    };
    await moodOf(MOOD.reverts);
    const jobId = await askAs(consumer, "Zkml", "Final");
    const worker = await start("repeating", {
      // Stopping here leaves the repetition to the next process.
      faultPoints: (point) => {
        if (point === "after-callback-failed") void worker.stop();
      },
    });
    await worker.done;
    const before = (await getJob(requester, { jobId })).timeline;
    expect(kinds(before)).to.deep.equal(["JobRequested", "JobFulfilled", "JobSettled", "CallbackFailed"]);
    await moodOf(MOOD.good);
    await start("repeating");
    await until(jobId, "CallbackDelivered");
    expect(await consumer.getFunction("answer").staticCall()).to.equal(rightAnswer());
  });

  it("ends late jobs of others if it was told to", async () => {
    const jobId = await ask("Zkml");
    await chain.passTime(3601);
    await start("tidying", { policy: { expireLate: true } });
    const refund = (await until(jobId, "JobRefunded")).find((fact) => fact.kind === "JobRefunded");
    expect(refund).to.include({ refund: MAX_FEE, slashed: 0n });
  });

  it("does nothing for a job that it cannot pay the gas for, and answers it once it can", async () => {
    await setBalance(1n);
    await start("poor");
    const jobId = await ask("Vanilla");
    const facts = await patiently("a reason", async () => {
      const all = await journaled("poor", jobId);
      return declined(all, "insufficient-balance") === undefined ? undefined : all;
    });
    expect(facts.filter(({ kind }) => kind === "answered" || kind === "signed")).to.deep.equal([]);
    await setBalance(parseEther("10"));
    await chain.passTime(2);
    await until(jobId, "JobExecuted");
    expect((await journaled("poor", jobId)).filter(({ kind }) => kind === "answered")).to.have.length(1);
  });

  it("takes nothing but the right bytes from a store: declines, and answers when a later attempt gets them", async () => {
    let isGood = false;
    const store: ArtifactSource = {
      get: async (cid) => {
        const bytes = await chain.store.get(cid);
        return isGood ? bytes : bytes.map((byte, at) => (at === 0 ? byte ^ 1 : byte));
      },
    };
    await start("misled", { stores: [store], useVersionUri: false, policy: { attempts: 2 } });
    const lost = await ask("Vanilla");
    await noted("misled", lost, "failed");
    await chain.passTime(2);
    await noted("misled", lost, "closed");
    expect(declined(await journaled("misled", lost), "execution-failed")).to.contain("ARTIFACT_UNAVAILABLE");
    expect(kinds((await getJob(requester, { jobId: lost })).timeline)).to.deep.equal(["JobRequested"]);

    const kept = await ask("Vanilla");
    await noted("misled", kept, "failed");
    isGood = true;
    await chain.passTime(2);
    const answer = (await until(kept, "JobExecuted")).find((fact) => fact.kind === "JobExecuted");
    expect(answer).to.include({ output: rightAnswer() });
  });

  it("answers nothing at Vanilla that it could not prove: the proving key must be at hand", async () => {
    const key = chain.classifier.manifest.circuit?.zkey.cid;
    const store: ArtifactSource = {
      get: (cid) => (cid === key ? Promise.reject(new Error("withheld")) : chain.store.get(cid)),
    };
    await start("keyless", { stores: [store], useVersionUri: false, policy: { attempts: 1 } });
    const jobId = await ask("Vanilla");
    await noted("keyless", jobId, "closed");
    expect(declined(await journaled("keyless", jobId), "execution-failed")).to.contain("withheld");
  });

  it("works on while its enclave's quote does not come", async () => {
    const quoteProvider = { ...chain.quoteProvider, quote: () => new Promise<Uint8Array>(() => undefined) };
    await start("quoteless", { enclave: { quoteProvider } });
    await until(await ask("Vanilla"), "JobExecuted");
  });

  it("declines an input whose padding bits are set, and answers the next one", async () => {
    // Five elements of four bits: the last four of 24 bits are padding.
    const narrow = tinyRegressor("narrow", 5, 4);
    const versionId = await chain.publish(narrow, ["Tee"]);
    await chain.enlist(WORKER + 1, versionId, ["Tee"]);
    const signer = chain.wallet(WORKER + 1);
    await start("padded", { signer, enclave: { quoteProvider: chain.quoteProvider } });
    const askRaw = async (input: string): Promise<string> => {
      const wanted = {
        versionId,
        level: levelNumber("Tee"),
        callbackAt: 0n,
        callbackGas: 0n,
        minFee: MAX_FEE,
        maxFee: MAX_FEE,
        timeToLive: 3600n,
        challengeWindow: 0n,
        copies: 1n,
      };
      const call = { contract: "market", functionName: "request", args: [wanted, input], value: MAX_FEE } as const;
      return findFact(await write(requester, call), chain.deployment.market, decodeMarketLogs, "JobRequested").jobId;
    };
    const poisoned = await askRaw("0x12345f");
    const sound = await askRaw("0x123450");
    await until(sound, "JobSettled");
    const facts = await noted("padded", poisoned, "closed", signer.address);
    expect(declined(facts, "execution-failed")).to.contain("TENSOR_PADDING");
    expect(kinds((await getJob(requester, { jobId: poisoned })).timeline)).to.deep.equal(["JobRequested"]);
  });
});
