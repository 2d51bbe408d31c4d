import { isAddress } from "ethers";
import { type Logger, pino } from "pino";

import type { OffMarket } from "../daemon/index.ts";
import type { ReceiptSigner } from "./answers/make-answer.ts";
import type { ApiKey } from "./api-keys.ts";
import { GatewayError } from "./gateway-error.ts";
import type { OfferTerms } from "./offers.ts";
import type { UpkeepSettings } from "./upkeep/start-upkeep.ts";

export interface GatewayConfig {
  /** Signs receipts; its key must be the worker's. An ethers `Wallet` is one. */
  readonly signer: ReceiptSigner;
  /** Holds the ledger. */
  readonly directory: string;
  readonly offers: readonly OfferTerms[];
  /** 127.0.0.1 when left out: put TLS in front of anything else. */
  readonly host?: string;
  readonly port: number;
  /** Whom channels pay: an address of this gateway alone. The worker's key when left out. */
  readonly payee?: string | undefined;
  /** Where `/v1/infer` is for the world, for who pays by x402. */
  readonly publicUrl?: string | undefined;
  /** Takes payments in a token with EIP-3009, on the deployment's chain. */
  readonly x402?:
    | {
        readonly asset: string;
        /** Of the token's EIP-712 domain. */
        readonly name: string;
        readonly version: string;
        /** An address of this gateway alone; `payee` when left out. */
        readonly payTo?: string | undefined;
        /** A service that verifies and sends payments; left out, the worker does. */
        readonly facilitator?: string | undefined;
      }
    | undefined;
  /** Who holds one of these need not pay. */
  readonly apiKeys?: readonly ApiKey[];
  /** Blocks that must follow the one with a deposit before it counts. Default 0: right for a local chain only. */
  readonly confirmations?: number;
  /** Milliseconds for which the chain's word on a channel is taken again. Default 5000. */
  readonly rememberFor?: number;
  /** Answers that are made at once, and that may wait. Default 2 and 32. */
  readonly concurrency?: number;
  readonly queue?: number;
  /** Requests of one address or API key in so many seconds. Default 120 in 60. */
  readonly rate?: { readonly max: number; readonly seconds: number };
  /** Of a request's body. Default 4 MiB. */
  readonly mostBytes?: number;
  readonly trustProxy?: boolean;
  readonly upkeep?: Partial<UpkeepSettings>;
  readonly logger?: Logger;
  /** Unix milliseconds. */
  readonly clock?: () => number;
}

/** A day is a sensible dispute window; looking every ten minutes leaves many tries. Answers are kept for 30 days. */
const UPKEEP: UpkeepSettings = { every: 600, collectLeast: 0n, anchorLeast: null, anchorUri: "", keep: 2_592_000 };

/** Fills in what was left out. Throws `CONFIG_INVALID`, listing every problem. */
export function settingsOf(config: GatewayConfig, { workerKey }: Pick<OffMarket, "workerKey">) {
  const settings = {
    host: "127.0.0.1",
    confirmations: 0,
    rememberFor: 5000,
    concurrency: 2,
    queue: 32,
    rate: { max: 120, seconds: 60 },
    mostBytes: 4 * 2 ** 20,
    trustProxy: false,
    apiKeys: [],
    clock: Date.now,
    logger: pino({ level: "silent" }),
    ...config,
    payee: config.payee ?? workerKey,
    upkeep: { ...UPKEEP, ...config.upkeep },
  };
  const problems = problemsOf(settings, workerKey);
  if (problems.length > 0)
    throw new GatewayError("CONFIG_INVALID", `the gateway's configuration is not valid:\n${problems.join("\n")}`, {
      details: { problems },
    });
  return settings;
}

function problemsOf(
  settings: GatewayConfig & {
    readonly payee: string;
    readonly rate: { readonly max: number; readonly seconds: number };
    readonly apiKeys: readonly ApiKey[];
    readonly upkeep: UpkeepSettings;
  },
  workerKey: string,
): string[] {
  const problems: string[] = [];
  const check = (holds: boolean, problem: string): unknown => holds || problems.push(problem);
  const { signer, offers, payee, x402, rate, upkeep } = settings;
  check(
    signer.address.toLowerCase() === workerKey.toLowerCase(),
    `signer: signs for ${signer.address}, receipts must be signed by the worker's key ${workerKey}`,
  );
  check(isAddress(payee), `payee: ${payee} is not an address`);
  check(offers.length > 0, "offers: is empty");
  check(
    offers.every(({ price, tokenPrice = 0n }) => price >= 0n && tokenPrice >= 0n),
    "offers: a price is negative",
  );
  check(
    x402 !== undefined || offers.every(({ tokenPrice }) => tokenPrice === undefined),
    "offers: a price in a token needs `x402`, which names the token",
  );
  check(x402 === undefined || isAddress(x402.asset), "x402.asset: is not an address");
  check(x402?.payTo === undefined || isAddress(x402.payTo), "x402.payTo: is not an address");
  check(rate.max > 0 && rate.seconds > 0, "rate: must be above 0");
  check(upkeep.every > 0, "upkeep.every: must be above 0");
  check(upkeep.anchorLeast === null || upkeep.anchorLeast > 0, "upkeep.anchorLeast: must be above 0");
  const { concurrency = 1, queue = 0, mostBytes = 1 } = settings;
  check(Number.isInteger(concurrency) && concurrency > 0, "concurrency: must be a whole number, 1 or more");
  check(Number.isInteger(queue) && queue >= 0, "queue: must be a whole number, 0 or more");
  check(Number.isInteger(mostBytes) && mostBytes > 0, "mostBytes: must be a whole number, 1 or more");
  for (const { name, sha256 } of settings.apiKeys)
    check(/^[0-9a-f]{64}$/i.test(sha256), `apiKeys: ${name} needs a SHA-256 of 64 hexadecimal digits`);
  return problems;
}
