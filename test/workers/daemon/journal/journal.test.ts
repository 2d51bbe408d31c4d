import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import { expect } from "chai";

import type { Fact, Hex } from "../../../../workers/daemon/facts.ts";
import { type Journal, openJournal } from "../../../../workers/daemon/journal/journal.ts";
import { lockKey } from "../../../../workers/daemon/journal/key-lock.ts";
import { WorkerError } from "../../../../workers/daemon/worker-error.ts";
import { ANSWERED, JOB_ID, KEY } from "../sample-job.ts";
import { codeOf, itKeepsFacts } from "./journal-rules.ts";

const IDENTITY = { chainId: 31337, market: `0x${"cc".repeat(20)}`, workerKey: KEY } as const;

describe("the journal", () => {
  let directory: string;
  let path: string;
  const opened: Journal[] = [];
  const open = (identity: Parameters<typeof openJournal>[1] = IDENTITY): Journal => {
    const journal = openJournal(path, identity);
    opened.push(journal);
    return journal;
  };
  const on = (fact: Fact, job: Hex = JOB_ID) => ({ job, fact });
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "assay-journal-"));
    path = join(directory, "journal.sqlite");
  });
  afterEach(async () => {
    for (const journal of opened.splice(0)) await journal.close();
    rmSync(directory, { recursive: true });
  });

  itKeepsFacts(open);

  it("never changes or loses a fact", async () => {
    const journal = open();
    await journal.append([on(ANSWERED)]);
    const other = new DatabaseSync(path);
    try {
      expect(() => other.exec("UPDATE facts SET body = '{}'")).to.throw(/never change/);
      expect(() => other.exec("DELETE FROM facts")).to.throw(/never vanish/);
    } finally {
      other.close();
    }
  });

  it("refuses a file that is no journal, is damaged, is newer, or is another worker's", async () => {
    writeFileSync(path, "not a database, but long enough to be taken for one".repeat(100));
    expect(await codeOf(() => open())).to.equal("JOURNAL_CORRUPT");
    rmSync(path);
    new DatabaseSync(path).exec("CREATE TABLE something (a)");
    expect(await codeOf(() => open())).to.equal("JOURNAL_CORRUPT");
    rmSync(path);

    const journal = open();
    for (let index = 0; index < 200; index++) await journal.append([on({ kind: "closed", why: "x".repeat(500) })]);
    await journal.close();
    expect(await codeOf(() => open({ ...IDENTITY, chainId: 1 }))).to.equal("JOURNAL_OTHER_WORKER");
    expect(await codeOf(() => open({ ...IDENTITY, workerKey: `0x${"ab".repeat(20)}` }))).to.equal(
      "JOURNAL_OTHER_WORKER",
    );
    const newer = new DatabaseSync(path);
    newer.exec("PRAGMA user_version = 99");
    newer.close();
    expect(await codeOf(() => open())).to.equal("JOURNAL_NEWER");
    truncateSync(path, 20_000);
    expect(await codeOf(() => open())).to.equal("JOURNAL_CORRUPT");
  });
});

describe("the lock of a key", () => {
  it("lets one holder in, and the next one when it is released", () => {
    const directory = mkdtempSync(join(tmpdir(), "assay-lock-"));
    try {
      const lock = lockKey(directory, 31337, KEY);
      expect(() => lockKey(directory, 31337, KEY))
        .to.throw(WorkerError)
        .with.property("code", "KEY_IN_USE");
      const elsewhere = lockKey(directory, 1, KEY);
      elsewhere.release();
      lock.release();
      lockKey(directory, 31337, KEY).release();
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
