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
  /** The block that the quote binds. */
  readonly blockNumber: bigint;
  /** Its report data are the registry's `reportData(enclaveKey, worker, blockNumber)`. */
  readonly quote: Uint8Array;
  /** 65 bytes by the enclave's key over the EIP-712 struct `Enrolment(address worker,bytes32 quoteHash)`. */
  readonly keySignature: Uint8Array;
}
export type EnrollEnclaveReturnType = TransactionReceipt;

/**
 * Enrols or renews an enclave's key for a worker. Anyone may send the quote. Throws the contract's
 * `PossessionNotShown`, `QuoteStale`, `ReportDataMismatch`, `QuoteSuperseded`, `EnclaveKeyTaken`, or the quote
 * verifier's reason.
 *
 * @example
 * await enrollEnclave(client, { verifierId: 0n, enclaveKey, worker, blockNumber, quote, keySignature });
 */
export function enrollEnclave(client: Client, parameters: EnrollEnclaveParameters): Promise<EnrollEnclaveReturnType> {
  const { quote, keySignature } = parameters;
  const enrolment = { ...parameters, quote: hexlify(quote), keySignature: hexlify(keySignature) };
  return write(client, { contract: "enclaveRegistry", functionName: "enroll", args: [enrolment] });
}
