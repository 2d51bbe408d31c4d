import type { JournalIdentity } from "../identity.ts";

export const SCHEMA_VERSION = 1;

/** The tables of a journal in one PostgreSQL schema, with the rules of the SQLite file. */
export function createStatements(schema: string): string {
  return `
CREATE SCHEMA IF NOT EXISTS ${schema};
CREATE TABLE ${schema}.identity (
  one integer PRIMARY KEY CHECK (one = 1),
  schema_version integer NOT NULL,
  chain_id bigint NOT NULL,
  market text NOT NULL,
  worker_key text NOT NULL
);
CREATE TABLE ${schema}.facts (
  sequence bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  recorded_at bigint NOT NULL,
  chain_id bigint NOT NULL,
  market text NOT NULL,
  job text NOT NULL,
  kind text NOT NULL,
  log_key text,
  body text NOT NULL
);
CREATE INDEX facts_of_job ON ${schema}.facts (job, sequence);
CREATE INDEX facts_of_kind ON ${schema}.facts (kind, sequence);
CREATE UNIQUE INDEX one_fact_for_a_log ON ${schema}.facts (chain_id, market, job, log_key) WHERE log_key IS NOT NULL;
CREATE UNIQUE INDEX one_answer_for_a_job ON ${schema}.facts (chain_id, market, job) WHERE kind = 'answered';
CREATE FUNCTION ${schema}.refuse_change() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN RAISE EXCEPTION 'facts never change and never vanish'; END $$;
CREATE TRIGGER facts_never_change BEFORE UPDATE OR DELETE ON ${schema}.facts
  FOR EACH ROW EXECUTE FUNCTION ${schema}.refuse_change();
CREATE TRIGGER facts_never_vanish BEFORE TRUNCATE ON ${schema}.facts
  FOR EACH STATEMENT EXECUTE FUNCTION ${schema}.refuse_change();
CREATE TABLE ${schema}.blocks (number bigint PRIMARY KEY, hash text NOT NULL);
`;
}

export function identityValues({ chainId, market, workerKey }: JournalIdentity): unknown[] {
  return [SCHEMA_VERSION, chainId, market.toLowerCase(), workerKey.toLowerCase()];
}
