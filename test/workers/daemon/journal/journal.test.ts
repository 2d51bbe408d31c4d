import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import { expect } from "chai";

import type { Fact, Hex } from "../../../../workers/daemon/facts.ts";
import { type Journal, openJournal } from "../../../../workers/daemon/journal/journal.ts";
import { lockKey } from "../../../../workers/daemon/journal/key-lock.ts";
import { WorkerError } from "../../../../workers/daemon/worker-error.ts";
import { ANSWERED, JOB_ID, jobAt, KEY, mined, place, requested, signed } from "../sample-job.ts";

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
  const codeOf = (body: () => unknown): string | undefined => {
    try {
      body();
    } catch (error) {
      return error instanceof WorkerError ? error.code : String(error);
    }
    return undefined;
  };

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "assay-journal-"));
    path = join(directory, "journal.sqlite");
  });
  afterEach(() => {
    for (const journal of opened.splice(0)) journal.close();
    rmSync(directory, { recursive: true });
  });

  it("gives every fact back as it was, after it was opened again", () => {
    const facts = [requested(jobAt("Zkml", { maxFee: 2n ** 95n })), ANSWERED, signed("fulfill", 4), mined(4)];
    const first = open();
    first.append(facts.map((fact) => on(fact)));
    first.close();
    expect(open().factsOf(JOB_ID)).to.deep.equal(facts);
  });

  it("takes a log once, and once more after it was revoked", () => {
    const journal = open();
    const log = requested(jobAt("Vanilla"));
    const { blockHash, logIndex } = log.log;
    expect(journal.append([on(log)])).to.have.length(1);
    expect(journal.append([on(log)])).to.have.length(0);
    journal.append([on({ kind: "revoked", blockHash, logIndex })]);
    expect(journal.append([on(log)])).to.have.length(1);
    expect(journal.append([on(log)])).to.have.length(0);
    expect(journal.append([on({ kind: "revoked", blockHash, logIndex })])).to.have.length(1);
  });

  it("refuses a second answer to a job", () => {
    const journal = open();
    journal.append([on(ANSWERED)]);
    expect(() => journal.append([on({ ...ANSWERED, kind: "answered", output: "0xff" } as Fact)])).to.throw(/UNIQUE/);
    expect(journal.factsOf(JOB_ID)).to.deep.equal([ANSWERED]);
  });

  it("never changes or loses a fact", () => {
    const journal = open();
    journal.append([on(ANSWERED)]);
    const other = new DatabaseSync(path);
    try {
      expect(() => other.exec("UPDATE facts SET body = '{}'")).to.throw(/never change/);
      expect(() => other.exec("DELETE FROM facts")).to.throw(/never vanish/);
    } finally {
      other.close();
    }
  });

  it("writes the facts of a stretch of the chain and its marks together or not at all", () => {
    const journal = open();
    journal.append([on(ANSWERED)]);
    const marks = [{ number: 5, hash: place(5).blockHash }];
    expect(() => journal.appendBlocks([on(requested(jobAt("Vanilla"))), on(ANSWERED)], marks)).to.throw(/UNIQUE/);
    expect(journal.blocks(10)).to.deep.equal([]);
    expect(journal.factsOf(JOB_ID)).to.deep.equal([ANSWERED]);
    journal.appendBlocks([on(requested(jobAt("Vanilla")))], marks);
    expect(journal.blocks(10)).to.deep.equal(marks);
    journal.rewind(4, []);
    expect(journal.blocks(10)).to.deep.equal([]);
  });

  it("knows which jobs are open: those whose latest fact does not close them", () => {
    const journal = open();
    const other: Hex = `0x${"0d".repeat(32)}`;
    journal.append([on(requested(jobAt("Vanilla"))), on(requested(jobAt("Vanilla")), other)]);
    journal.append([on({ kind: "closed", why: "settled" }), on({ kind: "closed", why: "settled" }, other)]);
    journal.append([on({ kind: "callback-failed", log: place(9), reason: "0x" }, other)]);
    expect(journal.openJobs()).to.deep.equal([other]);
  });

  it("says that it is closed instead of losing a fact", () => {
    const journal = open();
    journal.close();
    expect(codeOf(() => journal.append([on(ANSWERED)]))).to.equal("JOURNAL_CLOSED");
  });

  it("refuses a file that is no journal, is damaged, is newer, or is another worker's", () => {
    writeFileSync(path, "not a database, but long enough to be taken for one".repeat(100));
    expect(codeOf(() => open())).to.equal("JOURNAL_CORRUPT");
    rmSync(path);
    new DatabaseSync(path).exec("CREATE TABLE something (a)");
    expect(codeOf(() => open())).to.equal("JOURNAL_CORRUPT");
    rmSync(path);

    const journal = open();
    for (let index = 0; index < 200; index++) journal.append([on({ kind: "closed", why: "x".repeat(500) })]);
    journal.close();
    expect(codeOf(() => open({ ...IDENTITY, chainId: 1 }))).to.equal("JOURNAL_OTHER_WORKER");
    expect(codeOf(() => open({ ...IDENTITY, workerKey: `0x${"ab".repeat(20)}` }))).to.equal("JOURNAL_OTHER_WORKER");
    const newer = new DatabaseSync(path);
    newer.exec("PRAGMA user_version = 99");
    newer.close();
    expect(codeOf(() => open())).to.equal("JOURNAL_NEWER");
    truncateSync(path, 20_000);
    expect(codeOf(() => open())).to.equal("JOURNAL_CORRUPT");
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
