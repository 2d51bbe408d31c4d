import { expect } from "chai";
import { pino } from "pino";

import type { Fact, Hex } from "../../../../../workers/daemon/facts.ts";
import type { Journal } from "../../../../../workers/daemon/journal/journal.ts";
import { type Database, openDatabase } from "../../../../../workers/daemon/journal/postgres/database.ts";
import { openSchema } from "../../../../../workers/daemon/journal/postgres/open-schema.ts";
import { createPostgresJournal } from "../../../../../workers/daemon/journal/postgres/postgres-journal.ts";
import { type Postgres, startPostgres } from "../../../../postgres.ts";
import { ANSWERED, JOB_ID, jobAt, KEY, requested } from "../../sample-job.ts";
import { codeOf, itKeepsFacts } from "../journal-rules.ts";

const IDENTITY = { chainId: 31337, market: `0x${"cc".repeat(20)}`, workerKey: KEY } as const;
const logger = pino({ level: "silent" });

describe("the journal in PostgreSQL", () => {
  let postgres: Postgres;
  let database: Database;
  let schemas = 0;
  let schema: string;

  const open = async (identity: Parameters<typeof openSchema>[2] = IDENTITY): Promise<Journal> => {
    await openSchema(database, schema, identity);
    return createPostgresJournal({ database, writer: database, schema, identity });
  };
  const on = (fact: Fact, job: Hex = JOB_ID) => ({ job, fact });

  before(async function () {
    this.timeout(120_000);
    postgres = await startPostgres();
    database = openDatabase({ url: postgres.url, logger });
  });
  beforeEach(() => {
    schema = `journal ${(schemas += 1)}`;
  });
  after(async () => {
    await database.close();
    await postgres.close();
  });

  itKeepsFacts(open);

  it("never changes or loses a fact", async () => {
    const journal = await open();
    await journal.append([on(ANSWERED)]);
    for (const statement of ["UPDATE x SET body = '{}'", "DELETE FROM x", "TRUNCATE x"]) {
      const said = await database.pool.query(statement.replace("x", `"${schema}".facts`)).then(() => "done", String);
      expect(said).to.match(/never change/);
    }
    expect(await journal.factsOf(JOB_ID)).to.deep.equal([ANSWERED]);
  });

  it("gives a reader who follows it every fact once, though several write at once", async () => {
    const reader = await open();
    const writers = [reader, await open(), await open()];
    const jobs = Array.from({ length: 30 }, (_, index): Hex => `0x${index.toString(16).padStart(64, "0")}`);
    const seen: Hex[] = [];
    let place = 0;
    const read = async (): Promise<void> => {
      const { facts, last } = await reader.factsAfter(place, 7);
      place = last;
      seen.push(...facts.map(({ job }) => job));
    };
    const share = async (writer: Journal, at: number): Promise<void> => {
      for (const job of jobs.filter((_, index) => index % writers.length === at))
        await writer.append([on(ANSWERED, job)]);
    };
    const writing = Promise.all(writers.map(share));
    while (seen.length < jobs.length) await read();
    await writing;
    await read();
    expect(seen).to.have.length(jobs.length);
    expect(new Set(seen)).to.deep.equal(new Set(jobs));
  });

  it("lets one of two answers in that come at the same time", async () => {
    const journals = [await open(), await open()];
    const outcomes = await Promise.allSettled(journals.map((journal) => journal.append([on(ANSWERED)])));
    expect(outcomes.map(({ status }) => status).sort()).to.deep.equal(["fulfilled", "rejected"]);
  });

  it("refuses a schema that is no journal, is newer, or is another worker's", async () => {
    await database.pool.query(`CREATE SCHEMA "${schema}"; CREATE TABLE "${schema}".something (a integer)`);
    expect(await codeOf(() => open())).to.equal("JOURNAL_CORRUPT");
    schema = `${schema} again`;
    await open();
    expect(await codeOf(() => open({ ...IDENTITY, chainId: 1 }))).to.equal("JOURNAL_OTHER_WORKER");
    expect(await codeOf(() => open({ ...IDENTITY, workerKey: `0x${"ab".repeat(20)}` }))).to.equal(
      "JOURNAL_OTHER_WORKER",
    );
    await database.pool.query(`UPDATE "${schema}".identity SET schema_version = 99`);
    expect(await codeOf(() => open())).to.equal("JOURNAL_NEWER");
  });

  it("says that PostgreSQL is away, and goes on when it is back, with every fact", async function () {
    this.timeout(60_000);
    const journal = await open();
    await journal.append([on(requested(jobAt("Vanilla")))]);
    const session = await database.openSession();
    const locked = createPostgresJournal({ database, writer: session, schema, identity: IDENTITY });
    await locked.append([on(ANSWERED)]);
    await postgres.restart();
    await session.lost;
    // What is written through a session ends with the session: whoever held its lock may hold it no more.
    expect(await codeOf(() => locked.append([on({ kind: "closed", why: "over" })]))).to.equal("JOURNAL_UNREACHABLE");
    expect((await journal.factsOf(JOB_ID)).map(({ kind }) => kind)).to.deep.equal(["requested", "answered"]);
  });

  it("says that PostgreSQL is not there at all", async () => {
    const nowhere = openDatabase({ url: "postgresql://postgres@127.0.0.1:1/postgres", logger });
    expect(await codeOf(() => openSchema(nowhere, schema, IDENTITY))).to.equal("JOURNAL_UNREACHABLE");
    await nowhere.close();
  });
});
