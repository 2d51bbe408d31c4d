import { hexlify, randomBytes, type Signer } from "ethers";

import { signAuthorization } from "./authorization.ts";
import { findTerms, type Payer } from "./payer.ts";
import { EXACT_SCHEME, exactExtra, networkOf } from "./payment-schemes.ts";

export interface TokenPayerOptions {
  readonly signer: Pick<Signer, "signTypedData" | "getAddress">;
  readonly chainId: number;
  /** The token that is paid with: no other one is signed for. */
  readonly asset: string;
  /** Most that one answer may cost, in the token's smallest unit. */
  readonly most: bigint;
}

/**
 * Pays by x402's scheme "exact": a signed transfer of a token (EIP-3009) that the gateway sends. The payer pays no gas.
 *
 * @example
 * const payer = payByToken({ signer, chainId: 8453, asset: "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913", most: 10_000n });
 */
export function payByToken({ signer, chainId, asset, most }: TokenPayerOptions): Payer {
  return {
    async pay(asked) {
      const terms = findTerms(asked, { scheme: EXACT_SCHEME, network: networkOf(chainId), most });
      const extra = exactExtra.safeParse(terms?.extra);
      if (terms?.asset.toLowerCase() !== asset.toLowerCase() || !extra.success) return undefined;
      const authorization = {
        from: await signer.getAddress(),
        to: terms.payTo,
        value: BigInt(terms.amount),
        validAfter: 0n,
        validBefore: BigInt(Math.floor(Date.now() / 1000) + terms.maxTimeoutSeconds),
        nonce: hexlify(randomBytes(32)),
      };
      const signature = await signAuthorization(signer, { chainId, asset, ...extra.data }, authorization);
      const { value, validAfter, validBefore, ...named } = authorization;
      const told = {
        ...named,
        value: String(value),
        validAfter: String(validAfter),
        validBefore: String(validBefore),
      };
      return { x402Version: 2, accepted: terms, payload: { signature, authorization: told } };
    },
    // Every payment is of its own.
    told: () => undefined,
  };
}
