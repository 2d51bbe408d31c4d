import { expect } from "chai";

import { contentId } from "../../../circuits/format/content-id.ts";
import { encodeManifest, type Manifest } from "../../../circuits/format/manifest.ts";
import type { Fact } from "../../../workers/daemon/facts.ts";
import { request } from "../../../workers/sdk/actions/request.ts";
import { serve } from "../../../workers/sdk/actions/serve.ts";
import type { Client } from "../../../workers/sdk/client.ts";
import { POISON } from "./execution/poison.ts";
import { type MarketChain, startMarketChain } from "./market-chain.ts";
import { runWorkers, type WorkerRunner } from "./running-workers.ts";
import type { TinyVersion } from "./tiny-model.ts";

const WORKER = 1;
const REQUESTER = 9;
const MAX_FEE = 10n ** 12n;
const spec = (name: string) => ({ name, kind: "int", bits: 32, decimals: 0, shape: [1] }) as const;

/** A version whose model ends the process that runs it on 0. */
function poisonousVersion(): TinyVersion {
  const onnx = POISON.crashes;
  const manifest: Manifest = {
    assay: 1,
    name: "poisonous",
    model: { cid: contentId(onnx), bytes: onnx.length },
    inputs: [{ ...spec("x"), shape: [1] }],
    outputs: [{ ...spec("y"), shape: [1] }],
    adapters: { input: null, output: null },
    circuit: null,
  };
  const manifestBytes = encodeManifest(manifest);
  return { manifest, manifestBytes, files: [onnx], verificationKey: new Uint8Array(), sample: null, graph: null };
}

describe("a worker that serves a version which ends its processes", function () {
  this.timeout(240_000);
  let chain: MarketChain;
  let workers: WorkerRunner;
  let requester: Client;
  let poisonousId: string;
  before(async () => {
    chain = await startMarketChain();
    workers = runWorkers(chain);
    requester = await chain.clientOf(REQUESTER);
    poisonousId = await chain.publish(poisonousVersion(), ["Vanilla"]);
    const workerId = await chain.enlist(WORKER, chain.classifierId, ["Vanilla"]);
    await serve(await chain.clientOf(WORKER), { workerId, versionId: poisonousId, levels: ["Vanilla"] });
  });
  after(async () => {
    await workers.stopAll();
    await chain.close();
  });

  const ask = async (versionId: string, input: readonly bigint[]): Promise<string> =>
    (await request(requester, { versionId, level: "Vanilla", input: [[...input]], maxFee: MAX_FEE })).jobId;

  it("answers on, takes no new jobs of that version, and says why", async () => {
    const worker = await workers.start(WORKER, { quarantineAfter: 2, quarantineSeconds: 3600 });
    const healthy = await ask(poisonousId, [3n]);
    await workers.until(healthy, "JobExecuted");

    const poisoned = await ask(poisonousId, [0n]);
    await noted(poisoned, (fact) => fact.kind === "failed", 1);
    expect(worker.status().quarantined).to.deep.equal([]);
    await chain.passTime(5);
    const facts = await noted(poisoned, (fact) => isQuarantine(fact), 1);
    const codes = facts.flatMap((fact) => (fact.kind === "failed" ? [fact.code] : []));
    expect(codes).to.deep.equal(["EXECUTOR_CRASHED", "EXECUTOR_CRASHED"]);
    expect(worker.status().quarantined).to.have.length(1);
    expect(worker.status().quarantined[0]).to.include({
      versionId: poisonousId,
      faults: 2,
      why: "EXECUTOR_CRASHED",
    });

    const later = await ask(poisonousId, [3n]);
    const [declined] = (await noted(later, (fact) => fact.kind === "declined", 1)).filter(isQuarantine);
    expect(declined).to.have.property("detail").that.contains("EXECUTOR_CRASHED after 2 faults");
    await workers.until(await ask(chain.classifierId, [3n, -1n, 4n, -1n, 5n, -9n, 2n, 6n]), "JobExecuted");
  });

  const noted = (jobId: string, is: (fact: Fact) => boolean, count: number): Promise<readonly Fact[]> =>
    workers.patiently(`fact of ${jobId}`, async () => {
      const facts = await workers.journaled(WORKER, jobId);
      return facts.filter(is).length < count ? undefined : facts;
    });
});

function isQuarantine(fact: Fact): boolean {
  return fact.kind === "declined" && fact.reason === "version-quarantined";
}
