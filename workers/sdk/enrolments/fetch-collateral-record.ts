import { hexlify, keccak256 } from "ethers";

import {
  type MinimumTcb,
  parseQuote,
  type Policy,
  type RootKey,
  STRICT_POLICY,
  TCB_STATUSES,
} from "../../tee/index.ts";
import { openAuthority, openPlatform, openRoot, splitChain } from "../../tee/verify/chain.ts";
import { readEnclaveIdentity } from "../../tee/verify/enclave-identity.ts";
import { readTcbInfo } from "../../tee/verify/tcb-info.ts";
import { KnownSignatures } from "../../tee/x509/p256-signature.ts";
import { readRevocationList } from "../../tee/x509/revocation-list.ts";
import type { Client } from "../client.ts";
import { minimumFrom } from "../collateral/dcap-contracts.ts";
import { type PostedCall, postedCalls } from "../collateral/posted-calls.ts";
import { type CollateralFact, decodeCertificateLogs, decodeCollateralLogs, type Position } from "../facts.ts";
import { fetchLogsOf } from "../fetch-logs.ts";
import { onChain } from "../rpc-error.ts";
import { unverified } from "../unverified.ts";
import type { CollateralRecord, RevocationRecord } from "./enrolment-record.ts";

/** Where a deployment keeps what a quote is held against. */
export interface CollateralPlaces {
  readonly store: string;
  readonly registry: string;
  /** Seconds for which a quote counts at most. */
  readonly maxAge: number;
}

export function isBefore(fact: Position, { blockNumber, logIndex }: Position): boolean {
  return fact.blockNumber < blockNumber || (fact.blockNumber === blockNumber && fact.logIndex < logIndex);
}

/**
 * What the chain held a quote against when it took it at that position: the newest lists before it, out of the calldata of
 * the transactions that posted them, and the administrator's choices, out of the logs: a node need not know old states.
 * Throws `EVIDENCE_NOT_FOUND` if a transaction does not show what it posted, and a `TeeError` for a quote whose
 * certificates do not lead to the root.
 */
export async function fetchCollateralRecord(
  client: Client,
  { store, registry, maxAge }: CollateralPlaces,
  quote: Uint8Array,
  { root, position }: { readonly root: RootKey; readonly position: Position },
): Promise<CollateralRecord> {
  const { isTdx, fmspc, pceId, issuers } = platformOf(quote, root);
  const logsOf = (address: string) =>
    fetchLogsOf(client, { address, topics: [], context: "logs of collateral" }, { toBlock: position.blockNumber });
  const before = <F extends Position>(facts: readonly F[]) => facts.filter((fact) => isBefore(fact, position));
  const [registryLogs, storeLogs] = await Promise.all([logsOf(registry), logsOf(store)]);
  const facts = before(decodeCollateralLogs(registryLogs));
  const entries = before(decodeCertificateLogs(storeLogs)).filter((fact) => fact.kind === "RevocationsEntered");

  const info = facts
    .filter((fact) => fact.kind === "TcbInfoPosted")
    .findLast((fact) => fact.isTdx === isTdx && fact.fmspc === fmspc && fact.pceId === pceId);
  const identity = facts.filter((fact) => fact.kind === "IdentityPosted").findLast((fact) => fact.isTdx === isTdx);
  const lists = issuers.map((key) => entries.findLast(({ issuerKey, complete }) => issuerKey === key && complete));

  const isInfo = (call: PostedCall) => {
    if (call.kind !== "tcbInfo") return false;
    const read = readTcbInfo(call.signed.text);
    return (read.id === "TDX") === isTdx && hexlify(read.fmspc) === fmspc && hexlify(read.pceId) === pceId;
  };
  const isIdentity = (call: PostedCall) =>
    call.kind === "identity" && (readEnclaveIdentity(call.signed.text).id === "TD_QE") === isTdx;
  const [infoCall, identityCall, ...listCalls] = await Promise.all([
    findCall(client, info, isInfo),
    findCall(client, identity, isIdentity),
    ...lists.map((fact) => findCall(client, fact, (call) => isList(call, fact?.list ?? ""))),
  ]);
  return {
    tcbInfos: infoCall !== undefined && "signed" in infoCall ? [infoCall.signed] : [],
    identities: identityCall !== undefined && "signed" in identityCall ? [identityCall.signed] : [],
    lists: listCalls.flatMap((call): RevocationRecord[] =>
      call?.kind === "revocations" ? [{ issuerChain: call.issuerChain, list: call.list }] : [],
    ),
    policy: policyOf(facts, maxAge),
  };
}

function platformOf(quote: Uint8Array, root: RootKey) {
  const parsed = parseQuote(quote);
  const chain = splitChain(parsed.chain);
  const known = new KnownSignatures();
  const top = openRoot(chain.root, root, known);
  const authority = openAuthority(chain.authority, top, known);
  const { tcb } = openPlatform(chain.leaf, authority, known);
  return {
    isTdx: parsed.body.kind !== "sgx",
    fmspc: hexlify(tcb.fmspc),
    pceId: hexlify(tcb.pceId),
    issuers: [keccak256(top.point), keccak256(authority.point)],
  };
}

function isList(call: PostedCall, digest: string): boolean {
  return call.kind === "revocations" && hexlify(readRevocationList(call.list).digest) === digest;
}

/** The call behind an event; undefined if there is no event. */
async function findCall(
  { provider }: Client,
  fact: Position | undefined,
  isIt: (call: PostedCall) => boolean,
): Promise<PostedCall | undefined> {
  if (fact === undefined) return undefined;
  const { transactionHash } = fact;
  const transaction = await onChain(`transaction ${transactionHash}`, () => provider.getTransaction(transactionHash));
  const call = postedCalls(transaction?.data ?? "0x").find(isIt);
  if (call === undefined)
    throw unverified("EVIDENCE_NOT_FOUND", `transaction ${transactionHash} does not show the collateral it posted`, {
      transactionHash,
    });
  return call;
}

/** What the administrator chose last, and what holds as long as nothing was chosen. */
function policyOf(facts: readonly CollateralFact[], maxAge: number): Policy {
  const accepted = facts.filter((fact) => fact.kind === "StatusesAccepted").at(-1);
  const required = facts.filter((fact) => fact.kind === "ListsRequired").at(-1);
  return {
    acceptedStatuses:
      accepted === undefined
        ? STRICT_POLICY.acceptedStatuses
        : TCB_STATUSES.filter((_, index) => ((accepted.statuses >> BigInt(index)) & 1n) === 1n),
    listsRequired: required?.required ?? STRICT_POLICY.listsRequired,
    minimums: { sgx: minimumOf(facts, false), tdx: minimumOf(facts, true) },
    maxAge,
  };
}

function minimumOf(facts: readonly CollateralFact[], isTdx: boolean): MinimumTcb | null {
  const set = facts.filter((fact) => fact.kind === "MinimumSet").findLast((fact) => fact.isTdx === isTdx);
  return set === undefined ? null : minimumFrom(set.minimum);
}
