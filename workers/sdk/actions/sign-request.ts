import { hexlify, keccak256, randomBytes, toBigInt, ZeroAddress } from "ethers";

import type { Client } from "../client.ts";
import { SdkError } from "../errors.ts";
import { prepareRequest, type RequestParameters } from "../prepare-request.ts";
import { fromRpc, onChain } from "../rpc-error.ts";
import { type SignedRequest, signedRequestData } from "../signed-request.ts";

export interface SignRequestParameters extends RequestParameters {
  /** Called back; nobody when left out. */
  readonly consumer?: string;
  /** Who pays: a contract whose ERC-1271 check takes the signer's signature; the signer itself when left out. */
  readonly requester?: string;
  /** Counts once for the requester, in any order; drawn by lot when left out. */
  readonly nonce?: bigint;
  /** Last second in which it may be sent, in Unix seconds; an hour from now when left out. */
  readonly validUntil?: bigint;
  /** What whoever sends it gets from the requester's prepaid balance; nothing when left out. */
  readonly relayFee?: bigint;
}

/** Everything that a relayer needs. */
export interface SignRequestReturnType {
  readonly signed: SignedRequest;
  /** Packed. */
  readonly input: Uint8Array;
  readonly signature: string;
}

const AN_HOUR = 3_600n;

/**
 * Signs a request that anybody may send with `relayRequest`; it is paid from the requester's prepaid balance. Sends
 * nothing. Throws what `request` throws before it sends, and `SIGNER_MISSING`, `SIGNATURE_REJECTED`.
 *
 * @example
 * const parcel = await signRequest(client, { versionId, level: "Zkml", input, maxFee, relayFee: 10n ** 12n });
 */
export async function signRequest(client: Client, parameters: SignRequestParameters): Promise<SignRequestReturnType> {
  const { signer, deployment } = client;
  if (signer === undefined) throw new SdkError("SIGNER_MISSING", "signRequest: create the client with a signer");
  const { request, input } = await prepareRequest(client, parameters);
  const signed = {
    request,
    inputHash: keccak256(input),
    requester: parameters.requester ?? (await signer.getAddress()),
    consumer: parameters.consumer ?? ZeroAddress,
    nonce: parameters.nonce ?? toBigInt(randomBytes(32)),
    validUntil: parameters.validUntil ?? (await chainTime(client)) + AN_HOUR,
    relayFee: parameters.relayFee ?? 0n,
  };
  const { domain, types, message } = signedRequestData(deployment, signed);
  try {
    return { signed, input, signature: hexlify(await signer.signTypedData(domain, types, message)) };
  } catch (error) {
    throw fromRpc(error, "signing a request");
  }
}

async function chainTime({ provider }: Client): Promise<bigint> {
  const block = await onChain("asking for the time", () => provider.getBlock("latest"));
  return BigInt(block?.timestamp ?? 0);
}
