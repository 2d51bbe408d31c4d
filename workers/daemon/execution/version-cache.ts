import type { Logger } from "pino";

import type { AssayError } from "../../../circuits/format/error.ts";
import { getVersion } from "../../sdk/actions/get-version.ts";
import type { Client } from "../../sdk/client.ts";
import type { Version } from "../../sdk/version.ts";
import { type Manifest, visibilityOf } from "../../../circuits/format/manifest.ts";
import type { Visibility } from "../../../circuits/format/visibility.ts";
import type { Endpoint } from "../chain/endpoint.ts";
import type { CircuitSize } from "../job/pace.ts";
import { WorkerError } from "../worker-error.ts";
import { type LoadedVersion, type LoadOptions, loadVersion } from "./loaded-version.ts";
import type { Quarantine, Quarantined } from "./quarantine.ts";

export interface VersionCache {
  /** The immutable facts of a version. */
  facts(versionId: string): Promise<Version>;
  /** What the version's manifest says is public. */
  visibility(versionId: string): Promise<Visibility>;
  /** What the version's manifest says of its circuit; null if it has none. */
  circuitSize(versionId: string): Promise<CircuitSize | null>;
  /** Why no new jobs of the version should be taken; null if they may be. */
  quarantined(versionId: string): Quarantined | null;
  /** Runs `use` with the version loaded; it is not evicted meanwhile. */
  use<T>(versionId: string, use: (loaded: LoadedVersion) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export interface VersionCacheOptions extends Omit<LoadOptions, "onFault"> {
  readonly client: Client;
  readonly endpoint: Endpoint;
  readonly quarantine: Quarantine;
  /** Versions kept warm; more are loaded while all of these are in use. */
  readonly warm: number;
  readonly logger: Logger;
}

interface Entry {
  readonly loaded: Promise<LoadedVersion>;
  users: number;
}

/**
 * Versions kept ready, each in a process of its own, least recently used first: a warm prover saves reading the proving key
 * for each proof.
 */
export function createVersionCache(options: VersionCacheOptions): VersionCache {
  const { client, endpoint, files, quarantine, warm, logger } = options;
  const known = new Map<string, Promise<Version>>();
  const entries = new Map<string, Entry>();

  let closed = false;

  const facts = (versionId: string): Promise<Version> => {
    const found =
      known.get(versionId) ??
      endpoint
        .agreed(`version ${versionId}`, (provider) => getVersion({ ...client, provider }, { versionId }))
        .catch((error: unknown) => {
          known.delete(versionId);
          throw error;
        });
    known.set(versionId, found);
    return found;
  };

  const load = async (versionId: string): Promise<LoadedVersion> => {
    const began = Date.now();
    const onFault = ({ code, message }: AssayError): void => {
      const found = quarantine.note(versionId, code);
      logger.warn({ version: versionId, code, error: message }, "a version ended its executor");
      if (found !== null)
        logger.error(
          { version: versionId, code, faults: found.faults, until: found.until },
          "a version is in quarantine",
        );
    };
    const loaded = await loadVersion(await facts(versionId), { ...options, onFault });
    logger.info({ version: versionId, executor: loaded.executor, milliseconds: Date.now() - began }, "version loaded");
    return loaded;
  };

  const enter = (versionId: string): Entry => {
    const entry = entries.get(versionId) ?? { loaded: load(versionId), users: 0 };
    // Insertion order is the order of use.
    entries.delete(versionId);
    entries.set(versionId, entry);
    entry.users += 1;
    return entry;
  };

  const evict = async (): Promise<void> => {
    for (const [versionId, entry] of entries) {
      if (entries.size <= warm) return;
      if (entry.users > 0) continue;
      entries.delete(versionId);
      // What goes wrong with this one is no concern of the version that was just used.
      await entry.loaded
        .then((loaded) => loaded.close())
        .catch((error: unknown) =>
          logger.warn({ version: versionId, error: String(error) }, "a version did not close"),
        );
    }
  };

  const manifests = new Map<string, Pick<Manifest, "visibility" | "circuit">>();
  const manifest = async (versionId: string): Promise<Pick<Manifest, "visibility" | "circuit">> => {
    const { visibility, circuit } = manifests.get(versionId) ?? (await files.manifest(await facts(versionId)));
    const found = { visibility, circuit };
    manifests.set(versionId, found);
    return found;
  };

  return {
    facts,
    visibility: async (versionId) => visibilityOf(await manifest(versionId)),
    circuitSize: async (versionId) => (await manifest(versionId)).circuit,
    quarantined: (versionId) => quarantine.of(versionId),
    async use(versionId, use) {
      if (closed) throw new WorkerError("WORKER_STOPPING", "the worker is stopping", { retryable: true });
      const entry = enter(versionId);
      try {
        return await use(await entry.loaded);
      } catch (error) {
        // Files may be there next time.
        await entry.loaded.catch(() => entries.get(versionId) === entry && entries.delete(versionId));
        throw error;
      } finally {
        entry.users -= 1;
        await evict();
      }
    },
    async close() {
      closed = true;
      const all = [...entries.values()];
      entries.clear();
      await Promise.allSettled(all.map(async ({ loaded }) => (await loaded).close()));
    },
  };
}
