import { isAddress } from "ethers";
import type { Logger } from "pino";

import type { Deployment } from "../sdk/deployment.ts";
import type { ArtifactSource } from "../sdk/store/artifact-store.ts";
import type { QuoteProvider } from "./enclave/quote-provider.ts";
import { DEFAULT_LIMITS, type ExecutorLimits } from "./execution/executor/limits.ts";
import type { FaultPoints } from "./fault-point.ts";
import { DEFAULT_POLICY, type Policy } from "./job/policy.ts";
import type { TransactionSigner } from "./lane/transaction-signer.ts";
import { WorkerError } from "./worker-error.ts";

export interface WorkerConfig {
  readonly deployment: Deployment;
  /** HTTP JSON-RPC endpoints of nodes of the deployment's chain; the first one that is well is preferred. */
  readonly rpcUrls: readonly string[];
  /** How many nodes must agree in reads that decide about money. Default: half of them, rounded up. */
  readonly rpcQuorum?: number;
  /** Websocket endpoint that tells of new blocks. It only wakes the worker up early. */
  readonly websocketUrl?: string;
  /** Signs for the worker's key, which must be registered. An ethers `Wallet` is one. */
  readonly signer: TransactionSigner;
  /** Holds the journal and the artifact cache. */
  readonly directory: string;
  /** Where files of versions are fetched, in this order. */
  readonly stores?: readonly ArtifactSource[];
  /** Ask the address that a version itself names, after the stores. Default true. */
  readonly useVersionUri?: boolean;
  /** What is not given is as in `DEFAULT_POLICY`; `levels` get `Tee` as well if there is an enclave. */
  readonly policy?: Partial<Policy>;
  readonly enclave?: {
    readonly quoteProvider: QuoteProvider;
    /** Number of a quote verifier in the enclave registry, instead of the one that reads the provider's kind of quotes. */
    readonly verifierId?: bigint | undefined;
    /** Seconds before expiry at which the enrolment is renewed. Default one hour. */
    readonly renewBefore?: number;
  };
  /** Takes preimages of committed inputs over HTTP here; without it jobs with such inputs are declined. */
  readonly inputs?: { readonly host?: string; readonly port: number };
  /** Serves metrics, health and readiness over HTTP here. */
  readonly monitor?: { readonly host?: string; readonly port: number };
  /** Texts that the default logger shows in no line, beside what is secret in `rpcUrls`. */
  readonly secrets?: readonly string[];
  /** Blocks that must follow one before its logs count. Default 0: right for a local chain only. */
  readonly confirmations?: number;
  /** Milliseconds that nodes may lack a block that was read already before the chain counts as having become shorter. Default 15000. */
  readonly lagPatience?: number;
  /** Milliseconds between looks at the chain. Default 500. */
  readonly pollInterval?: number;
  /** Blocks asked for at once, at first. Default 2000. */
  readonly maxRange?: number;
  /** Milliseconds that one call to the node may take. Default 20000. */
  readonly rpcTimeout?: number;
  /** How often a call without an answer is repeated. Default 5. */
  readonly rpcRetries?: number;
  /** Milliseconds that a transaction may wait before it is replaced with a higher fee. Default 60000. */
  readonly replaceAfter?: number;
  /** Wei per unit of gas that is never exceeded. Default 500 gwei. */
  readonly maxFeePerGas?: bigint;
  /** Of that, what a block's builder gets at most. Default 50 gwei. */
  readonly maxTipPerGas?: bigint;
  /** Versions (and their provers) kept warm. Default 2. */
  readonly warmVersions?: number;
  /** What a version may take before its process is ended. What is not given is as in `DEFAULT_LIMITS`. */
  readonly limits?: Partial<ExecutorLimits>;
  /** Faults of a version before no new jobs of it are taken for a time. Default 3. */
  readonly quarantineAfter?: number;
  /** Seconds of the first such time; each further fault doubles it, up to six hours. Default 60. */
  readonly quarantineSeconds?: number;
  /** Bytes of versions' files kept on disk. Default 20 GiB. */
  readonly cacheBytes?: number;
  /** Milliseconds that a store gets to deliver a file before the next one is asked as well. Default 5000. */
  readonly storePause?: number;
  /** Threads of a prover: 1, or more for all cores. Default all cores. */
  readonly proverThreads?: number;
  /** Where locks of keys are, shared by all workers of a machine. Default: in the system's temporary directory. */
  readonly lockDirectory?: string;
  /** Default: JSON lines on standard error at `logLevel`. */
  readonly logger?: Logger;
  /** Default "info". */
  readonly logLevel?: string;
  /** Tests only: called at every step that a crash may separate from the next. */
  readonly faultPoints?: FaultPoints;
}

const GWEI = 10n ** 9n;

export const DEFAULTS = Object.freeze({
  useVersionUri: true,
  confirmations: 0,
  lagPatience: 15_000,
  pollInterval: 500,
  maxRange: 2000,
  rpcTimeout: 20_000,
  rpcRetries: 5,
  replaceAfter: 60_000,
  maxFeePerGas: 500n * GWEI,
  maxTipPerGas: 50n * GWEI,
  warmVersions: 2,
  quarantineAfter: 3,
  quarantineSeconds: 60,
  cacheBytes: 20 * 2 ** 30,
  storePause: 5000,
  renewBefore: 3600,
  logLevel: "info",
});

/** Throws `CONFIG_INVALID`, listing every problem. */
export function policyOf(config: WorkerConfig): Policy {
  const levels = config.enclave === undefined ? DEFAULT_POLICY.levels : (["Vanilla", "Tee", "Zkml"] as const);
  const policy: Policy = { ...DEFAULT_POLICY, levels, ...config.policy };
  const problems = problemsOf(config, policy);
  if (problems.length > 0)
    throw new WorkerError("CONFIG_INVALID", `the worker's configuration is not valid:\n${problems.join("\n")}`, {
      details: { problems },
    });
  return Object.freeze(policy);
}

export function limitsOf({ limits }: WorkerConfig): ExecutorLimits {
  return { ...DEFAULT_LIMITS, ...limits };
}

function problemsOf(config: WorkerConfig, policy: Policy): string[] {
  const problems: string[] = [];
  const check = (holds: boolean, problem: string): unknown => holds || problems.push(problem);
  check(isAddress(config.signer.address), `signer.address: ${config.signer.address} is not an address`);
  check(config.rpcUrls.length > 0, "rpcUrls: is empty");
  for (const url of config.rpcUrls)
    check(/^https?:\/\//.test(url) && URL.canParse(url), `rpcUrls: ${url} is not an http address`);
  check(
    config.rpcQuorum === undefined || (isCount(config.rpcQuorum, 1) && config.rpcQuorum <= config.rpcUrls.length),
    `rpcQuorum: must be from 1 to ${config.rpcUrls.length}, the number of endpoints`,
  );
  check(
    config.websocketUrl === undefined || (/^wss?:\/\//.test(config.websocketUrl) && URL.canParse(config.websocketUrl)),
    `websocketUrl: ${config.websocketUrl} is not a websocket address`,
  );
  check(config.directory !== "", "directory: is empty");
  check(isCount(config.confirmations ?? 0, 0), "confirmations: must be a whole number, 0 or more");
  check(isCount(config.maxRange ?? 1, 1), "maxRange: must be a whole number, 1 or more");
  check(isCount(config.pollInterval ?? 1, 1), "pollInterval: must be a whole number of milliseconds, 1 or more");
  check((config.maxFeePerGas ?? 1n) > 0n, "maxFeePerGas: must be above 0");
  check((config.maxTipPerGas ?? 0n) >= 0n, "maxTipPerGas: must be 0 or more");
  check(isCount(config.lagPatience ?? 0, 0), "lagPatience: must be a whole number of milliseconds, 0 or more");
  check(policy.levels.length > 0, "policy.levels: is empty");
  check(
    config.enclave !== undefined || !policy.levels.includes("Tee"),
    "policy.levels: Tee needs an enclave; set `enclave` or leave Tee out",
  );
  return [...problems, ...policyProblems(policy), ...executionProblems(config)];
}

function policyProblems(policy: Policy): string[] {
  const problems: string[] = [];
  const check = (holds: boolean, problem: string): unknown => holds || problems.push(problem);
  check(isCount(policy.concurrency, 1), "policy.concurrency: must be a whole number, 1 or more");
  check(isCount(policy.attempts, 1), "policy.attempts: must be a whole number, 1 or more");
  check(isCount(policy.parallel, 1), "policy.parallel: must be a whole number, 1 or more");
  check(policy.gasMargin === null || policy.gasMargin >= 0, "policy.gasMargin: must be 0 or more, or null");
  check(policy.coinValue === null || policy.coinValue > 0n, "policy.coinValue: must be above 0, or null");
  check(policy.challengeSample >= 0 && policy.challengeSample <= 1, "policy.challengeSample: must be from 0 to 1");
  check(isCount(policy.challengeBonds, 0), "policy.challengeBonds: must be a whole number, 0 or more");
  for (const [level, blocks] of Object.entries(policy.confirmations))
    check(isCount(blocks, 0), `policy.confirmations.${level}: must be a whole number, 0 or more`);
  for (const { from, blocks } of policy.confirmationsByFee)
    check(
      from >= 0n && isCount(blocks, 0),
      `policy.confirmationsByFee: ${blocks} blocks from ${from}: both must be 0 or more`,
    );
  check(policy.recheckSeconds > 0, "policy.recheckSeconds: must be above 0");
  check(policy.returnPause >= 0, "policy.returnPause: must be 0 or more");
  return problems;
}

function executionProblems(config: WorkerConfig): string[] {
  const { memoryMegabytes, loadSeconds, runSeconds, proveSeconds } = limitsOf(config);
  const { quarantineAfter = 1, quarantineSeconds = 1, cacheBytes = 1, storePause = 1 } = config;
  const counts = {
    "limits.memoryMegabytes": memoryMegabytes,
    "limits.loadSeconds": loadSeconds,
    "limits.runSeconds": runSeconds,
    "limits.proveSeconds": proveSeconds,
    quarantineAfter,
    quarantineSeconds,
    cacheBytes,
    storePause,
  };
  return Object.entries(counts).flatMap(([name, value]) =>
    isCount(value, 1) ? [] : [`${name}: must be a whole number, 1 or more`],
  );
}

function isCount(value: number, least: number): boolean {
  return Number.isInteger(value) && value >= least;
}
