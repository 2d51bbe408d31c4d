import type { TransactionReceipt } from "ethers";

import { write } from "../access.ts";
import type { Client } from "../client.ts";

export interface CancelSignedParameters {
  readonly nonces: readonly bigint[];
}
export type CancelSignedReturnType = TransactionReceipt;

/**
 * Makes signed requests of the signer worthless, by their nonces; one that was sent already stays.
 *
 * @example
 * await cancelSigned(client, { nonces: [parcel.signed.nonce] });
 */
export function cancelSigned(client: Client, { nonces }: CancelSignedParameters): Promise<CancelSignedReturnType> {
  return write(client, { contract: "market", functionName: "cancelSigned", args: [nonces] });
}
