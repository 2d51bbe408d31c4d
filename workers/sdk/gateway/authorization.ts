import { type Signer, TypedDataEncoder } from "ethers";

/** A token whose holders authorize transfers by signatures (EIP-3009), and what its EIP-712 domain says. */
export interface AuthorizingToken {
  readonly chainId: number;
  readonly asset: string;
  readonly name: string;
  readonly version: string;
}

/** A transfer that its holder signs and anyone may send, once. Times are Unix seconds. */
export interface Authorization {
  readonly from: string;
  readonly to: string;
  readonly value: bigint;
  readonly validAfter: bigint;
  readonly validBefore: bigint;
  /** 32 bytes, used once by each holder. */
  readonly nonce: string;
}

const AUTHORIZATION_TYPE = {
  TransferWithAuthorization: [
    { name: "from", type: "address" },
    { name: "to", type: "address" },
    { name: "value", type: "uint256" },
    { name: "validAfter", type: "uint256" },
    { name: "validBefore", type: "uint256" },
    { name: "nonce", type: "bytes32" },
  ],
};

export function authorizationDigest(token: AuthorizingToken, authorization: Authorization): string {
  return TypedDataEncoder.hash(domainOf(token), AUTHORIZATION_TYPE, authorization);
}

export function signAuthorization(
  signer: Pick<Signer, "signTypedData">,
  token: AuthorizingToken,
  authorization: Authorization,
): Promise<string> {
  return signer.signTypedData(domainOf(token), AUTHORIZATION_TYPE, authorization);
}

function domainOf({ chainId, asset, name, version }: AuthorizingToken) {
  return { name, version, chainId, verifyingContract: asset };
}
