/** "ASAY": marks the file as a journal of ours. */
export const APPLICATION_ID = 0x41534159;
export const SCHEMA_VERSION = 1;

/**
 * `facts` only grows: triggers refuse every change. `log_key` makes reading the same log twice harmless, and a
 * second salt for a round impossible; `answered` is unique for each job so that no crash and no race can record a second answer. `blocks` is the cursor: the blocks whose logs are
 * in `facts`, newest last; it is the one table that is rewritten, in the same transaction as the facts it belongs to.
 */
export const SCHEMA = `
CREATE TABLE identity (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  chain_id INTEGER NOT NULL,
  market TEXT NOT NULL,
  worker_key TEXT NOT NULL
) STRICT;
CREATE TABLE facts (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  recorded_at INTEGER NOT NULL,
  chain_id INTEGER NOT NULL,
  market TEXT NOT NULL,
  job TEXT NOT NULL,
  kind TEXT NOT NULL,
  log_key TEXT,
  body TEXT NOT NULL
) STRICT;
CREATE INDEX facts_of_job ON facts (job, sequence);
CREATE UNIQUE INDEX one_fact_for_a_log ON facts (chain_id, market, job, log_key) WHERE log_key IS NOT NULL;
CREATE UNIQUE INDEX one_answer_for_a_job ON facts (chain_id, market, job) WHERE kind = 'answered';
CREATE TRIGGER facts_never_change BEFORE UPDATE ON facts BEGIN SELECT RAISE(ABORT, 'facts never change'); END;
CREATE TRIGGER facts_never_vanish BEFORE DELETE ON facts BEGIN SELECT RAISE(ABORT, 'facts never vanish'); END;
CREATE TABLE blocks (number INTEGER PRIMARY KEY, hash TEXT NOT NULL) STRICT;
`;
