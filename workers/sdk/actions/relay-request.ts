import { hexlify } from "ethers";

import { write } from "../access.ts";
import type { Client } from "../client.ts";
import { requestedIn, type RequestReturnType } from "../requested.ts";
import type { SignRequestReturnType } from "./sign-request.ts";

/**
 * Sends a request that somebody else signed. The relay fee is credited to the signer's balance in the market. Throws the
 * contract's `SignatureRefused`, `SignedRequestExpired`, `NonceUsed`, `InputHashMismatch`, `BalanceTooLow`.
 *
 * @example
 * const { jobId } = await relayRequest(client, parcel);
 */
export async function relayRequest(
  client: Client,
  { signed, input, signature }: SignRequestReturnType,
): Promise<RequestReturnType> {
  const args = [signed, hexlify(input), signature] as const;
  return requestedIn(client, await write(client, { contract: "market", functionName: "requestSigned", args }));
}
