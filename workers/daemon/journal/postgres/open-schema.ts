import { escapeIdentifier } from "pg";

import { WorkerError } from "../../worker-error.ts";
import { type JournalIdentity, requireKnownSchema, requireSameWorker } from "../identity.ts";
import type { Database } from "./database.ts";
import { createStatements, identityValues, SCHEMA_VERSION } from "./schema.ts";

/** Processes that start together make the tables one after the other. Any number would do. */
const CREATING = 0x41534159;

/** Makes or checks the tables of a journal. Throws `JOURNAL_CORRUPT`, `JOURNAL_NEWER` or `JOURNAL_OTHER_WORKER`. */
export async function openSchema(database: Database, schema: string, identity: JournalIdentity): Promise<void> {
  const name = escapeIdentifier(schema);
  const where = `the schema ${schema}`;
  await database.transaction(async (client) => {
    await client.query("SELECT pg_advisory_xact_lock($1)", [CREATING]);
    const { rows: tables } = await client.query<{ table_name: string }>(
      "SELECT table_name FROM information_schema.tables WHERE table_schema = $1",
      [schema],
    );
    if (tables.length === 0) {
      await client.query(createStatements(name));
      await client.query(`INSERT INTO ${name}.identity VALUES (1, $1, $2, $3, $4)`, identityValues(identity));
    } else if (!tables.some((table) => table.table_name === "identity")) {
      throw new WorkerError("JOURNAL_CORRUPT", `${where} has tables, but is no journal of a worker`);
    }
    const { rows } = await client.query<Record<string, unknown>>(`SELECT * FROM ${name}.identity`);
    const [row] = rows;
    requireKnownSchema(where, Number(row?.["schema_version"] ?? Number.NaN), SCHEMA_VERSION);
    const had = { chainId: Number(row?.["chain_id"]), market: row?.["market"], workerKey: row?.["worker_key"] };
    requireSameWorker(where, had, identity);
  });
}
