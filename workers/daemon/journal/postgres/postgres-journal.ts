/**
 * The journal in PostgreSQL: the same facts under the same rules as in the SQLite file, for several processes at once.
 *
 * One process appends at a time (a row lock on `identity` until the commit), so that facts become visible in the order of
 * their sequence: who has read up to one of them has missed none. Every append is told on the channel of the schema.
 *
 * An append whose answer got lost may have happened or not: it rejects with `JOURNAL_UNREACHABLE`, and whoever wants to
 * know reads the journal again.
 */
import { type ClientBase, escapeIdentifier } from "pg";

import type { Hex } from "../../facts.ts";
import { type FaultPoints, noFaultPoints } from "../../fault-point.ts";
import { WorkerError } from "../../worker-error.ts";
import { hexText, text } from "../columns.ts";
import { factKey, placeOf, revocationsOf } from "../fact-key.ts";
import { decodeFact, encodeFact } from "../fact-text.ts";
import type { JournalIdentity } from "../identity.ts";
import { type BlockMark, type Journal, KEPT_BLOCKS, NO_JOB, type SubjectFact } from "../journal.ts";
import { type Database, reached, type Transactions } from "./database.ts";

export interface PostgresJournalOptions {
  readonly database: Database;
  /** Where facts are written: the session of a lock, or any connection. */
  readonly writer: Transactions;
  readonly schema: string;
  readonly identity: JournalIdentity;
  readonly faultPoints?: FaultPoints;
  readonly clock?: () => number;
}

type Row = Readonly<Record<string, unknown>>;

/** The channel on which appends are told. */
export function factsChannel(schema: string): string {
  return `${schema}_facts`;
}

/** A journal whose tables are there (`openSchema`). Closing it leaves the database open, which is not its own. */
export function createPostgresJournal(options: PostgresJournalOptions): Journal {
  const { database, writer, identity, faultPoints = noFaultPoints, clock = Date.now } = options;
  const schema = escapeIdentifier(options.schema);
  const channel = factsChannel(options.schema);
  let closed = false;

  const ask = async (statement: string, values: readonly unknown[] = []): Promise<readonly Row[]> => {
    requireOpen();
    try {
      return (await database.pool.query<Record<string, unknown>>(statement, [...values])).rows;
    } catch (error) {
      throw reached(error);
    }
  };
  const requireOpen = (): void => {
    if (closed) throw new WorkerError("JOURNAL_CLOSED", "the journal is closed: the worker is stopping");
  };

  /** The keys that the jobs of these facts have; none is asked for where none matters. */
  const knownKeys = async (client: ClientBase, facts: readonly SubjectFact[]): Promise<Map<Hex, Set<string>>> => {
    const jobs = new Set(facts.filter(({ fact }) => placeOf(fact) !== null).map(({ job }) => job));
    const known = new Map<Hex, Set<string>>([...jobs].map((job) => [job, new Set()]));
    if (jobs.size === 0) return known;
    const { rows } = await client.query<{ job: Hex; log_key: string }>(
      `SELECT job, log_key FROM ${schema}.facts WHERE job = ANY($1) AND log_key IS NOT NULL`,
      [[...jobs]],
    );
    for (const row of rows) known.get(row.job)?.add(row.log_key);
    return known;
  };

  const insert = async (client: ClientBase, facts: readonly SubjectFact[]): Promise<readonly SubjectFact[]> => {
    const known = await knownKeys(client, facts);
    const fresh: { readonly entry: SubjectFact; readonly key: string | null }[] = [];
    for (const entry of facts) {
      const keys = known.get(entry.job);
      const place = placeOf(entry.fact);
      const prefix = place === null ? null : revocationsOf(place);
      const revocations = prefix === null ? 0 : [...(keys ?? [])].filter((key) => key.startsWith(prefix)).length;
      const key = factKey(entry.fact, revocations);
      if (place !== null && key !== null && keys?.has(key)) continue;
      if (key !== null) keys?.add(key);
      fresh.push({ entry, key });
    }
    if (fresh.length === 0) return [];
    await client.query(
      `INSERT INTO ${schema}.facts (recorded_at, chain_id, market, job, kind, log_key, body)
       SELECT $1, $2, $3, job, kind, log_key, body
       FROM unnest($4::text[], $5::text[], $6::text[], $7::text[]) WITH ORDINALITY AS new (job, kind, log_key, body, place)
       ORDER BY place`,
      [
        clock(),
        identity.chainId,
        identity.market,
        fresh.map(({ entry }) => entry.job),
        fresh.map(({ entry }) => entry.fact.kind),
        fresh.map(({ key }) => key),
        fresh.map(({ entry }) => encodeFact(entry.fact)),
      ],
    );
    await client.query("SELECT pg_notify($1, '')", [channel]);
    return fresh.map(({ entry }) => entry);
  };

  const write = async (
    facts: readonly SubjectFact[],
    also: (client: ClientBase) => Promise<unknown> = () => Promise.resolve(),
    isWanted: (client: ClientBase) => Promise<boolean> = () => Promise.resolve(true),
  ): Promise<readonly SubjectFact[]> => {
    requireOpen();
    for (const { fact } of facts) faultPoints(`before-${fact.kind}`);
    const fresh = await writer.transaction(async (client) => {
      await client.query(`SELECT 1 FROM ${schema}.identity FOR UPDATE`);
      if (!(await isWanted(client))) return [];
      const added = await insert(client, facts);
      await also(client);
      return added;
    });
    for (const { fact } of fresh) faultPoints(`after-${fact.kind}`);
    return fresh;
  };

  const subjectFact = (row: Row): SubjectFact => ({ job: hexText(row["job"]), fact: decodeFact(text(row["body"])) });
  const keepBlocks = (blocks: readonly BlockMark[]) => async (client: ClientBase) => {
    if (blocks.length === 0) return;
    await client.query(
      `INSERT INTO ${schema}.blocks SELECT * FROM unnest($1::bigint[], $2::text[])
       ON CONFLICT (number) DO UPDATE SET hash = excluded.hash`,
      [blocks.map(({ number }) => number), blocks.map(({ hash }) => hash)],
    );
    await client.query(
      `DELETE FROM ${schema}.blocks WHERE number < (SELECT max(number) FROM ${schema}.blocks) - $1::bigint`,
      [KEPT_BLOCKS],
    );
  };

  return {
    append: (facts, whileKnown) =>
      write(facts, undefined, async (client) => {
        if (whileKnown === undefined) return true;
        const { number, hash } = whileKnown;
        const asked = `SELECT 1 FROM ${schema}.blocks WHERE number = $1 AND hash = $2`;
        return (await client.query(asked, [number, hash])).rows.length > 0;
      }),
    async appendBlocks(facts, blocks) {
      if (blocks.length > 0) faultPoints("before-cursor");
      const fresh = await write(facts, keepBlocks(blocks));
      if (blocks.length > 0) faultPoints("after-cursor");
      return fresh;
    },
    rewind: (ancestor, facts) =>
      write(facts, (client) => client.query(`DELETE FROM ${schema}.blocks WHERE number > $1`, [ancestor])),
    async factsOf(job) {
      const rows = await ask(`SELECT body FROM ${schema}.facts WHERE job = $1 ORDER BY sequence`, [job]);
      return rows.map((row) => decodeFact(text(row["body"])));
    },
    async factsOfKinds(kinds) {
      const asked = `SELECT job, body FROM ${schema}.facts WHERE kind = ANY($1) ORDER BY sequence`;
      return (await ask(asked, [kinds])).map(subjectFact);
    },
    async factsAfter(sequence, limit) {
      const asked = `SELECT sequence, job, body FROM ${schema}.facts WHERE sequence > $1 ORDER BY sequence LIMIT $2`;
      const rows = await ask(asked, [sequence, limit]);
      return { facts: rows.map(subjectFact), last: Number(rows.at(-1)?.["sequence"] ?? sequence) };
    },
    async lastSequence() {
      const [row] = await ask(`SELECT max(sequence) AS last FROM ${schema}.facts`);
      return Number(row?.["last"] ?? 0);
    },
    async openJobs() {
      const rows = await ask(
        `SELECT job FROM ${schema}.facts WHERE job <> $1 GROUP BY job
         HAVING max(sequence) > coalesce(max(sequence) FILTER (WHERE kind = 'closed'), 0) ORDER BY min(sequence)`,
        [NO_JOB],
      );
      return rows.map((row) => hexText(row["job"]));
    },
    async blocks(limit) {
      const rows = await ask(`SELECT number, hash FROM ${schema}.blocks ORDER BY number DESC LIMIT $1`, [limit]);
      return rows.map((row) => ({ number: Number(row["number"]), hash: hexText(row["hash"]) }));
    },
    close() {
      closed = true;
      return Promise.resolve();
    },
  };
}
