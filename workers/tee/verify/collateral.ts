import { sha256 } from "@noble/hashes/sha2.js";

import { hex, isEqual } from "../bytes.ts";
import { TeeError } from "../error.ts";
import { isSignedBy, KnownSignatures } from "../x509/p256-signature.ts";
import { readEntry, readRevocationList, type RevocationList } from "../x509/revocation-list.ts";
import { openAuthority, openRoot, openSigner, requireValidAt, splitShortChain, type Verified } from "./chain.ts";
import { type EnclaveIdentity, readEnclaveIdentity } from "./enclave-identity.ts";
import type { PlatformTcb } from "./pck-extension.ts";
import { type Policy, requireSane, STRICT_POLICY } from "./policy.ts";
import { INTEL_ROOT, isSimulatedRoot, type RootKey } from "./root.ts";
import { readTcbInfo, type TcbInfo } from "./tcb-info.ts";

/** Collateral as Intel serves it: its exact bytes, r and s over them (64 bytes), and the signer's chain in PEM. */
export interface SignedText {
  readonly text: Uint8Array;
  readonly signature: Uint8Array;
  readonly signerChain: Uint8Array;
}

interface Lists {
  readonly revoked: Set<bigint>;
  thisUpdate: number;
  nextUpdate: number;
}

/**
 * What is known about platforms under one root: signed collateral and revocation lists, each checked when it is added as
 * the contracts check it when it is posted (CertificateStore, CollateralRegistry), and the policy that quotes are held to.
 * `now` is in seconds since 1970.
 */
export class Collateral {
  readonly root: RootKey;
  readonly policy: Policy;
  /** Of certificates, under any root. */
  readonly signatures = new KnownSignatures();
  readonly #infos = new Map<string, TcbInfo>();
  readonly #identities = new Map<string, EnclaveIdentity>();
  // By the key of the issuer: lists and certificates of one key belong together whatever certifies it.
  readonly #lists = new Map<string, Lists>();
  /** Where to go on in a list that was entered in part. */
  readonly #progress = new Map<string, number>();

  constructor(root: RootKey = INTEL_ROOT, policy: Policy = STRICT_POLICY) {
    requireSane(policy);
    this.root = root;
    this.policy = policy;
  }

  get isSimulated(): boolean {
    return isSimulatedRoot(this.root);
  }

  /** `text` is the value of "tcbInfo" exactly as signed. */
  addTcbInfo(signed: SignedText, now: number): TcbInfo {
    this.#requireSigned(signed, now);
    const info = readTcbInfo(signed.text);
    const family = familyOf(info.id === "TDX", info.fmspc, info.pceId);
    requireNewer(info, this.#infos.get(family), now);
    this.#infos.set(family, info);
    return info;
  }

  /** `text` is the value of "enclaveIdentity" exactly as signed. */
  addIdentity(signed: SignedText, now: number): EnclaveIdentity {
    this.#requireSigned(signed, now);
    const identity = readEnclaveIdentity(signed.text);
    if (identity.id !== "QE" && identity.id !== "TD_QE") throw new TeeError("IdentityUnknown", { id: identity.id });
    requireNewer(identity, this.#identities.get(identity.id), now);
    this.#identities.set(identity.id, identity);
    return identity;
  }

  /** `issuerChain` is the root, or an intermediate authority and the root, in PEM; `list` is DER. */
  addRevocations(issuerChain: Uint8Array, list: Uint8Array, now: number, maxEntries = Infinity): RevocationList {
    const issuer = this.#openIssuer(issuerChain, now);
    const parsed = readRevocationList(list);
    const lists = this.#listsOf(issuer.point);
    requireList(parsed, issuer, lists.thisUpdate, now);

    const digest = hex(issuer.point) + hex(parsed.digest);
    let pos = this.#progress.get(digest) ?? parsed.entriesFrom;
    for (let entered = 0; pos < parsed.entriesTo && entered < maxEntries; ++entered) {
      const { serial, to } = readEntry(parsed, pos);
      lists.revoked.add(serial);
      pos = to;
    }
    this.#progress.set(digest, pos);
    if (pos === parsed.entriesTo) ({ thisUpdate: lists.thisUpdate, nextUpdate: lists.nextUpdate } = parsed);
    return parsed;
  }

  tcbInfoOf(isTdx: boolean, { fmspc, pceId }: PlatformTcb): TcbInfo | undefined {
    return this.#infos.get(familyOf(isTdx, fmspc, pceId));
  }

  identityOf(isTdx: boolean): EnclaveIdentity | undefined {
    return this.#identities.get(isTdx ? "TD_QE" : "QE");
  }

  requireNotRevoked(issuer: Verified, { serial }: Verified): void {
    if (this.#lists.get(hex(issuer.point))?.revoked.has(serial)) throw new TeeError("CertificateRevoked", { serial });
  }

  /** Until when the complete list of an issuer is current; zero without one. */
  listUntil({ point }: Verified): number {
    return this.#lists.get(hex(point))?.nextUpdate ?? 0;
  }

  #requireSigned({ text, signature, signerChain }: SignedText, now: number): void {
    const { leaf, root: top } = splitShortChain(signerChain);
    if (leaf === null) throw new TeeError("PemMalformed", { pos: signerChain.length });
    const root = openRoot(top, this.root, this.signatures);
    const signer = openSigner(leaf, root, this.signatures);
    requireValidAt(signer, now);
    this.requireNotRevoked(root, signer);
    const digest = sha256(text);
    if (!isSignedBy(signer.point, digest, signature))
      throw new TeeError("CollateralSignature", { digest: hex(digest) });
  }

  #openIssuer(chain: Uint8Array, now: number): Verified {
    const { leaf, root: top } = splitShortChain(chain);
    const root = openRoot(top, this.root, this.signatures);
    const issuer = leaf === null ? root : openAuthority(leaf, root, this.signatures);
    requireValidAt(issuer, now);
    if (leaf !== null) this.requireNotRevoked(root, issuer);
    return issuer;
  }

  #listsOf(point: Uint8Array): Lists {
    const key = hex(point);
    const lists = this.#lists.get(key) ?? { revoked: new Set(), thisUpdate: 0, nextUpdate: 0 };
    this.#lists.set(key, lists);
    return lists;
  }
}

function familyOf(isTdx: boolean, fmspc: Uint8Array, pceId: Uint8Array): string {
  return `${isTdx} ${hex(fmspc)} ${hex(pceId)}`;
}

interface Dated {
  readonly issueDate: number;
  readonly nextUpdate: number;
  readonly tcbEvaluationDataNumber: number;
}

/** Older collateral can still be within its dates; to add it must not undo what came after. */
function requireNewer(added: Dated, had: Dated | undefined, now: number): void {
  requireCurrent(added, now);
  const isNewer =
    had === undefined ||
    (added.issueDate > had.issueDate && added.tcbEvaluationDataNumber >= had.tcbEvaluationDataNumber);
  if (!isNewer) throw new TeeError("CollateralSuperseded", { issuedAt: added.issueDate, had: had.issueDate });
}

export function requireCurrent({ issueDate, nextUpdate }: Pick<Dated, "issueDate" | "nextUpdate">, now: number): void {
  const isCurrent = issueDate <= now && now < nextUpdate;
  if (!isCurrent) throw new TeeError("CollateralNotCurrent", { issuedAt: issueDate, nextUpdate });
}

function requireList(list: RevocationList, issuer: Verified, had: number, now: number): void {
  const { thisUpdate, nextUpdate } = list;
  const name = issuer.certificate.subject;
  if (!isEqual(list.issuer, name)) throw new TeeError("IssuerMismatch", { had: hex(list.issuer), needed: hex(name) });
  const isCurrent = thisUpdate <= now && now < nextUpdate;
  if (!isCurrent) throw new TeeError("ListNotCurrent", { thisUpdate, nextUpdate });
  if (thisUpdate <= had) throw new TeeError("ListSuperseded", { thisUpdate, had });
  if (!isSignedBy(issuer.point, list.digest, list.signature))
    throw new TeeError("ListSignature", { list: hex(list.digest) });
}
