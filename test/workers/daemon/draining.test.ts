import { join } from "node:path";

import { expect } from "chai";

import { hexOf } from "../../../workers/daemon/chain/job-struct.ts";
import { NO_JOB, openJournal } from "../../../workers/daemon/index.ts";
import { getStanding } from "../../../workers/sdk/actions/get-standing.ts";
import { type MarketChain, startMarketChain } from "./market-chain.ts";
import { runWorkers, type WorkerRunner } from "./running-workers.ts";

describe("the wish to drain a worker", function () {
  this.timeout(240_000);
  let chain: MarketChain;
  let runner: WorkerRunner;
  let workerId: bigint;

  before(async () => {
    chain = await startMarketChain();
    runner = runWorkers(chain);
    workerId = await chain.enlist(1, chain.classifierId, ["Vanilla"]);
  });
  after(async () => {
    await runner.stopAll();
    await chain.close();
  });

  /** As `assay worker drain` does, beside the process. */
  const wish = async (draining: boolean): Promise<void> => {
    const { chainId, market } = chain.deployment;
    const identity = { chainId, market: hexOf(market), workerKey: hexOf(chain.wallet(1).address) };
    const journal = openJournal(join(runner.directoryOf(1), "journal.sqlite"), identity);
    await journal.append([{ job: NO_JOB, fact: { kind: "drain-wanted", draining, at: 1 } }]);
    await journal.close();
  };
  const becomes = (draining: boolean): Promise<true> =>
    runner.patiently(`draining ${draining}`, async () => {
      const { isDraining } = await getStanding(await chain.clientOf(9), { workerId });
      return isDraining === draining ? true : undefined;
    });

  it("reaches the process that runs by its journal, which tells the chain with its own key", async () => {
    await runner.start(1);
    await wish(true);
    expect(await becomes(true)).to.equal(true);
    await wish(false);
    expect(await becomes(false)).to.equal(true);
  });

  it("outlives the process", async () => {
    await runner.stopAll();
    await wish(true);
    await runner.start(1);
    expect(await becomes(true)).to.equal(true);
  });
});
