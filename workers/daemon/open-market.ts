import type { Logger } from "pino";

import { read } from "../sdk/access.ts";
import { type Client, createClient } from "../sdk/client.ts";
import { isContractError } from "../sdk/errors.ts";
import { type Endpoint, openEndpoint } from "./chain/endpoint.ts";
import { hexOf } from "./chain/job-struct.ts";
import { checkMarket } from "./chain/market-check.ts";
import { type MarketTerms, readMarketTerms } from "./chain/read-context.ts";
import type { Hex } from "./facts.ts";
import type { Policy } from "./job/policy.ts";
import type { JournalIdentity } from "./journal/identity.ts";
import { createLogger, secretsOfUrl } from "./observe/logger.ts";
import type { UndoList } from "./undo.ts";
import { DEFAULTS, policyOf, type WorkerConfig } from "./worker-config.ts";
import { WorkerError } from "./worker-error.ts";

/** What every process of a worker stands on: its settings, the chain, and who it is there. */
export interface Market {
  readonly settings: ReturnType<typeof withDefaults>;
  readonly policy: Policy;
  readonly logger: Logger;
  readonly endpoint: Endpoint;
  readonly client: Client;
  readonly terms: MarketTerms;
  readonly worker: { readonly id: number; readonly key: Hex };
  /** Whose journal it writes. */
  readonly identity: JournalIdentity;
}

/** The settings that do without the chain; throws `CONFIG_INVALID`. */
export function settingsOf(config: WorkerConfig): Pick<Market, "settings" | "policy" | "logger" | "identity"> {
  const settings = withDefaults(config);
  const policy = policyOf(config);
  const { chainId, market } = config.deployment;
  const workerKey = hexOf(config.signer.address);
  const logger = loggerOf(config).child({ worker: workerKey });
  return { settings, policy, logger, identity: { chainId, market: hexOf(market), workerKey } };
}

/** Throws `CHAIN_ID_MISMATCH`, `MARKET_MISSING`, `WORKER_NOT_REGISTERED` and `RPC_UNREACHABLE`. */
export async function openMarket(known: ReturnType<typeof settingsOf>, undo: UndoList): Promise<Market> {
  const { settings, logger, identity } = known;
  const { deployment, rpcUrls, rpcQuorum: quorum, rpcTimeout: timeout, rpcRetries: retries } = settings;
  const { chainId, workerKey } = identity;
  const endpoint = await openEndpoint({ urls: rpcUrls, chainId, logger, timeout, retries, quorum });
  undo.push(() => endpoint.close());
  await checkMarket(endpoint, deployment);
  const client = await createClient({ provider: endpoint.provider, deployment });
  const id = await readWorkerId(endpoint, client, workerKey);
  const terms = await readMarketTerms(endpoint, client);
  return { ...known, endpoint, client, terms, worker: { id, key: workerKey } };
}

function loggerOf({ logger, logLevel = DEFAULTS.logLevel, secrets = [], rpcUrls }: WorkerConfig): Logger {
  return logger ?? createLogger({ level: logLevel, secrets: [...secrets, ...rpcUrls.flatMap(secretsOfUrl)] });
}

function withDefaults(config: WorkerConfig) {
  return { ...DEFAULTS, ...config };
}

async function readWorkerId({ agreed }: Endpoint, client: Client, key: Hex): Promise<number> {
  try {
    const found = await agreed("this worker's id", (provider) =>
      read({ ...client, provider }, { contract: "workerRegistry", functionName: "workerIdOf", args: [key] }),
    );
    return Number(found);
  } catch (error) {
    if (!isContractError(error, "WorkerUnknown")) throw error;
    throw new WorkerError("WORKER_NOT_REGISTERED", `key ${key} is no worker's: register it with stake first`, {
      cause: error,
    });
  }
}
