import { hexlify } from "ethers";

import { write } from "../access.ts";
import type { Client } from "../client.ts";
import { prepareRequest, type RequestParameters } from "../prepare-request.ts";
import { requestedIn, type RequestReturnType } from "../requested.ts";

export interface RequestFromParameters extends RequestParameters {
  /** Pays from its prepaid balance, as it allowed the signer with `allowConsumer`. */
  readonly payer: string;
}

/**
 * Asks for one inference that another account pays; what is not spent is the payer's, an answer is called back to the
 * signer. Throws what `request` throws, and the contract's `AllowanceTooLow`.
 *
 * @example
 * const { jobId } = await requestFrom(client, { payer, versionId, level: "Tee", input, maxFee });
 */
export async function requestFrom(
  client: Client,
  { payer, ...parameters }: RequestFromParameters,
): Promise<RequestReturnType> {
  const prepared = await prepareRequest(client, parameters);
  const args = [payer, prepared.request, hexlify(prepared.input)] as const;
  return requestedIn(client, await write(client, { contract: "market", functionName: "requestFrom", args }));
}
