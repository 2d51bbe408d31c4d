import type { Logger } from "pino";

import { createPurse } from "../economics.ts";
import type { VersionCache } from "../execution/version-cache.ts";
import type { FactSource } from "../fact-feed.ts";
import type { Journal } from "../journal/journal.ts";
import type { Database, Transactions } from "../journal/postgres/database.ts";
import { createPostgresJournal } from "../journal/postgres/postgres-journal.ts";
import type { NonceLane } from "../lane/nonce-lane.ts";
import type { Market } from "../open-market.ts";
import type { Performer } from "../steps/perform.ts";

/** What the roles of a process share. */
export interface ProcessParts {
  readonly market: Market;
  readonly database: Database;
  readonly schema: string;
  readonly versions: VersionCache;
  readonly feed: FactSource;
  readonly logger: Logger;
}

/** The journal as seen by a role that writes through `writer`. */
export function journalOf({ market, database, schema }: ProcessParts, writer: Transactions): Journal {
  const { identity, settings } = market;
  const { faultPoints } = settings;
  return createPostgresJournal({ database, writer, schema, identity, ...(faultPoints && { faultPoints }) });
}

/** What does the actions of a role. Evidence of enclaves is not for fleets. */
export function performerOf(parts: ProcessParts, lane: NonceLane, record: Performer["record"]): Performer {
  const { market, versions, logger } = parts;
  const { client, terms, settings, worker } = market;
  const economics = { purse: createPurse({ ...market, logger }) };
  const { deployment } = settings;
  return { client, economics, terms, lane, record, logger, deployment, workerKey: worker.key, versions, enclave: null };
}
