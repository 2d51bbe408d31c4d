import type { SendKind } from "../facts.ts";
import type { JobView } from "./job-view.ts";

/** Gas that sends of one kind took when they were alone in their transaction, as far as this worker has seen. */
export type SeenGas = Readonly<Partial<Record<SendKind, bigint>>>;

/** As the gas snapshot of the contracts has it, with room for first writes; `fulfill` is that of an enclave's signature. */
const TYPICAL: Readonly<Partial<Record<SendKind, bigint>>> = {
  claim: 75_000n,
  execute: 70_000n,
  fulfill: 110_000n,
  commit: 125_000n,
  "open-reveals": 70_000n,
  reveal: 75_000n,
  tally: 90_000n,
  challenge: 125_000n,
  "commit-verdict": 165_000n,
  "open-verdicts": 70_000n,
  "reveal-verdict": 70_000n,
  settle: 60_000n,
  expire: 95_000n,
  resolve: 130_000n,
  "retry-callback": 60_000n,
};
/** Of sends for no job, about which nothing is decided here. */
const ANY = 100_000n;
/** Beyond a signature: a pairing check, of which the words of input and output are a small part. */
const PROOF = 220_000n;
/** A byte in calldata that is not zero, and one in a log besides. */
const CALLDATA_BYTE = 16n;
const LOG_BYTE = 8n;
/** What calling a consumer takes beyond the gas it is given: the 64th part that stays behind, and the call. */
const CALLBACK = 40_000n;

const CALLS_BACK: readonly SendKind[] = ["execute", "fulfill", "settle", "retry-callback"];
const HAS_OUTPUT: readonly SendKind[] = ["execute", "fulfill", "reveal", "tally", "settle", "retry-callback"];

/** Gas that a send for a job will take: what is typical for the job, or what was seen of the kind if that is more. */
export function gasOf(kind: SendKind, { job, input }: Pick<JobView, "job" | "input">, seen: SeenGas): bigint {
  let gas = TYPICAL[kind] ?? ANY;
  if (job === null) return most(gas, seen[kind]);
  if (HAS_OUTPUT.includes(kind)) gas += BigInt(job.outputBytes) * (CALLDATA_BYTE + LOG_BYTE);
  if (kind === "fulfill" && job.level !== "Tee") gas += PROOF + BigInt(((input?.length ?? 2) - 2) / 2) * CALLDATA_BYTE;
  const callsAt: SendKind = job.level === "Vanilla" && job.callbackAt === "Final" ? "settle" : kind;
  if (job.callbackGas > 0 && CALLS_BACK.includes(kind) && kind === callsAt)
    gas += CALLBACK + (BigInt(job.callbackGas) * 64n) / 63n;
  return most(gas, seen[kind]);
}

function most(one: bigint, other: bigint | undefined): bigint {
  return other !== undefined && other > one ? other : one;
}
