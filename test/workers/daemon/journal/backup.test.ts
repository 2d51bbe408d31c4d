import { copyFileSync, existsSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import type { Fact } from "../../../../workers/daemon/facts.ts";
import { backupJournal } from "../../../../workers/daemon/journal/backup.ts";
import { type Journal, openJournal } from "../../../../workers/daemon/journal/journal.ts";
import { lockKey } from "../../../../workers/daemon/journal/key-lock.ts";
import { restoreJournal, type Restored, type RestoreOptions } from "../../../../workers/daemon/journal/restore.ts";
import { WorkerError } from "../../../../workers/daemon/worker-error.ts";
import { ANSWERED, JOB_ID, jobAt, KEY, mined, requested, signed } from "../sample-job.ts";

const IDENTITY = { chainId: 31337, market: `0x${"cc".repeat(20)}`, workerKey: KEY } as const;
const FIRST: readonly Fact[] = [requested(jobAt("Zkml")), ANSWERED, signed("fulfill", 4)];

describe("backups of the journal", () => {
  let directory: string;
  let journal: string;
  let backup: string;
  let lockDirectory: string;
  const opened: Journal[] = [];

  const open = (path = journal, identity: Parameters<typeof openJournal>[1] = IDENTITY): Journal => {
    const one = openJournal(path, identity);
    opened.push(one);
    return one;
  };
  const add = async (facts: readonly Fact[], path = journal): Promise<void> => {
    const one = openJournal(path, IDENTITY);
    for (const fact of facts) await one.append([{ job: JOB_ID, fact }]);
    await one.close();
  };
  const factsIn = (path = journal): Promise<readonly Fact[]> => open(path).factsOf(JOB_ID);
  const restore = (options: Partial<RestoreOptions> & { readonly sent?: number } = {}): Promise<Restored> =>
    restoreJournal({
      backup,
      journal,
      chainId: IDENTITY.chainId,
      market: IDENTITY.market,
      lockDirectory,
      transactionsSent: () => Promise.resolve(options.sent ?? 5),
      acceptMissing: false,
      ...options,
    });
  const codeOf = (refused: Promise<unknown>): Promise<string> =>
    refused.then(
      () => "none",
      (error: unknown) => (error instanceof WorkerError ? error.code : String(error)),
    );

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), "assay-backup-"));
    journal = join(directory, "worker/journal.sqlite");
    backup = join(directory, "backup");
    lockDirectory = join(directory, "locks");
    await add(FIRST);
  });
  afterEach(async () => {
    for (const one of opened.splice(0)) await one.close();
    rmSync(directory, { recursive: true });
  });

  it("are whole while the worker writes, and put back what was there at their moment", async () => {
    const running = open();
    const copying = backupJournal(journal, backup);
    await running.append([{ job: JOB_ID, fact: mined(4) }]);
    const { facts, identity } = await copying;
    expect(identity).to.deep.equal(IDENTITY);
    expect(facts).to.be.oneOf([3, 4]);
    await running.close();

    rmSync(join(directory, "worker"), { recursive: true });
    const restored = await restore();
    expect(restored.before).to.equal(null);
    expect(await factsIn()).to.deep.equal([...FIRST, mined(4)].slice(0, facts));
    // What the file forbids, the copy forbids.
    expect(
      await open()
        .append([{ job: JOB_ID, fact: ANSWERED }])
        .then(String, String),
    ).to.match(/UNIQUE/);
  });

  it("take nobody's place on the disk", async () => {
    writeFileSync(backup, "an older backup");
    expect(await codeOf(backupJournal(journal, backup))).to.equal("BACKUP_EXISTS");
  });

  it("are not made of what is no journal, or none at all", async () => {
    expect(await codeOf(backupJournal(join(directory, "nothing"), backup))).to.equal("JOURNAL_CORRUPT");
    writeFileSync(join(directory, "else"), "not a database, but long enough to be taken for one".repeat(100));
    expect(await codeOf(backupJournal(join(directory, "else"), backup))).to.equal("JOURNAL_CORRUPT");
    expect(existsSync(backup)).to.equal(false);
  });

  it("replace an older journal, which is kept", async () => {
    const older = join(directory, "older");
    copyFileSync(journal, older);
    await add([mined(4)]);
    await backupJournal(journal, backup);
    copyFileSync(older, journal);
    const { before } = await restore();
    expect(await factsIn()).to.deep.equal([...FIRST, mined(4)]);
    expect(await factsIn(before ?? "")).to.deep.equal(FIRST);
  });

  it("replace a damaged journal, which is kept", async () => {
    await backupJournal(journal, backup);
    truncateSync(journal, 5000);
    const { before } = await restore();
    expect(await factsIn()).to.deep.equal(FIRST);
    expect(existsSync(before ?? "")).to.equal(true);
  });

  it("are refused when the journal knows as much or more", async () => {
    await backupJournal(journal, backup);
    expect(await codeOf(restore())).to.equal("BACKUP_NOT_NEWER");
    await add([mined(4)]);
    expect(await codeOf(restore({ acceptMissing: true }))).to.equal("BACKUP_NOT_NEWER");
    expect(await factsIn()).to.have.length(4);
  });

  it("are refused when the journal went another way: each lacks what the other did", async () => {
    const twin = join(directory, "twin.sqlite");
    copyFileSync(journal, twin);
    await add([mined(4), signed("settle", 5)], twin);
    await backupJournal(twin, backup);
    await add([{ kind: "closed", why: "settled" }]);
    expect(await codeOf(restore())).to.equal("BACKUP_DIVERGED");
  });

  it("are refused when the key has sent more than they know, unless that is accepted", async () => {
    await backupJournal(journal, backup);
    rmSync(journal);
    expect(await codeOf(restore({ sent: 6 }))).to.equal("BACKUP_BEHIND_CHAIN");
    expect(existsSync(journal)).to.equal(false);
    await restore({ sent: 6, acceptMissing: true });
    expect(await factsIn()).to.deep.equal(FIRST);
  });

  it("are refused for another chain, market or key, and under a worker that runs", async () => {
    await backupJournal(journal, backup);
    rmSync(journal);
    expect(await codeOf(restore({ chainId: 1 }))).to.equal("JOURNAL_OTHER_WORKER");
    expect(await codeOf(restore({ market: KEY }))).to.equal("JOURNAL_OTHER_WORKER");
    const other = open(journal, { ...IDENTITY, workerKey: `0x${"ab".repeat(20)}` });
    await other.close();
    expect(await codeOf(restore())).to.equal("JOURNAL_OTHER_WORKER");
    rmSync(journal);
    const lock = lockKey(lockDirectory, IDENTITY.chainId, KEY);
    expect(await codeOf(restore())).to.equal("KEY_IN_USE");
    lock.release();
    await restore();
  });
});
