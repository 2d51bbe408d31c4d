/**
 * x402's scheme "exact": the payer signs a transfer of a token (EIP-3009), the gateway has it sent before the answer leaves.
 *
 * ```
 * take: signed by the payer, for this payee and amount, long enough valid, and the transfer would succeed now
 *   -> the answer is made and recorded with the payment as due
 * settle: sent, in a block --> the answer leaves;  not possible any more --> it does not leave
 * ```
 * Whoever sees an authorization may send it, which pays this gateway all the same; and the payer may cancel it. So what
 * counts is the token's own record that it was used, not whose transaction did it.
 */
import type { PaymentRequirements } from "@x402/core/types";
import { getAddress, Interface, recoverAddress, Signature } from "ethers";

import { AssayError } from "../../../circuits/format/error.ts";
import type { OffMarket } from "../../daemon/index.ts";
import type { Client } from "../../sdk/client.ts";
import { onChain } from "../../sdk/rpc-error.ts";
import { type Authorization, authorizationDigest, type AuthorizingToken } from "../../sdk/gateway/authorization.ts";
import { EXACT_SCHEME, exactPayload, networkOf } from "../../sdk/gateway/payment-schemes.ts";
import { GatewayError } from "../gateway-error.ts";
import type { Settlement } from "../ledger/rows.ts";
import type { Facilitator } from "./facilitator.ts";
import { parsePayload } from "./parse-payload.ts";
import type { Till } from "./till.ts";

export interface ExactTillOptions {
  readonly offMarket: OffMarket;
  readonly token: Omit<AuthorizingToken, "chainId">;
  readonly payTo: string;
  /** Has the transfer sent by somebody else; left out, the worker sends it. */
  readonly facilitator?: Facilitator | undefined;
  /** Seconds that an authorization must still be valid when the work begins. */
  readonly leastSeconds?: number;
  readonly clock?: () => number;
}

const TOKEN = new Interface([
  "function transferWithAuthorization(address from, address to, uint256 value, uint256 validAfter, uint256 validBefore, bytes32 nonce, uint8 v, bytes32 r, bytes32 s)",
  "function authorizationState(address authorizer, bytes32 nonce) view returns (bool)",
  "event AuthorizationUsed(address indexed authorizer, bytes32 indexed nonce)",
]);
/** Seconds that a payer gives at most, which the answer and the transfer must fit into. */
const MOST_SECONDS = 600;
/** Blocks in which a settlement of before a restart is looked for. */
const LOOK_BACK = 5000;

export function createExactTill(options: ExactTillOptions): Till {
  const { offMarket, payTo, facilitator, leastSeconds = 60, clock = Date.now } = options;
  const { chainId } = offMarket.deployment;
  const token: AuthorizingToken = { ...options.token, chainId };
  const network = networkOf(chainId);
  const keyOf = ({ from, nonce }: Authorization): string => `exact:${from.toLowerCase()}:${nonce.toLowerCase()}`;

  const transferCall = (authorization: Authorization, signature: string) => {
    const { from, to, value, validAfter, validBefore, nonce } = authorization;
    const { v, r, s } = Signature.from(signature);
    const data = TOKEN.encodeFunctionData("transferWithAuthorization", [
      from,
      to,
      value,
      validAfter,
      validBefore,
      nonce,
      v,
      r,
      s,
    ]);
    return { label: `transfer of ${value} from ${from}`, to: token.asset, data, value: 0n };
  };

  const requireFor = (authorization: Authorization, signature: string, amount: bigint): void => {
    const { from, to, value, validAfter, validBefore } = authorization;
    const now = BigInt(Math.floor(clock() / 1000));
    if (getAddress(to) !== getAddress(payTo)) throw invalid(`it pays ${to}, not ${payTo}`);
    if (value !== amount) throw invalid(`it pays ${value}, not ${amount}`);
    if (validAfter > now) throw invalid(`it is not valid before ${validAfter}`);
    if (validBefore < now + BigInt(leastSeconds))
      throw invalid(`it ends at ${validBefore}: sign one that is valid for ${leastSeconds} seconds or more`);
    if (signerOf(authorizationDigest(token, authorization), signature) !== getAddress(from))
      throw invalid(`it is not signed by ${from} for ${token.name} version ${token.version} at ${token.asset}`);
  };

  /** Runs the transfer without sending it: funds, nonce and times as the token sees them. */
  const requireTransferable = async (authorization: Authorization, signature: string): Promise<void> => {
    const { label, to, data } = transferCall(authorization, signature);
    try {
      await offMarket.read(label, (client) => onChain(label, () => client.provider.call({ to, data })));
    } catch (error) {
      if (error instanceof AssayError && error.retryable) throw error;
      const why = error instanceof Error ? error.message : String(error);
      throw invalid(`the token refuses it: ${why}`);
    }
  };

  /** The transaction in which the token says that it was used; undefined if it was not. */
  const usedIn = async (authorization: Authorization): Promise<string | undefined> =>
    offMarket.read("whether a payment was made", async ({ provider }: Client) => {
      const topics = TOKEN.encodeFilterTopics("AuthorizationUsed", [authorization.from, authorization.nonce]);
      const head = await provider.getBlockNumber();
      const logs = await provider.getLogs({ address: token.asset, topics, fromBlock: Math.max(0, head - LOOK_BACK) });
      return logs.at(-1)?.transactionHash;
    });

  const transfer = async (authorization: Authorization, signature: string): Promise<string> => {
    const before = await usedIn(authorization);
    if (before !== undefined) return before;
    try {
      const { ok, transactionHash } = await offMarket.send("settle-payment", transferCall(authorization, signature));
      if (ok) return transactionHash;
    } catch (cause) {
      const isUndone = cause instanceof AssayError && cause.code !== "SEND_REFUSED";
      if (isUndone) throw cause;
    }
    const by = await usedIn(authorization);
    if (by !== undefined) return by;
    throw new GatewayError("SETTLEMENT_FAILED", "the token refused the transfer: the answer is not given");
  };

  return {
    scheme: EXACT_SCHEME,
    requirements: ({ tokenPrice }) =>
      tokenPrice === undefined
        ? null
        : {
            scheme: EXACT_SCHEME,
            network,
            amount: String(tokenPrice),
            asset: token.asset,
            payTo,
            maxTimeoutSeconds: MOST_SECONDS,
            extra: { assetTransferMethod: "eip3009", name: token.name, version: token.version },
          },
    keyOf: (payload) => keyOf(parsePayload(exactPayload, payload).authorization),
    async take(payload, requirements: PaymentRequirements) {
      const { authorization, signature } = parsePayload(exactPayload, payload);
      requireFor(authorization, signature, BigInt(requirements.amount));
      await (facilitator === undefined
        ? requireTransferable(authorization, signature)
        : facilitator.verify(payload, requirements));
      const { from } = authorization;
      return { key: keyOf(authorization), payer: from, voucher: null, due: payload, release: () => undefined };
    },
    async settle(payload, requirements): Promise<Settlement> {
      const { authorization, signature } = parsePayload(exactPayload, payload);
      if (facilitator !== undefined) return facilitator.settle(payload, requirements);
      const transaction = await transfer(authorization, signature);
      return { success: true, payer: authorization.from, transaction, network, amount: String(authorization.value) };
    },
  };
}

function signerOf(digest: string, signature: string): string | undefined {
  try {
    return recoverAddress(digest, signature);
  } catch {
    return undefined;
  }
}

function invalid(why: string): GatewayError {
  return new GatewayError("AUTHORIZATION_INVALID", `the authorization does not do: ${why}`);
}
