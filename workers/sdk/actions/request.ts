import { hexlify } from "ethers";

import { write } from "../access.ts";
import type { Client } from "../client.ts";
import { cover } from "../cover.ts";
import { signerAddress } from "../currency.ts";
import { prepareRequest, type RequestParameters } from "../prepare-request.ts";
import { requestedIn, type RequestReturnType } from "../requested.ts";

/**
 * Asks for one inference and pays what the signer's prepaid balance lacks. Before anything is sent, throws
 * `UNKNOWN_VERSION`, `VERSION_DEPRECATED`, `LEVEL_NOT_ALLOWED`, `TENSOR_LENGTH`, `TENSOR_RANGE`, `TENSOR_PADDING`,
 * `NO_WORKER` or `FEE_TOO_LOW`; then what `send` throws.
 *
 * @example
 * const { jobId } = await request(client, { versionId, level: "Zkml", input: [[3n, 1n]], maxFee: 10n ** 15n });
 */
export async function request(client: Client, parameters: RequestParameters): Promise<RequestReturnType> {
  const prepared = await prepareRequest(client, parameters);
  const value = await cover(client, await signerAddress(client, "request"), parameters.maxFee);
  const args = [prepared.request, hexlify(prepared.input)] as const;
  return requestedIn(client, await write(client, { contract: "market", functionName: "request", args, value }));
}
