import { join } from "node:path";

import { openArtifactCache } from "../store/artifact-cache.ts";
import { createQuarantine, type Quarantine } from "./execution/quarantine.ts";
import { createVersionCache, type VersionCache } from "./execution/version-cache.ts";
import { createVersionFiles, type VersionFiles } from "./execution/version-files.ts";
import type { PrivateInputs } from "./inputs/private-inputs.ts";
import type { Market } from "./open-market.ts";
import type { UndoList } from "./undo.ts";
import { limitsOf } from "./worker-config.ts";

export interface Versions {
  readonly versions: VersionCache;
  readonly files: VersionFiles;
  readonly quarantine: Quarantine;
}

/** The versions that this process can run, with files of the stores that it may ask. */
export async function openVersions(market: Market, inputs: PrivateInputs, undo: UndoList): Promise<Versions> {
  const { settings, client, endpoint, logger } = market;
  const { directory, stores = [], proverThreads, quarantineAfter: faults, quarantineSeconds: seconds } = settings;
  const cache = await openArtifactCache({ directory: join(directory, "artifacts"), maxBytes: settings.cacheBytes });
  const files = createVersionFiles({ ...settings, cache, stores, logger });
  const quarantine = createQuarantine({ faults, seconds, now: Date.now });
  const versions = createVersionCache({
    client,
    endpoint,
    files,
    inputs,
    prover: proverThreads === undefined ? {} : { threads: proverThreads },
    limits: limitsOf(settings),
    directory: join(directory, "executors"),
    quarantine,
    warm: settings.warmVersions,
    logger,
  });
  undo.push(() => versions.close());
  return { versions, files, quarantine };
}
