import { getBytes } from "ethers";

import type { Collateral, SignedText } from "../../tee/index.ts";
import { decodeCall } from "../access.ts";
import { interfaceOf } from "../contracts.ts";

/** Adds what a call posted to collateral that is held off chain, as of a time. */
export type Post = (collateral: Collateral, now: number) => void;

/**
 * The calls in a transaction that post collateral or revocation lists, in order, also where another contract passed them
 * on.
 */
export function postedCalls(data: string): Post[] {
  const found = [
    ...occurrences("collateralRegistry", "postTcbInfo", data).map(({ at, rest }) => {
      const args = decodeCall("collateralRegistry", "postTcbInfo", rest);
      return { at, post: args && adding("addTcbInfo", args) };
    }),
    ...occurrences("collateralRegistry", "postIdentity", data).map(({ at, rest }) => {
      const args = decodeCall("collateralRegistry", "postIdentity", rest);
      return { at, post: args && adding("addIdentity", args) };
    }),
    ...occurrences("certificateStore", "enterRevocations", data).map(({ at, rest }) => {
      const args = decodeCall("certificateStore", "enterRevocations", rest);
      return { at, post: args && addingRevocations(args) };
    }),
  ];
  return found.toSorted((left, right) => left.at - right.at).flatMap(({ post }) => post ?? []);
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

function adding(add: "addTcbInfo" | "addIdentity", [signerChain, text, r, s]: readonly [Hex, Hex, Hex, Hex]): Post {
  const signed: SignedText = {
    signerChain: getBytes(signerChain),
    text: getBytes(text),
    signature: getBytes(r + s.slice(2)),
  };
  return (collateral, now) => void collateral[add](signed, now);
}

function addingRevocations([chain, list, maxEntries]: readonly [Hex, Hex, bigint]): Post {
  return (collateral, now) => void collateral.addRevocations(getBytes(chain), getBytes(list), now, Number(maxEntries));
}
