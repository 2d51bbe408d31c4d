/** "ASAG": marks the file as a ledger of ours. */
export const APPLICATION_ID = 0x41534147;
export const SCHEMA_VERSION = 1;

/**
 * `answers` has what was answered, one row for each; `payment` is unique, so that one payment buys one answer whatever
 * crashes and races there are. `vouchers` has the newest one of each channel, in the same transaction as the answer that it
 * pays for: totals only rise. Amounts are decimal text, for SQLite's integers end at 2^63. `batches` are sets of receipts that
 * are anchored together.
 */
export const SCHEMA = `
CREATE TABLE identity (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  chain_id INTEGER NOT NULL,
  channels TEXT NOT NULL,
  anchors TEXT NOT NULL,
  worker_key TEXT NOT NULL,
  payee TEXT NOT NULL
) STRICT;
CREATE TABLE batches (
  batch INTEGER PRIMARY KEY AUTOINCREMENT,
  root TEXT NOT NULL UNIQUE,
  count INTEGER NOT NULL,
  anchor_id TEXT,
  open_until INTEGER,
  released INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE answers (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  recorded_at INTEGER NOT NULL,
  payment TEXT UNIQUE,
  request_hash TEXT NOT NULL,
  leaf TEXT NOT NULL UNIQUE,
  input TEXT NOT NULL,
  body TEXT NOT NULL,
  due TEXT,
  settlement TEXT,
  batch INTEGER REFERENCES batches (batch)
) STRICT;
CREATE INDEX answers_of_batch ON answers (batch, sequence);
CREATE TABLE vouchers (
  channel_id TEXT PRIMARY KEY,
  channel TEXT NOT NULL,
  total TEXT NOT NULL,
  signature TEXT NOT NULL,
  spent TEXT NOT NULL,
  collected TEXT NOT NULL,
  closed INTEGER NOT NULL DEFAULT 0
) STRICT;
`;
