import type { WorkerConfig } from "../worker-config.ts";
import { WorkerError } from "../worker-error.ts";

/**
 * What a process does for a fleet. `watcher` follows the chain and decides, `inference` runs versions, `prover` proves,
 * `sender` signs and sends. Of watchers and senders one acts at a time, the others stand by.
 */
export const FLEET_ROLES = ["watcher", "inference", "prover", "sender"] as const;
export type FleetRole = (typeof FLEET_ROLES)[number];

export interface FleetConfig extends WorkerConfig {
  /** What this process does; a small fleet has processes of several roles. */
  readonly roles: readonly FleetRole[];
  readonly postgres: {
    /** Such as `postgresql://user@host/database`; what it leaves out is from the environment (`PGPASSWORD`). */
    readonly url: string;
    /** Holds the journal of one worker key; the queue is in a second one beside it. Default "assay". */
    readonly schema?: string;
  };
  /** Answers computed at once by this process. Default 2. */
  readonly inferences?: number;
  /** Proofs made at once by this process. Default 1: a proof uses all cores. */
  readonly proofs?: number;
}

export const FLEET_DEFAULTS = Object.freeze({ schema: "assay", inferences: 2, proofs: 1 });

/** Throws `CONFIG_INVALID` for what a fleet cannot do, listing every problem. */
export function requireFleet(config: FleetConfig): void {
  const problems: string[] = [];
  const check = (holds: boolean, problem: string): unknown => holds || problems.push(problem);
  check(config.roles.length > 0, `roles: is empty, choose from ${FLEET_ROLES.join(", ")}`);
  check(/^postgres(ql)?:\/\//.test(config.postgres.url), "postgres.url: is not a postgresql:// address");
  check(isName(config.postgres.schema ?? FLEET_DEFAULTS.schema), "postgres.schema: up to 40 of a-z, 0-9 and _");
  for (const name of ["inferences", "proofs"] as const)
    check(
      (config[name] ?? 1) >= 1 && Number.isInteger(config[name] ?? 1),
      `${name}: must be a whole number, 1 or more`,
    );
  check(
    config.enclave === undefined,
    "enclave: Tee evidence must come from the process that ran the version; run a single worker in the enclave, with a key of its own",
  );
  check(config.inputs === undefined, "inputs: preimages stay with the process that took them; run a single worker");
  if (problems.length === 0) return;
  throw new WorkerError("CONFIG_INVALID", `the fleet's configuration is not valid:\n${problems.join("\n")}`, {
    details: { problems },
  });
}

function isName(schema: string): boolean {
  return /^[a-z_][a-z0-9_]{0,39}$/.test(schema);
}
