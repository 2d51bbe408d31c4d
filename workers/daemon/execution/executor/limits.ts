import { totalmem } from "node:os";

/** What a version may take before its executor is ended. */
export interface ExecutorLimits {
  /** Of executor and prover together. */
  readonly memoryMegabytes: number;
  /** Seconds for reading a version's files and making it ready. */
  readonly loadSeconds: number;
  /** Seconds for one answer. */
  readonly runSeconds: number;
  /** Seconds for one proof, its witness and at first the reading of the proving key included. */
  readonly proveSeconds: number;
}

const MEGABYTE = 2 ** 20;

export const DEFAULT_LIMITS: ExecutorLimits = Object.freeze({
  memoryMegabytes: Math.floor(totalmem() / 2 / MEGABYTE),
  loadSeconds: 300,
  runSeconds: 60,
  proveSeconds: 900,
});
