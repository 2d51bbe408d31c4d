import { getBytes } from "ethers";

import type { Collateral, SignedText } from "../../tee/index.ts";
import { decodeCall } from "../access.ts";
import { interfaceOf } from "../contracts.ts";

/** A call that posts collateral or enters revocation lists. */
export type PostedCall =
  | { readonly kind: "tcbInfo" | "identity"; readonly signed: SignedText }
  | {
      readonly kind: "revocations";
      readonly issuerChain: Uint8Array;
      readonly list: Uint8Array;
      readonly maxEntries: number;
    };

/** Adds what a call posted to collateral that is held off chain, as of a time. Throws a `TeeError`. */
export function addPosted(collateral: Collateral, call: PostedCall, now: number): void {
  if (call.kind === "revocations") collateral.addRevocations(call.issuerChain, call.list, now, call.maxEntries);
  else if (call.kind === "identity") collateral.addIdentity(call.signed, now);
  else collateral.addTcbInfo(call.signed, now);
}

/**
 * The calls in a transaction that post collateral or revocation lists, in order, also where another contract passed them
 * on.
 */
export function postedCalls(data: string): PostedCall[] {
  const found = [
    ...occurrences("collateralRegistry", "postTcbInfo", data).map(({ at, rest }) => {
      const args = decodeCall("collateralRegistry", "postTcbInfo", rest);
      return { at, call: args && signedCall("tcbInfo", args) };
    }),
    ...occurrences("collateralRegistry", "postIdentity", data).map(({ at, rest }) => {
      const args = decodeCall("collateralRegistry", "postIdentity", rest);
      return { at, call: args && signedCall("identity", args) };
    }),
    ...occurrences("certificateStore", "enterRevocations", data).map(({ at, rest }) => {
      const args = decodeCall("certificateStore", "enterRevocations", rest);
      return { at, call: args && revocationsCall(args) };
    }),
  ];
  return found.toSorted((left, right) => left.at - right.at).flatMap(({ call }) => call ?? []);
}

/** Where the selector of a function is in the data, and the data from there on: most likely a call. */
function occurrences(contract: "collateralRegistry" | "certificateStore", name: string, data: string) {
  const selector = interfaceOf(contract).getFunction(name)?.selector.slice(2) ?? "";
  const found: { readonly at: number; readonly rest: string }[] = [];
  for (let at = data.indexOf(selector); at >= 0; at = data.indexOf(selector, at + 1))
    if (at % 2 === 0) found.push({ at, rest: `0x${data.slice(at)}` });
  return found;
}

type Hex = string;

function signedCall(kind: "tcbInfo" | "identity", [chain, text, r, s]: readonly [Hex, Hex, Hex, Hex]): PostedCall {
  const signature = getBytes(r + s.slice(2));
  return { kind, signed: { signerChain: getBytes(chain), text: getBytes(text), signature } };
}

function revocationsCall([chain, list, maxEntries]: readonly [Hex, Hex, bigint]): PostedCall {
  return {
    kind: "revocations",
    issuerChain: getBytes(chain),
    list: getBytes(list),
    maxEntries: Number(maxEntries),
  };
}
