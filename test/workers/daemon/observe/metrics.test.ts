import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { expect } from "chai";
import { pino } from "pino";

import { createFactFeed } from "../../../../workers/daemon/fact-feed.ts";
import { type Fact, parseFact } from "../../../../workers/daemon/facts.ts";
import { createHeartbeat, healthOf } from "../../../../workers/daemon/observe/heartbeat.ts";
import { createMetrics } from "../../../../workers/daemon/observe/metrics.ts";
import { serveMonitor } from "../../../../workers/daemon/observe/serve-monitor.ts";
import type { WorkerStatus } from "../../../../workers/daemon/worker-status.ts";

const JOB = `0x${"01".repeat(32)}` as const;
const logger = pino({ level: "silent" });
const ROOT = join(import.meta.dirname, "../../../..");
const log = { blockNumber: 1, blockHash: "0x01", transactionHash: "0x02", logIndex: 0 };
const job = {
  ...{ versionId: "0x01", inputHash: "0x02", requester: "0x03", consumer: "0x04", level: "Zkml", callbackAt: "Final" },
  ...{ callbackGas: 0, minFee: 1n, maxFee: 2n, requestedAt: 1, deadline: 100, challengeWindow: 0, copies: 1 },
  ...{ requestBlock: 1n, candidates: 1, maxPrice: 1n, royalty: 0n, outputBytes: 1, textOutput: false },
  ...{ feeBasisPoints: 0, nonce: 0n },
};
const mined = { kind: "mined", nonce: 0, transactionHash: "0x0a", ok: true, blockNumber: 2, blockHash: "0x0b" };
const FACTS: readonly Fact[] = [
  { kind: "requested", log, job, input: "0x" },
  { kind: "declined", reason: "at-capacity", detail: "", until: 3 },
  { kind: "answered", output: "0x01", executor: "reference", milliseconds: 20 },
  { kind: "evidence", level: "Zkml", output: "0x01", evidence: "0x02", milliseconds: 3000 },
  { kind: "signed", send: "fulfill", nonce: 0, transactionHash: "0x0a", raw: "0x", maxFeePerGas: 1n },
  { ...mined, gasUsed: 250_000n },
  // The same transaction as a fact of another job of its batch.
  { ...mined, gasUsed: 250_000n },
  { kind: "fulfilled", log, workerId: 7, output: "0x01" },
  { kind: "settled", log, workerId: 7, fee: 5n },
  { kind: "settled", log: { ...log, logIndex: 1 }, workerId: 8, fee: 50n },
  { kind: "failed", step: "evidence", code: "PROVER_CRASHED", message: "", retryable: true, at: 1 },
  { kind: "revoked", blockHash: "0x01", logIndex: 0 },
].map(parseFact);

describe("a worker's metrics", () => {
  let heart = createHeartbeat();
  const status = (): WorkerStatus => ({
    standing: { earned: 9n, bound: 0n, done: 3, late: 1, slashed: 0, misses: 0, suspended: false },
    openJobs: 2,
    unfinishedJobs: 1,
    quarantined: [],
    funds: { balance: 8n, price: 1n, jobsLeft: 2 },
    declined: {},
    head: 5,
    nodes: [],
    beat: heart.latest(),
    health: healthOf(heart.latest(), false, Date.now()),
  });
  const told = async (): Promise<string> => {
    const feed = createFactFeed(logger);
    const { registry, close } = createMetrics({ facts: feed, status, workerId: 7 });
    feed.publish(FACTS.map((fact) => ({ job: JOB, fact })));
    close();
    feed.publish(FACTS.map((fact) => ({ job: JOB, fact })));
    return registry.metrics();
  };
  const namesOf = (text: string): Set<string> =>
    new Set([...text.matchAll(/^# TYPE (assay_\w+)/gm)].map(([, name]) => name ?? ""));

  // One that was made when the files were read would be old by now.
  beforeEach(() => {
    heart = createHeartbeat();
  });

  it("count what the facts say, each transaction once, and other workers' business not as its own", async () => {
    const text = await told();
    const valueOf = (line: RegExp): number => Number(line.exec(text)?.[1]);
    expect(valueOf(/^assay_jobs_requested_total\{level="Zkml",worker="7"\} (\d+)/m)).to.equal(1);
    expect(valueOf(/^assay_jobs_answered_total\{level="Zkml",worker="7"\} (\d+)/m)).to.equal(1);
    expect(valueOf(/^assay_jobs_declined_total\{reason="at-capacity",worker="7"\} (\d+)/m)).to.equal(1);
    expect(valueOf(/^assay_jobs_settled_total\{worker="7"\} (\d+)/m)).to.equal(1);
    expect(valueOf(/^assay_fees_total\{worker="7"\} (\d+)/m)).to.equal(5);
    expect(valueOf(/^assay_gas_used_total\{worker="7"\} (\d+)/m)).to.equal(250_000);
    expect(valueOf(/^assay_transactions_total\{outcome="mined",worker="7"\} (\d+)/m)).to.equal(1);
    expect(valueOf(/^assay_evidence_seconds_sum\{.*level="Zkml".*\} (\d+)/m)).to.equal(3);
    expect(valueOf(/^assay_step_failures_total\{step="evidence",code="PROVER_CRASHED",worker="7"\} (\d+)/m)).to.equal(
      1,
    );
    expect(valueOf(/^assay_earned\{worker="7"\} (\d+)/m)).to.equal(9);
    expect(valueOf(/^assay_open_jobs\{worker="7"\} (\d+)/m)).to.equal(2);
    expect(text).to.match(/^process_resident_memory_bytes/m);
  });

  it("are served over HTTP, with health and readiness", async () => {
    const feed = createFactFeed(logger);
    const monitor = await serveMonitor({ port: 0, facts: feed, status, workerId: 7, logger });
    const { url } = monitor;
    try {
      const metrics = await fetch(`${url}/metrics`);
      expect(metrics.headers.get("content-type")).to.match(/^text\/plain/);
      expect(await metrics.text()).to.match(/assay_ready\{worker="7"\} 0/);
      expect((await fetch(`${url}/healthz`)).status).to.equal(200);
      const before = await fetch(`${url}/readyz`);
      expect(before.status).to.equal(503);
      expect(await before.json()).to.deep.include({ ready: false });
      heart.succeeded(1);
      expect((await fetch(`${url}/readyz`)).status).to.equal(200);
      expect((await fetch(`${url}/metrics`, { method: "POST" })).status).to.equal(404);
      const { port } = new URL(url);
      const again = serveMonitor({ port: Number(port), facts: feed, status, workerId: 7, logger });
      expect(
        await again.then(
          () => "served",
          (error: unknown) => (error as { code?: string }).code,
        ),
      ).to.equal("MONITOR_PORT");
    } finally {
      await monitor.close();
    }
  });

  it("are all in the guide, and the dashboard asks for none that does not exist", async () => {
    const names = namesOf(await told());
    const guide = await readFile(join(ROOT, "docs/operations.md"), "utf8");
    const described = new Set([...guide.matchAll(/`(assay_\w+)/g)].map(([, name]) => name ?? ""));
    expect([...described].sort()).to.deep.equal([...names].sort());

    const dashboard = await readFile(join(ROOT, "images/grafana/assay-worker.json"), "utf8");
    const asked = [...dashboard.matchAll(/\b(assay_\w+?)(?:_bucket)?\{/g)].map(([, name]) => name ?? "");
    expect(asked).to.have.length.above(10);
    expect(asked.filter((name) => !names.has(name))).to.deep.equal([]);
  });
});
