import { hexlify, type TransactionReceipt } from "ethers";

import { write } from "../access.ts";
import type { Client } from "../client.ts";

export interface EnrollEnclaveParameters {
  /** Which kind of quote it is, by the registry's number of the quote verifier. */
  readonly verifierId: bigint;
  /** The address whose private key only the enclave has. */
  readonly enclaveKey: string;
  /** Key of the worker that the enclave signs for. */
  readonly worker: string;
  /** Its report data starts with the registry's `reportData(enclaveKey, worker)`. */
  readonly quote: Uint8Array;
}
export type EnrollEnclaveReturnType = TransactionReceipt;

/**
 * Enrols or renews an enclave's key for a worker. Anyone may send the quote. Throws the contract's
 * `ReportDataMismatch`, `QuoteExpired`, `EnclaveKeyTaken`, or the quote verifier's reason.
 *
 * @example
 * await enrollEnclave(client, { verifierId: 0n, enclaveKey, worker, quote });
 */
export function enrollEnclave(client: Client, parameters: EnrollEnclaveParameters): Promise<EnrollEnclaveReturnType> {
  const { verifierId, enclaveKey, worker, quote } = parameters;
  const args = [verifierId, enclaveKey, worker, hexlify(quote)] as const;
  return write(client, { contract: "enclaveRegistry", functionName: "enroll", args });
}
