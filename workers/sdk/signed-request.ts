import { TypedDataEncoder } from "ethers";

import type { Arguments } from "./contracts.ts";
import type { Deployment } from "./deployment.ts";

/** A request that its requester signs and anybody may send, as the contracts take it. */
export type SignedRequest = Arguments<"market", "requestSigned">[0];

const REQUEST_TYPES = {
  SignedRequest: [
    { name: "request", type: "Request" },
    { name: "inputHash", type: "bytes32" },
    { name: "requester", type: "address" },
    { name: "consumer", type: "address" },
    { name: "nonce", type: "uint256" },
    { name: "validUntil", type: "uint40" },
    { name: "relayFee", type: "uint96" },
  ],
  Request: [
    { name: "versionId", type: "bytes32" },
    { name: "level", type: "uint8" },
    { name: "callbackAt", type: "uint8" },
    { name: "callbackGas", type: "uint32" },
    { name: "minFee", type: "uint96" },
    { name: "maxFee", type: "uint96" },
    { name: "timeToLive", type: "uint32" },
    { name: "challengeWindow", type: "uint32" },
    { name: "copies", type: "uint8" },
  ],
};

/** Domain, types and message, for any signer of EIP-712. */
export function signedRequestData({ chainId, market }: Pick<Deployment, "chainId" | "market">, signed: SignedRequest) {
  const domain = { name: "Assay", version: "1", chainId, verifyingContract: market };
  return { domain, types: REQUEST_TYPES, message: signed } as const;
}

/** The EIP-712 digest that the requester signs, as the market computes it. */
export function signedRequestDigest(place: Pick<Deployment, "chainId" | "market">, signed: SignedRequest): string {
  const { domain, types, message } = signedRequestData(place, signed);
  return TypedDataEncoder.hash(domain, types, message);
}
