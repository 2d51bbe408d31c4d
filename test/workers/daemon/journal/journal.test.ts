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
  const codeOf = async (body: () => unknown): Promise<string | undefined> => {
    try {
      await body();
    } catch (error) {
      return error instanceof WorkerError ? error.code : String(error);
    }
    return undefined;
  };

  const messageOf = (refused: Promise<unknown>): Promise<string> => refused.then(() => "nothing", String);

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "assay-journal-"));
    path = join(directory, "journal.sqlite");
  });
  afterEach(async () => {
    for (const journal of opened.splice(0)) await journal.close();
    rmSync(directory, { recursive: true });
  });

  it("gives every fact back as it was, after it was opened again", async () => {
    const facts = [requested(jobAt("Zkml", { maxFee: 2n ** 95n })), ANSWERED, signed("fulfill", 4), mined(4)];
    const first = open();
    await first.append(facts.map((fact) => on(fact)));
    await first.close();
    expect(await open().factsOf(JOB_ID)).to.deep.equal(facts);
  });

  it("takes a log once, and once more after it was revoked", async () => {
    const journal = open();
    const log = requested(jobAt("Vanilla"));
    const { blockHash, logIndex } = log.log;
    expect(await journal.append([on(log)])).to.have.length(1);
    expect(await journal.append([on(log)])).to.have.length(0);
    await journal.append([on({ kind: "revoked", blockHash, logIndex })]);
    expect(await journal.append([on(log)])).to.have.length(1);
    expect(await journal.append([on(log)])).to.have.length(0);
    expect(await journal.append([on({ kind: "revoked", blockHash, logIndex })])).to.have.length(1);
  });

  it("refuses a second answer to a job", async () => {
    const journal = open();
    await journal.append([on(ANSWERED)]);
    expect(await messageOf(journal.append([on({ ...ANSWERED, kind: "answered", output: "0xff" } as Fact)]))).to.match(
      /UNIQUE/,
    );
    expect(await journal.factsOf(JOB_ID)).to.deep.equal([ANSWERED]);
  });

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

  it("writes the facts of a stretch of the chain and its marks together or not at all", async () => {
    const journal = open();
    await journal.append([on(ANSWERED)]);
    const marks = [{ number: 5, hash: place(5).blockHash }];
    expect(await messageOf(journal.appendBlocks([on(requested(jobAt("Vanilla"))), on(ANSWERED)], marks))).to.match(
      /UNIQUE/,
    );
    expect(await journal.blocks(10)).to.deep.equal([]);
    expect(await journal.factsOf(JOB_ID)).to.deep.equal([ANSWERED]);
    await journal.appendBlocks([on(requested(jobAt("Vanilla")))], marks);
    expect(await journal.blocks(10)).to.deep.equal(marks);
    await journal.rewind(4, []);
    expect(await journal.blocks(10)).to.deep.equal([]);
  });

  it("knows which jobs are open: those whose latest fact does not close them", async () => {
    const journal = open();
    const other: Hex = `0x${"0d".repeat(32)}`;
    await journal.append([on(requested(jobAt("Vanilla"))), on(requested(jobAt("Vanilla")), other)]);
    await journal.append([on({ kind: "closed", why: "settled" }), on({ kind: "closed", why: "settled" }, other)]);
    await journal.append([on({ kind: "callback-failed", log: place(9), reason: "0x" }, other)]);
    expect(await journal.openJobs()).to.deep.equal([other]);
  });

  it("says that it is closed instead of losing a fact", async () => {
    const journal = open();
    await journal.close();
    expect(await codeOf(() => journal.append([on(ANSWERED)]))).to.equal("JOURNAL_CLOSED");
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
