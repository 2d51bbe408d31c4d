import { AbiCoder, concat, hexlify, keccak256, recoverAddress, TypedDataEncoder } from "ethers";

import { Collateral, INTEL_ROOT, type QuoteFindings, type RootKey, TeeError, verifyQuote } from "../../tee/index.ts";
import { type NitroFindings, verifyNitroDocument } from "../../tee/nitro/index.ts";
import type { Deployment } from "../deployment.ts";
import { unverified } from "../unverified.ts";
import { decodeHeader } from "./block-header.ts";
import type {
  CollateralRecord,
  DcapEvidence,
  EnrolmentEvidence,
  EnrolmentRecord,
  NitroEvidence,
} from "./enrolment-record.ts";

interface BindingFindings {
  readonly quoteHash: string;
  /** The quote is not older than this, in seconds; null if the header of the block that it binds is not known. */
  readonly quotedAfter: number | null;
}

interface DcapFindings extends QuoteFindings {
  readonly kind: "dcap";
}

interface DocumentFindings extends NitroFindings {
  readonly kind: "nitro";
  readonly reportData: string;
  /** Until when it counts. */
  readonly validUntil: number;
  /** Whether it was looked up which of its certificates had been distrusted or shown to be revoked. */
  readonly trustKnown: boolean;
}

/** What was found out about an enrolment without the chain's word. */
export type EnrolmentFindings = BindingFindings & (DcapFindings | DocumentFindings);

/** What enrolments lead to. */
export interface EnrolmentRoots {
  /** The public key of the root of Intel's quotes, 64 bytes: Intel's unless told. */
  readonly root?: RootKey | undefined;
  /** The certificate of the root of Nitro's documents, in DER: that of AWS unless told. */
  readonly nitroRoot?: Uint8Array | undefined;
}

export interface CheckEnrolmentOptions extends EnrolmentRoots {
  /** Certificates of Nitro that are distrusted, by what the contracts know them by; undefined if that is not known. */
  readonly distrusted?: ReadonlySet<string> | undefined;
}

const ENROLMENT_TYPE = {
  Enrolment: [
    { name: "worker", type: "address" },
    { name: "quoteHash", type: "bytes32" },
  ],
};

/** Quotes bind blocks of at most 8191 ago where the chain keeps so many hashes: about a day with blocks of 12 s. */
const MOST_AGE = 2 * 86_400;

export type Registry = Pick<Deployment, "chainId" | "enclaveRegistry">;

/**
 * Checks an enrolment by itself: the enclave's key signed the quote; the quote is genuine under the root at the time of
 * the enrolment, with the collateral that was there; and it binds key, worker, key epoch, registry, chain and the block.
 * The root is the maker's unless another one is named. Throws `RESULT_UNVERIFIED`, with the check that failed.
 */
export function checkEnrolment(
  registry: Registry,
  evidence: EnrolmentEvidence,
  options: CheckEnrolmentOptions = {},
): EnrolmentFindings {
  const { enrolment } = evidence;
  const quoteHash = keccak256(enrolment.quote);
  requirePossession(registry, enrolment, quoteHash);
  const findings = verify(evidence, options);
  const needed = concat([bindingOf(registry, enrolment), enrolment.blockHash]);
  if (findings.reportData !== needed)
    throw failed("reportData", "the quote binds another key, worker, epoch, registry, chain or block", {
      had: findings.reportData,
      needed,
    });
  return { ...findings, quoteHash, quotedAfter: headerTime(enrolment) };
}

/** First half of the report data, as `IEnclaveRegistry.reportData` tells it. */
function bindingOf({ chainId, enclaveRegistry }: Registry, { enclaveKey, worker, epoch }: EnrolmentRecord): string {
  const types = ["uint256", "address", "address", "address", "uint32"];
  const values = [chainId, enclaveRegistry, enclaveKey, worker, epoch];
  return keccak256(AbiCoder.defaultAbiCoder().encode(types, values));
}

/** What an enclave's key signs to show that it holds the quote. */
export function enrolmentDigest(
  { chainId, enclaveRegistry }: Registry,
  enrolment: { readonly worker: string; readonly quoteHash: string },
): string {
  const domain = { name: "Assay EnclaveRegistry", version: "1", chainId, verifyingContract: enclaveRegistry };
  return TypedDataEncoder.hash(domain, ENROLMENT_TYPE, enrolment);
}

function requirePossession(registry: Registry, enrolment: EnrolmentRecord, quoteHash: string): void {
  const { enclaveKey, worker, keySignature } = enrolment;
  const digest = enrolmentDigest(registry, { worker, quoteHash });
  let signer: string | undefined;
  try {
    signer = recoverAddress(digest, hexlify(keySignature));
  } catch {
    // What is no signature was made by nobody.
  }
  if (signer !== enclaveKey)
    throw failed("possession", `the enclave's key ${enclaveKey} did not sign its quote for ${worker}`);
}

function verify(evidence: EnrolmentEvidence, options: CheckEnrolmentOptions): DcapFindings | DocumentFindings {
  try {
    return evidence.kind === "dcap" ? ofQuote(evidence, options) : ofDocument(evidence, options);
  } catch (error) {
    throw error instanceof TeeError ? quoteFailure(error) : error;
  }
}

function ofQuote(
  { enrolment: { quote, enrolledAt }, collateral }: DcapEvidence,
  { root = INTEL_ROOT }: EnrolmentRoots,
): DcapFindings {
  const opened = openCollateral(collateral, root, enrolledAt);
  return { kind: "dcap", ...verifyQuote(quote, { collateral: opened, now: enrolledAt }) };
}

function ofDocument(
  { enrolment: { quote, enrolledAt }, maxAge }: NitroEvidence,
  { nitroRoot: root, distrusted }: CheckEnrolmentOptions,
): DocumentFindings {
  const findings = verifyNitroDocument(quote, {
    now: enrolledAt,
    ...(root !== undefined && { root }),
    ...(distrusted !== undefined && { distrusted }),
  });
  return {
    kind: "nitro",
    ...findings,
    reportData: findings.userData,
    validUntil: findings.timestamp + maxAge,
    trustKnown: distrusted !== undefined,
  };
}

export function quoteFailure(error: TeeError) {
  return failed("quote", `the quote does not hold: ${error.message}`, { error: error.code, ...error.details });
}

/** What was posted, checked again as of that time. Throws a `TeeError`. */
export function openCollateral(record: CollateralRecord, root: RootKey, now: number): Collateral {
  const collateral = new Collateral(root, record.policy);
  for (const signed of record.tcbInfos) collateral.addTcbInfo(signed, now);
  for (const signed of record.identities) collateral.addIdentity(signed, now);
  for (const { issuerChain, list } of record.lists) addList(collateral, issuerChain, list, now);
  return collateral;
}

/** A list that ran out tells nothing any more; whether a current one is needed, the policy says. */
function addList(collateral: Collateral, issuerChain: Uint8Array, list: Uint8Array, now: number): void {
  try {
    collateral.addRevocations(issuerChain, list, now);
  } catch (error) {
    if (!(error instanceof TeeError) || error.code !== "ListNotCurrent") throw error;
  }
}

/** A header that hashes to what the quote binds says when that block was, whoever brought it. */
function headerTime({ blockHeader, blockHash, blockNumber, enrolledAt }: EnrolmentRecord): number | null {
  if (blockHeader === null) return null;
  const header = decodeHeader(blockHeader);
  if (header?.hash !== blockHash || header.number !== blockNumber)
    throw failed("block", `the header is not the one of block ${blockNumber} with hash ${blockHash}`);
  const isInTime = header.timestamp <= enrolledAt && enrolledAt <= header.timestamp + MOST_AGE;
  if (!isInTime)
    throw failed("block", `the quote binds a block of ${header.timestamp}, too far from its enrolment`, {
      had: enrolledAt,
      needed: header.timestamp,
    });
  return header.timestamp;
}

function failed(check: string, message: string, details: Record<string, unknown> = {}) {
  return unverified("RESULT_UNVERIFIED", message, { check, ...details });
}
