import { hexlify, keccak256, type TransactionReceipt } from "ethers";

import { readAt } from "../sdk/access.ts";
import { type Client, interfaceOf, isContractError, send } from "../sdk/index.ts";
import { certificateIn, type IssuedList, joined, type SignedPart } from "../tee/collateral/pcs-files.ts";
import { readEnclaveIdentity } from "../tee/verify/enclave-identity.ts";
import { readTcbInfo } from "../tee/verify/tcb-info.ts";
import type { DcapContracts } from "./dcap-contracts.ts";
import type { Output } from "./output.ts";

export interface CollateralFiles {
  readonly tcbInfos: readonly SignedPart[];
  readonly identities: readonly SignedPart[];
  /** Of who signed them, leaf first. */
  readonly signerChain: readonly Uint8Array[];
  readonly lists: readonly IssuedList[];
}

/** What came of one file. */
export interface Posted {
  readonly what: string;
  /** Of all transactions for it; null if the chain had it, or something newer, already. */
  readonly gasUsed: bigint | null;
}

/** A family of platforms whose TCB info the chain may have. */
export interface Family {
  readonly isTdx: boolean;
  readonly fmspc: string;
  readonly pceId: string;
}

/** Revocations that one transaction enters. */
const MAX_ENTRIES = 200;
/** What the chain says of files that are not newer than what it has. */
const THERE = ["CollateralSuperseded", "ListSuperseded"] as const;

/** Posts what the chain does not have yet, lists first: they may revoke who signed the rest. */
export async function postCollateral(
  client: Client,
  { store, registry }: DcapContracts,
  { tcbInfos, identities, signerChain, lists }: CollateralFiles,
  output: Output,
): Promise<Posted[]> {
  const posted: Posted[] = [];
  const note = async (what: string, post: () => Promise<bigint>): Promise<void> => {
    output.progress(`posting ${what}`);
    posted.push({ what, gasUsed: await unlessThere(post) });
  };
  const postSigned = async (name: "postTcbInfo" | "postIdentity", { text, signature }: SignedPart): Promise<bigint> => {
    const args = [joined(signerChain), text, signature.slice(0, 32), signature.slice(32)];
    const data = interfaceOf("collateralRegistry").encodeFunctionData(name, args);
    return (await send(client, { label: `CollateralRegistry.${name}`, to: registry, data, value: 0n })).gasUsed;
  };
  for (const issued of lists)
    await note(`revocations by ${keyOf(issued.issuerChain)}`, () => enterList(client, store, issued));
  for (const part of tcbInfos) await note(describeInfo(part), () => postSigned("postTcbInfo", part));
  for (const part of identities) await note(describeIdentity(part), () => postSigned("postIdentity", part));
  return posted;
}

/** Long lists take several transactions; until the last, the list before stays in force. */
async function enterList(client: Client, store: string, { issuerChain, der }: IssuedList): Promise<bigint> {
  const data = interfaceOf("certificateStore").encodeFunctionData("enterRevocations", [issuerChain, der, MAX_ENTRIES]);
  const call = { label: "CertificateStore.enterRevocations", to: store, data, value: 0n };
  let gasUsed = 0n;
  for (;;) {
    const receipt = await send(client, call);
    gasUsed += receipt.gasUsed;
    if (isComplete(receipt)) return gasUsed;
  }
}

function isComplete({ logs }: TransactionReceipt): boolean {
  const events = logs.map((log) => interfaceOf("certificateStore").parseLog(log));
  return events.some((event) => event?.name === "RevocationsEntered" && event.args.complete === true);
}

async function unlessThere(post: () => Promise<bigint>): Promise<bigint | null> {
  try {
    return await post();
  } catch (error) {
    if (THERE.some((name) => isContractError(error, name))) return null;
    throw error;
  }
}

export interface CollateralOnChain {
  readonly tcbInfos: readonly (Family & { readonly until: number })[];
  readonly identities: readonly { readonly isTdx: boolean; readonly until: number }[];
  /** By the Keccak-256 of the issuer's key; the root's is first. */
  readonly lists: readonly { readonly issuerKey: string; readonly until: number }[];
  readonly listsRequired: boolean;
}

/** Until when, in seconds, the chain has what; zero for what it does not have. */
export async function collateralOnChain(
  client: Client,
  { store, registry }: DcapContracts,
  families: readonly Family[],
  issuers: readonly Uint8Array[],
): Promise<CollateralOnChain> {
  const ofStore = { contract: "certificateStore" } as const;
  const ofRegistry = { contract: "collateralRegistry" } as const;
  const rootKey = await readAt(client, store, { ...ofStore, functionName: "rootKey", args: [] });
  const issuerKeys = new Set([rootKey, ...issuers.map(keyOf)]);
  const tcbInfos = families.map(async (family) => {
    const args = [family.isTdx, family.fmspc, family.pceId] as const;
    return {
      ...family,
      until: Number(await readAt(client, registry, { ...ofRegistry, functionName: "tcbInfoUntil", args })),
    };
  });
  const identities = [true, false].map(async (isTdx) => {
    const args = [isTdx] as const;
    return {
      isTdx,
      until: Number(await readAt(client, registry, { ...ofRegistry, functionName: "identityUntil", args })),
    };
  });
  const lists = [...issuerKeys].map(async (issuerKey) => {
    const args = [issuerKey] as const;
    return { issuerKey, until: Number(await readAt(client, store, { ...ofStore, functionName: "listUntil", args })) };
  });
  return {
    tcbInfos: await Promise.all(tcbInfos),
    identities: await Promise.all(identities),
    lists: await Promise.all(lists),
    listsRequired: await readAt(client, registry, { ...ofRegistry, functionName: "listsRequired", args: [] }),
  };
}

export function familyOf({ text }: SignedPart): Family {
  const { id, fmspc, pceId } = readTcbInfo(text);
  return { isTdx: id === "TDX", fmspc: hexlify(fmspc), pceId: hexlify(pceId) };
}

function describeInfo(part: SignedPart): string {
  const { isTdx, fmspc } = familyOf(part);
  return `TCB info of ${isTdx ? "TDX" : "SGX"}, family ${fmspc}`;
}

const describeIdentity = ({ text }: SignedPart): string => `identity of ${readEnclaveIdentity(text).id}`;

const keyOf = (issuerChain: Uint8Array): string => keccak256(certificateIn(issuerChain).point);
