import { type BlockTag, getBytes } from "ethers";

import { type Policy, TCB_STATUSES } from "../../tee/index.ts";
import { readAt } from "../access.ts";
import type { Client } from "../client.ts";
import { interfaceOf, type Returned } from "../contracts.ts";

/** Topics of the events that tell of collateral and of revocation lists. */
export const POSTED_EVENTS = [
  interfaceOf("collateralRegistry").getEvent("TcbInfoPosted"),
  interfaceOf("collateralRegistry").getEvent("IdentityPosted"),
  interfaceOf("certificateStore").getEvent("RevocationsEntered"),
].map((event) => event?.topicHash ?? "");

/** What a verifier of DCAP quotes leans on, and the policy by which it takes quotes. */
export interface DcapContracts {
  readonly registry: string;
  readonly store: string;
  readonly root: Uint8Array;
  readonly policy: Policy;
}

/** Root and policy are the deployment's say, so that they are as good as the node that tells them. */
export async function dcapContracts(client: Client, verifier: string, blockTag: BlockTag): Promise<DcapContracts> {
  const ofVerifier = { contract: "dcapQuoteVerifier", args: [], blockTag } as const;
  const [store, registry, maxAge] = await Promise.all([
    readAt(client, verifier, { ...ofVerifier, functionName: "CERTIFICATES" }),
    readAt(client, verifier, { ...ofVerifier, functionName: "COLLATERAL" }),
    readAt(client, verifier, { ...ofVerifier, functionName: "MAX_AGE" }),
  ]);
  const ofStore = { contract: "certificateStore", args: [], blockTag } as const;
  const ofRegistry = { contract: "collateralRegistry", blockTag } as const;
  const [x, y, statuses, listsRequired, sgx, tdx] = await Promise.all([
    readAt(client, store, { ...ofStore, functionName: "ROOT_X" }),
    readAt(client, store, { ...ofStore, functionName: "ROOT_Y" }),
    readAt(client, registry, { ...ofRegistry, functionName: "acceptedStatuses", args: [] }),
    readAt(client, registry, { ...ofRegistry, functionName: "listsRequired", args: [] }),
    readAt(client, registry, { ...ofRegistry, functionName: "minimumOf", args: [false] }),
    readAt(client, registry, { ...ofRegistry, functionName: "minimumOf", args: [true] }),
  ]);
  return {
    registry,
    store,
    root: getBytes(x + y.slice(2)),
    policy: {
      acceptedStatuses: TCB_STATUSES.filter((_, i) => ((statuses >> BigInt(i)) & 1n) === 1n),
      listsRequired,
      minimums: { sgx: minimumFrom(sgx), tdx: minimumFrom(tdx) },
      maxAge: Number(maxAge),
    },
  };
}

/** Null for one that was withdrawn. */
export function minimumFrom(minimum: Returned<"collateralRegistry", "minimumOf">) {
  const { pceSvn, qeProdId, qeSvn, until, ...bytes } = minimum;
  if (Number(until) === 0) return null;
  const numbers = { pceSvn: Number(pceSvn), qeProdId: Number(qeProdId), qeSvn: Number(qeSvn), until: Number(until) };
  return { ...bytes, ...numbers };
}
