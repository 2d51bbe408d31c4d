import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { openJournal } from "../../../workers/daemon/index.ts";
import { LEDGER_FILE, openLedger } from "../../../workers/gateway/index.ts";
import { type LocalNode, startAnvil } from "../../nodes.ts";
import { DEPLOYMENT } from "../daemon/sample-deployment.ts";
import { JOB_ID, jobAt, KEY, requested, signed } from "../daemon/sample-job.ts";
import { failureCodes, succeed } from "./run-cli.ts";

describe("assay worker backup and restore", function () {
  this.timeout(60_000);
  let home: string;
  let node: LocalNode;
  let config: string;
  let journal: string;

  before(async () => {
    home = mkdtempSync(join(tmpdir(), "assay-backup-cli-"));
    node = await startAnvil();
    config = join(home, "worker.json");
    journal = join(home, "worker", "journal.sqlite");
    const deployment = join(home, "deployment.json");
    writeFileSync(deployment, JSON.stringify(DEPLOYMENT));
    const serve = [{ versionId: `0x${"01".repeat(32)}`, levels: ["Vanilla"] }];
    const lockDirectory = join(home, "locks");
    writeFileSync(
      config,
      JSON.stringify({ rpc: node.url, deployment, directory: join(home, "worker"), lockDirectory, serve }),
    );
    const { chainId, market } = DEPLOYMENT;
    const opened = openJournal(journal, { chainId, market: `0x${market.slice(2)}`, workerKey: KEY });
    await opened.append([requested(jobAt("Vanilla")), signed("execute", 0)].map((fact) => ({ job: JOB_ID, fact })));
    await opened.close();
  });
  after(async () => {
    await node.close();
    rmSync(home, { recursive: true });
  });

  it("copy a journal and put it back, without a key", async () => {
    const file = join(home, "backup.sqlite");
    const copied = await succeed(["worker", "backup", config, "--to", file]);
    expect(copied).to.include({ file, workerKey: KEY, chainId: 31337, facts: 2 });
    expect(await failureCodes(["worker", "backup", config, "--to", file])).to.deep.equal(["BACKUP_EXISTS"]);
    expect(await failureCodes(["worker", "restore", config, "--from", file])).to.deep.equal(["BACKUP_NOT_NEWER"]);
    rmSync(journal);
    const restored = await succeed(["worker", "restore", config, "--from", file]);
    expect(restored).to.include({ workerKey: KEY, facts: 2, before: null });
  });

  it("copy the ledger of a gateway beside the journal", async () => {
    const { chainId, paymentChannels, receiptAnchors } = DEPLOYMENT;
    const identity = { chainId, channels: paymentChannels, anchors: receiptAnchors, workerKey: KEY, payee: KEY };
    openLedger(join(home, "worker", "gateway", LEDGER_FILE), identity).close();
    const file = join(home, "with-ledger.sqlite");
    const copied = await succeed(["worker", "backup", config, "--to", file]);
    expect(copied).to.include({ file, ledger: `${file}.ledger` });
    openLedger(`${file}.ledger`, identity).close();
    expect(() => openLedger(`${file}.ledger`, { ...identity, chainId: 1 })).to.throw(/belongs to payee/);
    writeFileSync(join(home, "worker", "gateway", LEDGER_FILE), "no database");
    const again = ["worker", "backup", config, "--to", join(home, "damaged.sqlite")];
    expect(await failureCodes(again)).to.deep.equal(["LEDGER_CORRUPT"]);
  });
});
