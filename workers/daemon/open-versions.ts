import { join } from "node:path";

import { LocalStore } from "../store/local-store.ts";
import { createVersionCache, type VersionCache } from "./execution/version-cache.ts";
import { createVersionFiles, type VersionFiles } from "./execution/version-files.ts";
import type { PrivateInputs } from "./inputs/private-inputs.ts";
import type { Market } from "./open-market.ts";
import type { UndoList } from "./undo.ts";

export interface Versions {
  readonly versions: VersionCache;
  readonly files: VersionFiles;
}

/** The versions that this process can run, with files of the stores that it may ask. */
export function openVersions(market: Market, inputs: PrivateInputs, undo: UndoList): Versions {
  const { settings, client, endpoint, logger } = market;
  const { directory, stores = [], useVersionUri, proverThreads, warmVersions: warm } = settings;
  const cache = new LocalStore(join(directory, "artifacts"));
  const files = createVersionFiles({ cache, stores, useVersionUri, logger });
  const prover = proverThreads === undefined ? {} : { threads: proverThreads };
  const versions = createVersionCache({ client, endpoint, files, inputs, prover, warm, logger });
  undo.push(() => versions.close());
  return { versions, files };
}
