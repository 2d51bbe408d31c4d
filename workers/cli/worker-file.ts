import { readFile } from "node:fs/promises";

import { isAddress } from "ethers";
import { z } from "zod";

import { AssayError } from "../../circuits/format/error.ts";
import { DEFAULT_LIMITS } from "../daemon/execution/executor/limits.ts";
import { parseGrantAddress, parseStoreAddress } from "../store/index.ts";
import { gatewayFile } from "./gateway-file.ts";
import { type Environment, keySource } from "./key-source.ts";
import { fromEnvironment, fromFlags, isRecord, type Override, withOverrides } from "./settings/overrides.ts";
import { amount, hex32, level } from "./settings/forms.ts";
import { settingsOf } from "./settings/setting.ts";

const storeAddress = z.string().superRefine(parsedBy(parseStoreAddress));
const grantAddress = z.string().superRefine(parsedBy(parseGrantAddress));

const ofEnclave = {
  /** Number of a quote verifier in the registry (default: found by the kind of quotes). */
  verifier: z.int().nonnegative().optional(),
  /** Seconds before the enrolment's end at which it is renewed. */
  renewBefore: z.int().positive().default(3600),
};
const enclave = z.discriminatedUnion("provider", [
  /** SIMULATED: quotes signed under a development root, of an image that has a name only. */
  z.strictObject({ provider: z.literal("simulated"), rootSecret: hex32, image: z.string().min(1), ...ofEnclave }),
  z.strictObject({ provider: z.literal("configfs-tsm"), path: z.string().min(1).optional(), ...ofEnclave }),
  z.strictObject({ provider: z.literal("dstack"), socket: z.string().min(1).optional(), ...ofEnclave }),
  z.strictObject({ provider: z.literal("nitro"), socket: z.string().min(1).optional(), ...ofEnclave }),
]);
export type EnclaveOptions = z.infer<typeof enclave>;

const role = z.enum(["watcher", "inference", "prover", "sender"]);
const fleet = z.strictObject({
  /** PostgreSQL that holds the journal and the queue; what it leaves out is from the environment (PGPASSWORD). */
  postgres: z.string().regex(/^postgres(ql)?:\/\//, "must be a postgresql:// address"),
  /** Of one worker key. */
  schema: z.string().default("assay"),
  /** The worker's key, for processes that do not send and hold no private key. */
  worker: z
    .string()
    .refine((text) => isAddress(text), "must be an address")
    .optional(),
  /** Answers computed and proofs made at once by a process. */
  inferences: z.int().positive().default(2),
  proofs: z.int().positive().default(1),
});
export type FleetSettings = z.infer<typeof fleet>;

const workerFile = z.strictObject({
  /** JSON-RPC endpoints; with several, the first one that is well is preferred. */
  rpc: z.union([z.url(), z.array(z.url()).min(1)]),
  /** How many endpoints must agree in reads that decide about money (default: half of them, rounded up). */
  rpcQuorum: z.int().positive().optional(),
  /** Websocket endpoint that tells of new blocks; it only wakes the worker up early. */
  websocket: z.url({ protocol: /^wss?$/ }).optional(),
  /** Path of the deployment file. */
  deployment: z.string().min(1),
  /** Journal and artifact cache. */
  directory: z.string().min(1),
  /** Where locks of keys are (default: the system's temporary directory): one key must not act in two processes. */
  lockDirectory: z.string().min(1).optional(),
  /** Artifact stores, asked before the address that a version names. */
  stores: z.array(storeAddress).default([]),
  /** Stores that hold files of owner-held versions, as `assay publish --owner-store` fills them. */
  ownerStores: z.array(storeAddress).default([]),
  /** Files of owner-held versions that were sealed to this worker: its artifact key, and the grants of their owners. */
  sealed: z.strictObject({ key: z.string().min(1), grants: z.array(grantAddress).min(1) }).optional(),
  /** Where requesters bring preimages of committed inputs. */
  inputs: z.strictObject({ host: z.string().min(1).default("127.0.0.1"), port: z.int().min(0).max(65_535) }).optional(),
  /** Where the worker's key is; it signs and pays for everything that the worker does. */
  key: keySource.default({ source: "environment" }),
  /** The key of the worker's owner, who may drain it and take its money out (default: the worker's own key). */
  operator: keySource.optional(),
  /** Where metrics, health and readiness can be asked for. */
  monitor: z
    .strictObject({ host: z.string().min(1).default("127.0.0.1"), port: z.int().min(0).max(65_535) })
    .optional(),
  /** Answers over HTTP for payment, beside the jobs of the market; see docs/gateway.md. */
  gateway: gatewayFile.optional(),
  /** Seconds that a stop waits for jobs that this worker is bound to; what is left is for the next start. */
  finishWithin: z.int().nonnegative().default(30),
  /** What to serve; the worker registers itself and its serving at the start. */
  serve: z.array(z.strictObject({ versionId: hex32, levels: z.array(level).min(1) })).min(1),
  /** Whole coins, for a key that is not registered yet. */
  stake: amount.prefault("0.1"),
  /** Whole coins per work unit. */
  price: amount.prefault("0"),
  /** Who makes the quotes of this worker's enclave; without it the worker has none. */
  enclave: enclave.optional(),
  /** Several processes, on several machines, that work for one key. */
  fleet: fleet.optional(),
  /** What this process does for the fleet (default: everything). */
  role: z.union([role, z.array(role).min(1)]).default(["watcher", "inference", "prover", "sender"]),
  /** What a version may take before its process is ended, when it is set aside, and how many are kept ready. */
  execution: z
    .strictObject({
      memoryMegabytes: z.int().positive().default(DEFAULT_LIMITS.memoryMegabytes),
      loadSeconds: z.int().positive().default(DEFAULT_LIMITS.loadSeconds),
      runSeconds: z.int().positive().default(DEFAULT_LIMITS.runSeconds),
      proveSeconds: z.int().positive().default(DEFAULT_LIMITS.proveSeconds),
      quarantineAfter: z.int().positive().default(3),
      quarantineSeconds: z.int().positive().default(60),
      warmVersions: z.int().positive().default(2),
    })
    .prefault({}),
  /** Of versions' files on this machine's disk. */
  cacheMegabytes: z.int().positive().default(20_480),
  /** Milliseconds that a store gets to deliver a file before the next one is asked as well. */
  storePause: z.int().positive().default(5000),
  challenge: z.enum(["off", "dry-run", "on"]).default("off"),
  /** Share of others' answers that is checked. */
  challengeSample: z.number().min(0).max(1).default(1),
  /** Whose answers are checked: of versions that this worker serves, or of all. */
  challengeVersions: z.enum(["served", "all"]).default("served"),
  /** Bonds that may be out at once. */
  challengeBonds: z.int().nonnegative().default(4),
  /** What a job must earn beyond its gas, as a share of that (0: just its gas); null: gas is not held against fees. */
  gasMargin: z.number().nonnegative().nullable().default(null),
  /** What a whole coin is worth in the market's currency, in its smallest unit, where that is an ERC-20. */
  coinValue: z
    .string()
    .regex(/^[1-9]\d{0,77}$/, "must be a whole number above 0")
    .optional(),
  /** Highest price of a unit of gas, and of that what a block's builder gets, in gwei. */
  maxFeePerGas: z.int().positive().default(500),
  maxTipPerGas: z.int().nonnegative().default(50),
  /** Runs and proofs that this machine makes side by side without one slowing the other. */
  parallel: z.int().positive().default(1),
  /** Seats in copies and panels: none, of versions whose answer is defined to the bit, or all. */
  rounds: z.enum(["off", "exact", "on"]).default("on"),
  /** Whether to end a suspension from the draws by itself. */
  returnToDraws: z.boolean().default(true),
  /** Blocks that must follow one before its logs count. */
  confirmations: z.int().nonnegative().default(0),
  /** Blocks that must follow a request before its job is taken, by level; and more for fees in the currency's smallest unit. */
  takeAfter: z
    .strictObject({
      Vanilla: z.int().nonnegative().default(0),
      Tee: z.int().nonnegative().default(0),
      Zkml: z.int().nonnegative().default(0),
      byFee: z
        .array(
          z.strictObject({
            from: z.string().regex(/^\d{1,78}$/, "must be a whole number"),
            blocks: z.int().nonnegative(),
          }),
        )
        .default([]),
    })
    .prefault({}),
  /** Milliseconds that nodes may lack a block that was read already before the chain counts as having become shorter. */
  lagPatience: z.int().nonnegative().default(15_000),
  pollInterval: z.int().positive().default(500),
  logLevel: z.enum(["debug", "info", "warn", "error"]).default("info"),
});
const consistent = workerFile.check(({ value, issues }) => {
  if (value.fleet !== undefined && value.gateway !== undefined)
    issues.push({
      code: "custom",
      path: ["gateway"],
      message: "a fleet runs no gateway: run a single worker for it, with a key of its own",
      input: value.gateway,
    });
});
export type WorkerFile = z.infer<typeof workerFile>;

export class WorkerFileError extends AssayError {
  declare readonly code: "CONFIG_UNREADABLE" | "CONFIG_INVALID";
}

/** What a setting's environment variable begins with. */
export const PREFIX = "ASSAY_WORKER_";
export const SETTINGS = settingsOf(workerFile, PREFIX);

/** What is given beside the file. */
export interface Given {
  readonly environment?: Environment;
  /** The options of a command that has the settings' flags. */
  readonly flags?: Readonly<Record<string, unknown>>;
}

/**
 * Reads a worker's configuration: the file if there is one, then the environment, then flags. `CONFIG_INVALID` lists every
 * problem at once, each with where it comes from.
 */
export async function readWorkerFile(path: string | undefined, given: Given = {}): Promise<WorkerFile> {
  const where = path ?? "the configuration";
  const json = path === undefined ? {} : await readJson(path);
  const { overrides, problems } = fromEnvironment(SETTINGS, PREFIX, given.environment ?? {});
  const flags = fromFlags(SETTINGS, given.flags ?? {});
  const whole = isRecord(json) ? withOverrides(withOverrides(json, overrides), flags) : json;
  const parsed = consistent.safeParse(whole);
  if (parsed.success && problems.length === 0) return parsed.data;
  const found = [...problems, ...problemsIn(parsed.error ?? new z.ZodError([]), [...overrides, ...flags])];
  throw new WorkerFileError("CONFIG_INVALID", `${where} is not valid:\n${found.join("\n")}`, {
    details: { path, problems: found },
  });
}

/** What the environment and flags say, as a file would. */
export function configurationOf({ environment = {}, flags = {} }: Given): Readonly<Record<string, unknown>> {
  const { overrides } = fromEnvironment(SETTINGS, PREFIX, environment);
  return withOverrides(withOverrides({}, overrides), fromFlags(SETTINGS, flags));
}

/** What a parser throws about a text is what is wrong with the setting. */
function parsedBy(parse: (text: string) => unknown) {
  return (text: string, context: z.RefinementCtx): void => {
    try {
      parse(text);
    } catch (error) {
      if (!(error instanceof AssayError)) throw error;
      context.addIssue(error.message);
    }
  };
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch (cause) {
    throw new WorkerFileError("CONFIG_UNREADABLE", `${path} cannot be read as JSON`, { cause, details: { path } });
  }
}

function problemsIn({ issues }: z.ZodError, overrides: readonly Override[]): string[] {
  return issues.map(({ path, message }) => {
    const isAt = (override: Override): boolean => override.path.every((name, depth) => path[depth] === name);
    const source = overrides.findLast(isAt)?.source;
    return `${path.join(".") || "(root)"}: ${message}${source === undefined ? "" : ` (from ${source})`}`;
  });
}
